"""Consensus by a rule: what becomes of the answers and regions of several readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from osteon.clinic.annotation.matching import Group, groups
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.read import Answer, Read, Region
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.core.labels import UNKNOWN


def decide(
    reads: Sequence[Read], rule: ConsensusRule, least: float, weights: Mapping[int, float] | None = None
) -> tuple[tuple[Answer, ...], tuple[Region, ...]]:
    """Answers and regions of a consensus.

    An answer that a reader did not give counts as *absent* where another reader gave one: in these schemas what is not said is
    not there. An answer *unknown* has no voice, and where no voice is left, or a tie, the consensus is unknown.

    Args:
        reads: of different readers, at least one.
        rule: not ``person``.
        least: intersection over union from which boxes match.
        weights: by number of the reader, for ``weighted``; 1 for those who are not there.

    Raises:
        ValueError: the rule is ``person``, or there is no read.
    """
    if rule is ConsensusRule.PERSON or not reads:
        raise ValueError("expected a rule, and at least one read")
    voices = {
        read.id: (weights or {}).get(read.reader, 1.0) if rule is ConsensusRule.WEIGHTED else 1.0 for read in reads
    }
    said = {read.id: {(answer.label, answer.image): answer.value for answer in read.answers} for read in reads}
    keys = sorted(
        {key for answers in said.values() for key in answers},
        key=lambda key: (key[0], -1 if key[1] is None else key[1]),
    )
    answers = tuple(
        Answer(label, _value({read: said[read].get((label, image), 0) for read in said}, voices, rule), image)
        for label, image in keys
    )
    found = groups({read.id: read.regions for read in reads}, least)
    kept = [group for group in found if _wins(tuple(group.regions), voices, rule)]
    return answers, tuple(_merged(group, f"consensus-{number + 1}") for number, group in enumerate(kept))


def _value(values: Mapping[int, int], voices: Mapping[int, float], rule: ConsensusRule) -> int:
    known = {read: value for read, value in values.items() if value != UNKNOWN}
    total = sum(voices[read] for read in known)
    if total <= 0:
        return UNKNOWN
    for_it = sum(voices[read] for read, value in known.items() if value == 1)
    if rule is ConsensusRule.ANY:
        return int(for_it > 0)
    if rule is ConsensusRule.ALL:
        return int(for_it == total)
    return UNKNOWN if 2 * for_it == total else int(2 * for_it > total)


def _wins(having: Collection[int], voices: Mapping[int, float], rule: ConsensusRule) -> bool:
    """Whether a region is kept; at a tie it is not."""
    if rule is ConsensusRule.ANY:
        return True
    if rule is ConsensusRule.ALL:
        return len(having) == len(voices)
    return 2 * sum(voices[read] for read in having) > sum(voices.values())


def _merged(group: Group, name: str) -> Region:
    """One region of several: the mean of the points of boxes, points and angles; of lines and polygons the first."""
    regions = list(group.regions.values())
    first = regions[0]
    if first.kind in (RegionKind.POLYGON, RegionKind.POLYLINE):  # whose points are not each other's
        return replace(first, id=name)
    mean = tuple(
        (
            sum(region.points[index][0] for region in regions) / len(regions),
            sum(region.points[index][1] for region in regions) / len(regions),
        )
        for index in range(len(first.points))
    )
    return replace(first, id=name, points=mean)
