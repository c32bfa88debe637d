"""Regions of several readers that mean the same: groups with at most one of each reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from osteon.clinic.annotation.records.read import Point, Region
from osteon.core.geometry import Box, iou


@dataclass(frozen=True, slots=True)
class Group:
    """Regions that mean the same.

    Attributes:
        label: of all of them.
        image: position of the image.
        regions: by reader.
    """

    label: str
    image: int
    regions: Mapping[int, Region]


def bounds(points: Sequence[Point]) -> Box:
    """The box round points, in pixels of the image."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def near(a: Region, b: Region, least: float) -> float:
    """How well two regions match, in (0, 1]; 0 where they do not.

    Boxes and polygons match by the overlap of the boxes round them from ``least`` on. Points, lines and angles have no area:
    the boxes round them are widened by a fiftieth of the longer side of what lies round both, at least 5 pixels, so that those
    match that lie within about that distance.
    """
    if (a.label, a.image, a.kind) != (b.label, b.image, b.kind):
        return 0.0
    first, second = bounds(a.points), bounds(b.points)
    if min(first.width, first.height, second.width, second.height) < 1.0:
        both = bounds([*a.points, *b.points])
        margin = max(5.0, max(both.width, both.height) / 50)
        first, second = _wider(first, margin), _wider(second, margin)
    overlap = iou(first, second)
    return overlap if overlap >= least else 0.0


def groups(regions: Mapping[int, Sequence[Region]], least: float) -> list[Group]:
    """Group the regions of readers, the best match first, each region in one group.

    A region joins a group where it matches each region of it, and no region of its own reader is there.

    Args:
        regions: by reader.
        least: intersection over union from which two boxes match.
    """
    flat = [(reader, region) for reader in sorted(regions) for region in regions[reader]]
    pairs = sorted(
        (
            (-score, first, second)
            for first in range(len(flat))
            for second in range(first + 1, len(flat))
            if flat[first][0] != flat[second][0] and (score := near(flat[first][1], flat[second][1], least)) > 0
        ),
    )
    matched = {(first, second) for _, first, second in pairs}
    of: dict[int, set[int]] = {index: {index} for index in range(len(flat))}
    for _, first, second in pairs:
        one, other = of[first], of[second]
        if one is other or not _joins(one, other, flat, matched):
            continue
        one |= other
        for index in other:
            of[index] = one
    distinct = {min(members): members for members in of.values()}
    return [
        Group(flat[least_index][1].label, flat[least_index][1].image, {flat[i][0]: flat[i][1] for i in sorted(members)})
        for least_index, members in sorted(distinct.items())
    ]


def _joins(one: set[int], other: set[int], flat: Sequence[tuple[int, Region]], matched: set[tuple[int, int]]) -> bool:
    if {flat[index][0] for index in one} & {flat[index][0] for index in other}:
        return False
    return all((min(a, b), max(a, b)) in matched for a in one for b in other)


def _wider(box: Box, margin: float) -> Box:
    return Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
