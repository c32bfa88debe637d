"""Which reads count: finished ones of one stage, the last round of each, of studies that were not screened out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from osteon.clinic.annotation.agreement.records import AgreementOptions
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import Item, ItemState
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Read


@dataclass(frozen=True, slots=True)
class Selection:
    """The reads that are compared.

    Attributes:
        items: studies that are not screened out, by number.
        first: the read of each study and reader, by (item, reader), both numbers.
        repeated: first and second read of the same study by the same reader.
        consensus: by item.
        readers: names by number, of all who have a read that counts.
        left_out: see ``Agreement.left_out``.
    """

    items: Mapping[int, Item]
    first: Mapping[tuple[int, int], Read]
    repeated: tuple[tuple[Read, Read], ...]
    consensus: Mapping[int, Consensus]
    readers: Mapping[int, str]
    left_out: Mapping[str, int]


def selected(content: ProjectContent, options: AgreementOptions) -> Selection:
    """Choose the reads of a project that are compared."""
    items = {item.id: item for item in content.items if item.state is not ItemState.SCREENED_OUT}
    left_out: Counter[str] = Counter()
    last: dict[str, Read] = {}
    for read in content.reads:
        if read.stage is not options.stage:
            continue
        reason = _reason(read, content, items, options)
        if reason:
            left_out[reason] += 1
            continue
        earlier = last.get(read.assignment)
        if earlier is None or earlier.round < read.round:
            last[read.assignment] = read
        if earlier is not None:
            left_out["sent_back"] += 1
    first = {(read.item, read.reader): read for read in last.values() if not read.repeat_of}
    repeated = tuple(
        (last[read.repeat_of], read) for read in last.values() if read.repeat_of and read.repeat_of in last
    )
    names = {member.id: member.name for member in content.members}
    numbers = sorted({reader for _, reader in first} | {second.reader for _, second in repeated})
    return Selection(
        items,
        first,
        repeated,
        {one.item: one for one in content.consensus if one.item in items},
        {number: names.get(number, f"reader {number}") for number in numbers},
        dict(left_out),
    )


def _reason(read: Read, content: ProjectContent, items: Mapping[int, Item], options: AgreementOptions) -> str:
    """Why a read does not count; empty where it does."""
    if read.item not in items:
        return "screened_out"
    if read.skip_reason:
        return "skipped"
    if read.imported_from and not options.imported:
        return "imported"
    # A label that an earlier schema did not have was not denied by whoever did not say it.
    return "" if read.schema_version == content.project.schema_version else "other_schema"
