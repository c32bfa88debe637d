"""Where in a radiograph the limb is: the rectangle round all tissue, without black, collimation and bright strips at the edges.

A small copy of the image is looked at (``tissue``): letters and other small things are dropped, and what is left is enclosed
with a margin. Where the result is in doubt - hardly any tissue, or tissue nearly everywhere - the whole image is kept: a fracture
that is cropped away is missed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.imaging.crop.region import Region
from osteon.imaging.crop.tissue import shrunk, tissue, trimmed

_NEAR: Final = 0.05  # of the longer side: a piece that comes so near to an edge may be a strip along it
_NARROW: Final = 0.1  # of the side, the widest of such strips
_GLOW_LENGTH: Final = 0.6  # of the side that glow runs along, at least
_GLOW_DEPTH: Final = 0.3  # of the other side, at most
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
        views: regions of the views in one picture, from left to right: two where a gap or a bright strip divides the tissue in
            two, else one.
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
    found = _pieces(copy, found)
    if found.mean() < _LEAST:
        return Limb(whole, (whole,))
    scale = (rows / copy.shape[0], columns / copy.shape[1])
    region = _grown(_enclosed(found), scale, (rows, columns))
    if region.shape[0] * region.shape[1] > _WHOLE * rows * columns:
        region = whole
    return Limb(region, _views(found, scale[1], region))


def _pieces(copy: NDArray[np.float32], found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The tissue without pieces that are too small to be part of a body, or lie along an edge as strips or glow."""
    import cv2

    count, numbers, about, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8), connectivity=8)
    areas = {
        number: int(about[number, cv2.CC_STAT_AREA])
        for number in range(1, count)
        if not _along_edge(copy, about[number])
    }
    least = max(_SPECK * found.size, _PIECE * max(areas.values(), default=0))
    return np.isin(numbers, [number for number, area in areas.items() if area >= least])


def _along_edge(copy: NDArray[np.float32], about: NDArray[np.int32]) -> bool:
    """Whether a piece is a narrow strip along an edge (of a cassette, a table, the field), or the glow that a beam leaves there.

    Glow rises slowly towards the edge, over a tenth of the image and more; a limb begins within few pixels and has brighter bone
    within.
    """
    x, y, width, height, _ = (int(value) for value in about)
    rows, columns = copy.shape
    near = round(_NEAR * max(copy.shape))
    piece = copy[y : y + height, x : x + width]
    for depth, length, side, across, profile in (
        (width, height, rows, columns, piece.mean(0)[::-1] if x <= near else piece.mean(0)),
        (height, width, columns, rows, piece.mean(1)[::-1] if y <= near else piece.mean(1)),
    ):
        low, size = (x, width) if across == columns and depth == width else (y, height)
        if low > near and low + size < across - near:
            continue
        if depth <= _NARROW * across and length >= 3 * depth:
            return True
        if length >= _GLOW_LENGTH * side and depth <= _GLOW_DEPTH * across and _glows(profile):
            return True
    return False


def _glows(profile: NDArray[np.float32]) -> bool:
    """Whether levels (n,) towards an edge rise slowly and steadily."""
    steps = np.diff(profile)
    rise = float(profile[-1] - profile[0])
    return rise > 0 and len(steps) > 2 and float(steps.max()) <= 0.4 * rise and float((steps >= -0.002).mean()) >= 0.8


def _enclosed(found: NDArray[np.bool_]) -> Region:
    """The rectangle round all that is marked."""
    rows, columns = np.flatnonzero(found.any(1)), np.flatnonzero(found.any(0))
    return Region(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)


def _grown(region: Region, scale: tuple[float, float], shape: tuple[int, int]) -> Region:
    """A region of the small copy in pixels of the image, with a margin."""
    margin = _MARGIN * max(shape)
    return Region(
        max(0, int(region.top * scale[0] - margin)),
        min(shape[0], int(np.ceil(region.bottom * scale[0] + margin))),
        max(0, int(region.left * scale[1] - margin)),
        min(shape[1], int(np.ceil(region.right * scale[1] + margin))),
    )


def _views(found: NDArray[np.bool_], scale: float, region: Region) -> tuple[Region, ...]:
    """The two views that lie side by side in one picture, or the region alone."""
    filled = found.sum(0)
    before = np.cumsum(filled)
    share = before / max(1, int(before[-1]))
    empty = np.flatnonzero((filled <= 0.01 * len(found)) & (share >= _VIEW) & (share <= 1 - _VIEW))
    if not len(empty):
        return (region,)
    cut = int(empty[len(empty) // 2] * scale)
    if not region.left < cut < region.right:
        return (region,)
    return region._replace(right=cut), region._replace(left=cut)
