"""What the readers of a study disagree on: labels of the study, labels of images, regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.clinic.annotation.matching import Group, groups
from osteon.clinic.annotation.records.read import Read, Stage
from osteon.clinic.annotation.schema.records import LabelSchema, LabelScope


@dataclass(frozen=True, slots=True)
class LabelDisagreement:
    """A label that readers answer differently; who gave no answer has the value None.

    Attributes:
        label: identifier.
        image: position; None for labels of the study.
        values: by number of the read.
    """

    label: str
    image: int | None
    values: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class RegionDisagreement:
    """A region that some readers have and others have not.

    Attributes:
        group: the regions, by number of the read.
        missing: numbers of the reads that have none there.
    """

    group: Group
    missing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """All that readers of a study disagree on; empty where they agree."""

    labels: tuple[LabelDisagreement, ...]
    regions: tuple[RegionDisagreement, ...]

    def __bool__(self) -> bool:
        return bool(self.labels or self.regions)


def counted(reads: Sequence[Read]) -> list[Read]:
    """The reads that count for consensus: of each reader the last, of the first reading of a study and not of its repeat.

    Skipped reads say nothing. Of an unaided and an aided read of the same reader the aided one counts, which came later.
    """
    last: dict[int, Read] = {}
    for read in sorted(reads, key=lambda read: (read.round, read.stage is Stage.AIDED, read.id)):
        if not read.repeat_of:
            last[read.reader] = read
    return [last[reader] for reader in sorted(last) if not last[reader].skip_reason]


def disagreement(schema: LabelSchema, reads: Sequence[Read], images: Sequence[int], least: float) -> Disagreement:
    """What reads of a study disagree on.

    Args:
        schema: the labels.
        reads: of different readers, as ``counted`` gives them.
        images: positions of all images.
        least: intersection over union from which boxes match.
    """
    said = {read.id: {(answer.label, answer.image): answer.value for answer in read.answers} for read in reads}
    labels: list[LabelDisagreement] = []
    for label in schema.walk():
        if label.scope is LabelScope.REGION or not label.selectable:
            continue
        places: Sequence[int | None] = (None,) if label.scope is LabelScope.STUDY else images
        for place in places:
            values = {read: answers.get((label.id, place)) for read, answers in said.items()}
            if len({value or 0 for value in values.values()}) > 1:
                labels.append(LabelDisagreement(label.id, place, values))
    found = groups({read.id: read.regions for read in reads}, least)
    regions = [
        RegionDisagreement(group, missing)
        for group in found
        if (missing := tuple(read.id for read in reads if read.id not in group.regions))
    ]
    return Disagreement(tuple(labels), tuple(regions))
