"""What each reader did: studies, active time, speed, what became of the model's proposals."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from osteon.clinic.annotation.agreement.judgements import normal_labels
from osteon.clinic.annotation.agreement.records import ReaderRow
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import AssignmentState, ItemState, MemberRole
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Provenance, Read

_WAITING = (AssignmentState.OPEN, AssignmentState.AIDED)


def reader_rows(content: ProjectContent) -> tuple[ReaderRow, ...]:
    """What the readers of a project did, over all stages and rounds; those with neither reads nor assignments are left out.

    Studies that were screened out later count, since the time was spent.
    """
    normal = normal_labels(content.schema)
    images = {item.id: len(item.images) for item in content.items}
    included = {item.id for item in content.items if item.state is not ItemState.SCREENED_OUT}
    reads: dict[int, list[Read]] = {}
    for read in content.reads:
        reads.setdefault(read.reader, []).append(read)
    waiting: dict[int, int] = {}
    for one in content.assignments:
        if one.state in _WAITING and one.item in included:
            waiting[one.reader] = waiting.get(one.reader, 0) + 1
    rows: list[ReaderRow] = []
    for member in content.members:
        own = reads.get(member.id, [])
        if own or waiting.get(member.id) or member.role is MemberRole.ANNOTATOR:
            rows.append(_row(member.name, own, images, waiting.get(member.id, 0), normal))
    return tuple(sorted(rows, key=lambda row: row.reader))


def is_abnormal(read: Read | Consensus, normal: frozenset[str]) -> bool:
    """Whether anything is said to be there: a region, or a label other than the normal ones."""
    return bool(read.regions) or any(answer.value == 1 and answer.label not in normal for answer in read.answers)


def _row(name: str, reads: Sequence[Read], images: dict[int, int], waiting: int, normal: frozenset[str]) -> ReaderRow:
    done = [read for read in reads if not read.skip_reason]
    # One read for each assignment, its latest round and stage, is what the reader says of the study in the end.
    last = {read.assignment: read for read in done}
    first = [read for read in last.values() if not read.repeat_of]
    here = [read for read in reads if not read.imported_from]
    seconds: dict[str, float] = {}
    for read in here:
        seconds[read.assignment] = seconds.get(read.assignment, 0.0) + read.active_seconds
    timed = [seconds[read.assignment] for read in last.values() if read.assignment in seconds]
    total = sum(seconds.values())
    provenance = [region.provenance for read in last.values() for region in read.regions]
    finished = [read.finished for read in here]
    return ReaderRow(
        reader=name,
        studies=len(first),
        repeats=len(last) - len(first),
        skipped=sum(1 for read in reads if read.skip_reason),
        questions=sum(1 for read in reads if read.question),
        open=waiting,
        images=sum(images.get(read.item, 0) for read in first),
        regions=sum(len(read.regions) for read in first),
        abnormal=sum(1 for read in first if is_abnormal(read, normal)),
        minutes=total / 60,
        median_seconds=median(timed) if timed else None,
        per_hour=3600 * len(timed) / sum(timed) if timed and sum(timed) > 0 else None,
        accepted=provenance.count(Provenance.ACCEPTED),
        edited=provenance.count(Provenance.EDITED),
        rejected=sum(len(read.rejected) for read in last.values()),
        first=min(finished, default=None),
        last=max(finished, default=None),
    )
