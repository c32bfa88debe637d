"""Where in a radiograph the limb is: the rectangle round all tissue, without black, collimation and bright strips at the edges.

A small copy of the image is looked at (``SMALL`` pixels): strips of a cassette's edge are trimmed, what is brighter than the
background is tissue, letters and other small things are dropped, and what is left is enclosed with a margin. Everything is
integer or single-precision arithmetic in a fixed order, so the same image gives the same rectangle. Where the result is in
doubt - hardly any tissue, or tissue nearly everywhere - the whole image is kept: a fracture that is cropped away is missed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SMALL: Final = 128
"""Longer side of the copy that is looked at, in pixels."""

_STRIP: Final = 0.8  # grey level from which a pixel may be part of a bright strip
_STRIP_SHARE: Final = 0.6  # of a row or column that must be as bright
_STRIP_DEPTH: Final = 0.2  # of the side, the deepest that strips are trimmed
_DIVIDER: Final = 0.12  # of the side, the widest bright strip between two views
_TISSUE: Final = 0.18  # of the way from background to bright tissue, from which a pixel is tissue
_CONTRAST: Final = (
    0.03,
    0.055,
)  # least and largest distance of that from the background: a trunk is bright, an arm beside it is not
_DARK: Final = 0.25  # of the way from dark to bright, below which a pixel may be background
_DARKEST: Final = 0.08  # likewise, in grey levels
_BACKGROUND: Final = 0.12  # of the image, the least background that a level can be taken from
_FRAME: Final = 0.025  # of the longer side, the outermost frame where nothing counts as tissue
_NEAR: Final = 0.05  # of the longer side: a piece that comes so near to an edge may be a strip along it
_NARROW: Final = 0.1  # of the side, the widest of such strips
_PIECE: Final = 0.02  # of the largest piece of tissue, below which a piece is dropped
_SPECK: Final = 0.004  # of the image, below which a piece is dropped
_MARGIN: Final = 0.04  # of the longer side, round the tissue
_LEAST: Final = 0.03  # of the image: with less tissue than this the whole image is kept
_LEAST_SIDE: Final = 64  # pixels; a smaller image is kept whole
_WHOLE: Final = 0.92  # of the image: a rectangle larger than this is the whole image
_VIEW: Final = 0.2  # of all tissue, that each of two views holds


class Region(NamedTuple):
    """Rows ``top`` to ``bottom`` and columns ``left`` to ``right`` of an image, the ends not included."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left


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
    small = _small(pixels)
    inner = _trimmed(small)
    tissue = _tissue(small, inner)
    pieces = _pieces(tissue)
    if not pieces or tissue.mean() < _LEAST:
        return Limb(whole, (whole,))
    scale = (rows / small.shape[0], columns / small.shape[1])
    region = _grown(_union(pieces), scale, (rows, columns))
    if region.shape[0] * region.shape[1] > _WHOLE * rows * columns:
        region = whole
    return Limb(region, _views(tissue, inner, scale, region))


def _small(pixels: NDArray[np.uint8 | np.float32]) -> NDArray[np.float32]:
    """A copy of at most ``SMALL`` pixels along its longer side, in [0, 1]."""
    rows, columns = pixels.shape
    scale = min(1.0, SMALL / max(rows, columns))
    size = max(1, round(columns * scale)), max(1, round(rows * scale))
    step = int(0.5 / scale)  # of large images fewer pixels are read; each that is left still averages over several
    thin = pixels[:: max(1, step // 2), :: max(1, step // 2)]
    small = np.asarray(cv2.resize(thin, size, interpolation=cv2.INTER_AREA), np.float32)
    return small / np.float32(255) if pixels.dtype == np.uint8 else small


def _trimmed(small: NDArray[np.float32]) -> Region:
    """What is left without bright strips along the edges."""
    bright = small > _STRIP
    rows, columns = small.shape
    top, bottom = _strips(bright.mean(1))
    left, right = _strips(bright[top : rows - bottom].mean(0))
    return Region(top, rows - bottom, left, columns - right)


def _strips(shares: NDArray[np.floating]) -> tuple[int, int]:
    """How many lines to trim at the start and at the end, where shares (n,) of them are bright."""
    deepest = int(_STRIP_DEPTH * len(shares))

    def one(from_edge: NDArray[np.floating]) -> int:
        strip = np.flatnonzero(from_edge[:deepest] > _STRIP_SHARE)
        # One line more: the strip's edge is blurred. A strip that reaches deeper than this is tissue.
        return 0 if not len(strip) or from_edge[deepest : deepest + 1].max(initial=0) > _STRIP_SHARE else strip[-1] + 2

    return int(one(shares)), int(one(shares[::-1]))


def _tissue(small: NDArray[np.float32], inner: Region) -> NDArray[np.bool_]:
    """Which pixels are brighter than the background, without bright strips and the outermost frame."""
    seen = small[inner.top : inner.bottom, inner.left : inner.right]
    if not seen.size:
        return np.zeros(small.shape, bool)
    dark, bright = (float(level) for level in np.percentile(seen, (10, 95)))
    background = _background(small, seen, inner, dark + min(_DARKEST, _DARK * (bright - dark)))
    tissue = small > background + float(np.clip(_TISSUE * (bright - dark), *_CONTRAST))
    frame = max(2, round(_FRAME * max(small.shape)))
    outside = np.ones(small.shape, bool)
    outside[
        max(inner.top, frame) : min(inner.bottom, small.shape[0] - frame),
        max(inner.left, frame) : min(inner.right, small.shape[1] - frame),
    ] = False
    tissue[outside] = False
    for first, last in _dividers(small, inner):
        tissue[:, first:last] = False
    opened = cv2.morphologyEx(tissue.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return opened > 0


def _background(
    small: NDArray[np.float32], seen: NDArray[np.float32], inner: Region, limit: float
) -> NDArray[np.float32] | np.float32:
    """The level of the background: a plane through the dark pixels, since the beam is seldom even; 0 where there are few."""
    rows, columns = np.nonzero(seen[::2, ::2] < limit)
    if 4 * len(rows) < _BACKGROUND * seen.size:
        return np.float32(0)
    y, x = 2 * rows + inner.top, 2 * columns + inner.left
    level = small[y, x].astype(np.float64)
    matrix = np.stack([np.ones(len(y)), y / small.shape[0], x / small.shape[1]], 1)
    weights = np.linalg.solve(matrix.T @ matrix + 1e-6 * len(y) * np.eye(3), matrix.T @ level)
    down = np.arange(small.shape[0])[:, None] / small.shape[0]
    across = np.arange(small.shape[1])[None, :] / small.shape[1]
    return (weights[0] + weights[1] * down + weights[2] * across).astype(np.float32)


def _dividers(small: NDArray[np.float32], inner: Region) -> list[tuple[int, int]]:
    """Columns of bright strips that run through the image from top to bottom, as between two views on one cassette."""
    shares = (small[inner.top : inner.bottom] > _STRIP).mean(0)
    marked = np.concatenate([[False], shares > 0.85, [False]])
    edges = np.flatnonzero(marked[1:] != marked[:-1]).reshape(-1, 2)
    widest = _DIVIDER * small.shape[1]
    return [
        (max(0, int(first) - 1), int(last) + 1)
        for first, last in edges
        if last - first <= widest and first > inner.left and last < inner.right
    ]


def _pieces(tissue: NDArray[np.bool_]) -> list[Region]:
    """Connected pieces of tissue that are large enough to be part of a body."""
    count, _, about, _ = cv2.connectedComponentsWithStats(tissue.astype(np.uint8), connectivity=8)
    if count < 2:
        return []
    about = np.array([row for row in about[1:] if not _along_edge(row, tissue.shape)], np.int64).reshape(-1, 5)
    if not len(about):
        return []
    areas = about[:, cv2.CC_STAT_AREA]
    least = max(_SPECK * tissue.size, _PIECE * float(areas.max()))
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


def _views(tissue: NDArray[np.bool_], inner: Region, scale: tuple[float, float], region: Region) -> tuple[Region, ...]:
    """The two views of one picture, or the region alone."""
    for axis in (0, 1):  # side by side first, as cassettes are divided
        filled = tissue.sum(axis)
        low, high = (inner.left, inner.right) if axis == 0 else (inner.top, inner.bottom)
        empty = np.flatnonzero(filled[low:high] <= 0.01 * tissue.shape[axis]) + low
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
