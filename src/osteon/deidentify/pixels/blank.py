"""Fill boxes of an image with black, without changing how the rest of it is displayed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from osteon.core.geometry import Box


def blank(
    image: NDArray[Any], boxes: Sequence[Box], *, black: int | None = None, white_is_zero: bool = False
) -> NDArray[Any]:
    """Fill boxes with the value that is displayed black.

    In raster images of more than 8 bits the range of the samples decides how they are displayed: where the smallest or
    the largest sample occurred only in a box, one pixel of that box keeps it.

    Args:
        image: (H, W) or (H, W, 3); changed in place.
        boxes: in its pixels.
        black: value to fill with, where the display does not depend on the range of the samples; by default it is
            derived from the range.
        white_is_zero: the lowest value is displayed white; for the default of `black`.

    Returns:
        The image.
    """
    if not boxes:
        return image
    keep_range = black is None and image.dtype != np.uint8
    kept = [_pixel(image, np.argmin), _pixel(image, np.argmax)] if keep_range else []
    fill = _black(image, white_is_zero) if black is None else black
    corners: list[tuple[int, int]] = []
    for box in boxes:
        top, left = max(0, int(box.y0)), max(0, int(box.x0))
        part = image[top : int(box.y1), left : int(box.x1)]
        part[...] = fill
        if part.shape[0] > 0 and part.shape[1] > 1:
            corners += [(top, left), (top, left + 1)]
    for extreme, corner in zip(kept, corners, strict=False):
        if not _has(image, extreme):
            image[corner] = extreme
    return image


def _black(image: NDArray[Any], white_is_zero: bool) -> Any:
    if image.dtype.kind != "u":
        return image.max() if white_is_zero else image.min()
    return 2 ** max(8, int(image.max()).bit_length()) - 1 if white_is_zero else 0


def _pixel(image: NDArray[Any], arg_extreme: Any) -> NDArray[Any]:
    """The pixel with the smallest or largest sample, by its sum over the channels."""
    total = image if image.ndim == 2 else image.sum(axis=2, dtype=np.float64)
    return np.array(image[np.unravel_index(arg_extreme(total), total.shape)])


def _has(image: NDArray[Any], pixel: NDArray[Any]) -> bool:
    equal = image == pixel
    return bool((equal if image.ndim == 2 else equal.all(axis=2)).any())
