"""Regions of reads as boxes that can be matched: boxes as they are, polygons by what encloses them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.read import Read, Region
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.stats.detection.boxes import Boxes, boxes

COMPARED: Final = (RegionKind.BOX, RegionKind.POLYGON)
"""Shapes that enclose something; overlap means nothing of points and lines."""


def corners(region: Region) -> tuple[float, float, float, float]:
    """The rectangle round a region: ``(x0, y0, x1, y1)`` in pixels of the stored image."""
    across, down = [x for x, _ in region.points], [y for _, y in region.points]
    return min(across), min(down), max(across), max(down)


def boxes_of(
    reads: Sequence[tuple[int, Read | Consensus | None]],
    images: Mapping[tuple[int, int], int],
    labels: Mapping[str, int],
) -> Boxes:
    """Boxes of reads.

    Args:
        reads: item and what was read of it; nothing drawn where that is None.
        images: number of each (item, image); regions of other images are left out.
        labels: number of each label; regions of other labels are left out.
    """
    found = [
        (images[item, region.image], labels[region.label], corners(region))
        for item, read in reads
        if read is not None
        for region in read.regions
        if region.kind in COMPARED and region.label in labels and (item, region.image) in images
    ]
    return boxes([image for image, _, _ in found], [label for _, label, _ in found], [box for _, _, box in found])


def not_compared(reads: Iterable[Read]) -> dict[str, int]:
    """Number of regions of each shape that is not compared: points and lines."""
    compared = {*COMPARED, RegionKind.ANGLE}
    return dict(Counter(str(region.kind) for read in reads for region in read.regions if region.kind not in compared))
