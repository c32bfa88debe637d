"""Several 8-bit views of one image, so that outliers in the values do not hide text.

A single range from the lowest to the highest value fails where dead pixels, padding, a marker or the edge of the
detector have values far from the rest: a name that every viewer shows may differ from its background by one grey level.
The views are: the whole range; the range of each band of values that covers a substantial part of the image, without
isolated points; for a band with a long tail also its main part; and the views of the caller, such as the windows of the
file. Views similar to an earlier one are skipped, so an ordinary radiograph needs one search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box
from osteon.deidentify.text.glyphs import Grey8
from osteon.deidentify.text.text import LONGEST, Text, find_text, merge
from osteon.imaging.grey import Samples, to_grey

Values = NDArray[np.float32]
Used = NDArray[np.bool_]

_SAMPLED: Final = 1 << 20
"""Number of values sampled for their distribution."""
_GAP: Final = 0.1
"""Minimum empty part of a range that divides it into bands."""
_ISOLATED: Final = 0.002
"""Maximum part of the values within a gap, or beyond the ends of a band."""
_SUBSTANTIAL: Final = 0.005
"""Minimum part of the image of a band with its own view."""
_MARGIN: Final = 0.2
"""Part of its extent by which a band is widened, so that text beyond its ends differs from them."""
_SIMILAR: Final = 0.8
"""Part of another view's range above which two ranges count as similar."""
_TAIL: Final = 0.1
"""Maximum part of the image in the long tail of a band."""
_NARROW: Final = 0.25
"""Part of a band's range below which the image without that tail gets its own view."""
_TINTED: Final = 28
"""Grey levels by which a colour must differ from grey somewhere to be searched separately."""


def search_text(values: NDArray[np.generic], *, used: Used | None = None, shown: Iterable[Grey8] = ()) -> list[Text]:
    """The lines of text in an image of any range, in any part of its range.

    Args:
        values: shape (H, W), integers or floats of any range; what is not finite counts as lowest.
        used: which of them are image, where some are padding; shape (H, W).
        shown: the image as displayed, e.g. with each of its windows.
    """
    factor = min(1.0, LONGEST / max(values.shape))
    small = _reduced(values, factor)
    inside = used if used is None or factor == 1.0 else _nearest(used, small.shape)
    scale = values.shape[1] / small.shape[1], values.shape[0] / small.shape[0]
    found = [
        Text(_scaled(text.box, scale, values.shape), text.characters)
        for view in views(small, inside)
        for text in find_text(view)
    ]
    return merge([*found, *(text for picture in shown for text in find_text(picture))])


def search_colours(colours: Samples) -> list[Text]:
    """The lines of text in RGB samples (H, W, 3): in their grey, and in each colour that differs from it."""
    grey = to_grey(colours)
    found = search_text(grey)
    full = int(np.iinfo(colours.dtype).max)
    for channel in cv2.split(np.ascontiguousarray(colours)):
        if int(cv2.absdiff(channel, grey).max()) * 255 >= _TINTED * full:
            found += search_text(np.asarray(channel))
    return merge(found)


def _reduced(values: NDArray[np.generic], factor: float) -> Values:
    """An image as float32, reduced; what is not finite takes the lowest or the highest value."""
    plain = values.astype(np.float32)
    finite = np.isfinite(plain)
    if not finite.all():
        ends = (float(plain[finite].min()), float(plain[finite].max())) if finite.any() else (0.0, 0.0)
        plain = np.clip(np.nan_to_num(plain, nan=ends[0], posinf=ends[1], neginf=ends[0]), *ends)
    if factor == 1.0:
        return plain
    size = max(1, round(plain.shape[1] * factor)), max(1, round(plain.shape[0] * factor))
    return np.asarray(cv2.resize(plain, size, interpolation=cv2.INTER_AREA), np.float32)


def _nearest(used: Used, shape: tuple[int, ...]) -> Used:
    rows, columns = (np.arange(size) * full // size for size, full in zip(shape, used.shape, strict=True))
    return np.asarray(used[np.ix_(rows, columns)], bool)


def _scaled(box: Box, scale: tuple[float, float], shape: tuple[int, ...]) -> Box:
    return Box(
        float(np.floor(box.x0 * scale[0])),
        float(np.floor(box.y0 * scale[1])),
        min(float(shape[1]), float(np.ceil(box.x1 * scale[0]))),
        min(float(shape[0]), float(np.ceil(box.y1 * scale[1]))),
    )


def views(values: Values, used: Used | None = None) -> Iterator[Grey8]:
    """The views of an image that are searched for text; see ``search_text``."""
    whole = float(values.min()), float(values.max())
    done = [whole]
    yield _spread(values, *whole)
    for band in _bands(values, used):
        if not any(_is_similar(band, previous) for previous in done):
            done.append(band)
            yield _spread(values, *band)


def _spread(values: Values, low: float, high: float) -> Grey8:
    """Values from ``low`` to ``high`` as 0 to 255; values beyond are clipped."""
    scale = 255.0 / (high - low) if high > low else 0.0
    return np.asarray(cv2.convertScaleAbs(np.clip(values, low, high), alpha=scale, beta=-low * scale), np.uint8)


def _is_similar(band: tuple[float, float], previous: tuple[float, float]) -> bool:
    """Whether a range lies within another one and fills most of it."""
    return (
        band[0] >= previous[0]
        and band[1] <= previous[1]
        and band[1] - band[0] >= _SIMILAR * (previous[1] - previous[0])
    )


def _bands(values: Values, used: Used | None) -> list[tuple[float, float]]:
    """Ranges of values, widened, each with a substantial part of the image and without a wide gap."""
    calm = (
        values if min(values.shape) < 5 else np.asarray(cv2.medianBlur(values, 5), np.float32)
    )  # without isolated points
    every = calm.ravel() if used is None else calm[used]
    if not every.size:
        return []
    few = np.sort(every[:: max(1, every.size // _SAMPLED)])
    lowest, highest = float(values.min()), float(values.max())
    found: list[tuple[float, float]] = []
    waiting = [few]
    while waiting:
        part = waiting.pop()
        if part.size < _SUBSTANTIAL * few.size:
            continue
        isolated = int(_ISOLATED * part.size)
        low, high = float(part[isolated]), float(part[part.size - 1 - isolated])
        if high <= low:
            continue
        core = part[(part >= low) & (part <= high)]
        cut = _widest_gap(core, low, high)
        if cut is not None:
            waiting += [part[part < cut], part[part >= cut]]
            continue
        margin = _MARGIN * (high - low)
        found.append((max(lowest, low - margin), min(highest, high + margin)))
        tail = int(_TAIL * core.size)
        for rest in (core[: core.size - tail], core[tail:]):
            if 0 < rest[-1] - rest[0] < _NARROW * (high - low):
                waiting.append(rest)
    return found


def _widest_gap(core: Values, low: float, high: float) -> float | None:
    """The middle of the widest run of values that hardly occur; None where there is no wide one."""
    counts = np.histogram(core, 64, (low, high))[0]
    empty = np.concatenate([[False], counts <= _ISOLATED / 64 * core.size, [False]])
    edges = np.flatnonzero(empty[1:] != empty[:-1]).reshape(-1, 2)
    if not len(edges):
        return None
    first, last = max(edges, key=lambda run: run[1] - run[0])
    if last - first < _GAP * 64:
        return None
    return low + (first + last) / 2 * (high - low) / 64
