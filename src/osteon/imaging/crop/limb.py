"""Where in a radiograph the limb is: the rectangle round all tissue, without black, collimation and bright strips at the edges.

A small copy of the image is looked at (``tissue``): letters and other small things are dropped, and what is left is enclosed
with a margin. Where the result is in doubt - hardly any tissue, or tissue nearly everywhere - the whole image is kept: a fracture
that is cropped away is missed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.imaging.crop.region import Region
from osteon.imaging.crop.tissue import shrunk, tissue, trimmed

_NEAR: Final = 0.05  # of the longer side: a piece that comes so near to an edge may be a strip along it
_NARROW: Final = 0.1  # of the side, the widest of such strips
_PIECE: Final = 0.02  # of the largest piece of tissue, below which a piece is dropped
_SPECK: Final = 0.004  # of the image, below which a piece is dropped
_MARGIN: Final = 0.04  # of the longer side, round the tissue
_LEAST: Final = 0.03  # of the image: with less tissue than this the whole image is kept
_LEAST_SIDE: Final = 64  # pixels; a smaller image is kept whole
_WHOLE: Final = 0.92  # of the image: a rectangle larger than this is the whole image
_VIEW: Final = 0.2  # of all tissue, that each of two views holds


class Limb(NamedTuple):
    """What is seen of a radiograph's layout.

    Attributes:
        region: round all tissue, in pixels of the image.
        views: regions of the views in one picture, from left to right or from top to bottom: two where a gap or a bright strip
            divides the tissue in two, else one.
    """

    region: Region
    views: tuple[Region, ...]


def find_limb(pixels: NDArray[np.uint8 | np.float32]) -> Limb:
    """The limb in an image (H, W), 0 to 255 or in [0, 1], with a black background."""
    rows, columns = pixels.shape
    whole = Region(0, rows, 0, columns)
    if min(rows, columns) < _LEAST_SIDE:
        return Limb(whole, (whole,))
    copy = shrunk(pixels)
    inner = trimmed(copy)
    found = tissue(copy, inner)
    pieces = _pieces(found)
    if not pieces or found.mean() < _LEAST:
        return Limb(whole, (whole,))
    scale = (rows / copy.shape[0], columns / copy.shape[1])
    region = _grown(_union(pieces), scale, (rows, columns))
    if region.shape[0] * region.shape[1] > _WHOLE * rows * columns:
        region = whole
    return Limb(region, _views(found, inner, scale, region))


def _pieces(found: NDArray[np.bool_]) -> list[Region]:
    """Connected pieces of tissue that are large enough to be part of a body."""
    count, _, about, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    if count < 2:
        return []
    about = np.array([row for row in about[1:] if not _along_edge(row, found.shape)], np.int64).reshape(-1, 5)
    if not len(about):
        return []
    areas = about[:, cv2.CC_STAT_AREA]
    least = max(_SPECK * found.size, _PIECE * float(areas.max()))
    return [
        Region(int(y), int(y + height), int(x), int(x + width)) for x, y, width, height, area in about if area >= least
    ]


def _along_edge(about: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether a piece is a narrow strip along an edge: of a cassette, a table, or the edge of the field."""
    x, y, width, height, _ = (int(value) for value in about)
    rows, columns = shape
    near = round(_NEAR * max(shape))
    beside = (x <= near or x + width >= columns - near) and width <= _NARROW * columns and height >= 3 * width
    above = (y <= near or y + height >= rows - near) and height <= _NARROW * rows and width >= 3 * height
    return beside or above


def _union(pieces: list[Region]) -> Region:
    return Region(
        min(piece.top for piece in pieces),
        max(piece.bottom for piece in pieces),
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
    )


def _grown(region: Region, scale: tuple[float, float], shape: tuple[int, int]) -> Region:
    """A region of the small copy in pixels of the image, with a margin."""
    margin = _MARGIN * max(shape)
    return Region(
        max(0, int(region.top * scale[0] - margin)),
        min(shape[0], int(np.ceil(region.bottom * scale[0] + margin))),
        max(0, int(region.left * scale[1] - margin)),
        min(shape[1], int(np.ceil(region.right * scale[1] + margin))),
    )


def _views(found: NDArray[np.bool_], inner: Region, scale: tuple[float, float], region: Region) -> tuple[Region, ...]:
    """The two views of one picture, or the region alone."""
    for axis in (0, 1):  # side by side first, as cassettes are divided
        filled = found.sum(axis)
        low, high = (inner.left, inner.right) if axis == 0 else (inner.top, inner.bottom)
        empty = np.flatnonzero(filled[low:high] <= 0.01 * found.shape[axis]) + low
        total = filled.sum()
        before = np.cumsum(filled)
        between = [line for line in empty if _VIEW * total <= before[line] <= (1 - _VIEW) * total]
        if between:
            cut = int(between[len(between) // 2] * scale[1 - axis])
            return _halves(region, cut, axis)
    return (region,)


def _halves(region: Region, cut: int, axis: int) -> tuple[Region, ...]:
    if axis == 0 and region.left < cut < region.right:
        return Region(*region[:3], cut), Region(*region[:2], cut, region.right)
    if axis == 1 and region.top < cut < region.bottom:
        return Region(region.top, cut, *region[2:]), Region(cut, *region[1:])
    return (region,)
