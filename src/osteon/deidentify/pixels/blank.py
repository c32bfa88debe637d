"""Fill boxes of a picture with black, without changing how the rest of it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box


def blank(picture: NDArray[Any], boxes: Sequence[Box], *, white_is_zero: bool = False) -> NDArray[Any]:
    """Fill boxes with the value that is shown black.

    The range of samples of more than 8 bits decides how they are shown, so where the smallest or the largest sample of
    the picture lay in a box alone, one pixel of that box keeps it.

    Args:
        picture: (H, W) or (H, W, 3); changed in place.
        boxes: in its pixels.
        white_is_zero: the lowest value is shown white.

    Returns:
        The picture.
    """
    if not boxes:
        return picture
    kept = [] if picture.dtype == np.uint8 else [_pixel(picture, np.argmin), _pixel(picture, np.argmax)]
    black = _black(picture, white_is_zero)
    corners: list[tuple[int, int]] = []
    for box in boxes:
        top, left = max(0, int(box.y0)), max(0, int(box.x0))
        part = picture[top : int(box.y1), left : int(box.x1)]
        part[...] = black
        if part.shape[0] > 0 and part.shape[1] > 1:
            corners += [(top, left), (top, left + 1)]
    for extreme, corner in zip(kept, corners, strict=False):
        if not _has(picture, extreme):
            picture[corner] = extreme
    return picture


def _black(picture: NDArray[Any], white_is_zero: bool) -> Any:
    if picture.dtype.kind != "u":
        return picture.max() if white_is_zero else picture.min()
    return 2 ** max(8, int(picture.max()).bit_length()) - 1 if white_is_zero else 0


def _pixel(picture: NDArray[Any], which: Any) -> NDArray[Any]:
    """The pixel with the smallest or largest sample, by its sum over the channels."""
    total = picture if picture.ndim == 2 else picture.sum(axis=2, dtype=np.float64)
    return np.array(picture[np.unravel_index(which(total), total.shape)])


def _has(picture: NDArray[Any], pixel: NDArray[Any]) -> bool:
    equal = picture == pixel
    return bool((equal if picture.ndim == 2 else equal.all(axis=2)).any())
