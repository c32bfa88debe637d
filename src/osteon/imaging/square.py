"""Pixels that are not square, made square."""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.core.codes.note import Note, NoteCode
from osteon.core.records import Pixels
from osteon.imaging.limits import Limits

_TOLERANCE: Final = 0.01
"""Pixels whose sides differ by less than this part are left alone."""
_LARGEST: Final = 8.0
"""An aspect ratio beyond this is a mistake in the file."""

Spacing = tuple[float, float] | None


def squared(rows: int, columns: int, aspect: float) -> tuple[int, int]:
    """Rows and columns of an image after ``square``: the finer of the two directions stays as it is.

    Args:
        rows: before.
        columns: before.
        aspect: height of a pixel over its width.
    """
    if abs(aspect - 1.0) < _TOLERANCE or not 1 / _LARGEST <= aspect <= _LARGEST:
        return rows, columns
    return (round(rows * aspect), columns) if aspect > 1.0 else (rows, round(columns / aspect))


def square(pixels: Pixels, spacing: Spacing, aspect: float, limits: Limits) -> tuple[Pixels, Spacing, tuple[Note, ...]]:
    """Resample an image (H, W) to square pixels; the finer of the two directions stays as it is.

    Args:
        pixels: the image.
        spacing: distance between rows and between columns in mm, or None.
        aspect: height of a pixel over its width.
        limits: what the result may ask for.

    Returns:
        The image, its spacing, and a note if it was resampled.

    Raises:
        InputError: the result would be above the limits.
    """
    import cv2

    if abs(aspect - 1.0) < _TOLERANCE:
        return pixels, spacing, ()
    if not 1 / _LARGEST <= aspect <= _LARGEST:
        return pixels, spacing, (Note(NoteCode.ASPECT_RATIO_INVALID),)
    rows, columns = pixels.shape
    height, width = squared(rows, columns, aspect)
    limits.check_pixels(height, width)
    resized = np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    finer = None if spacing is None else (min(spacing), min(spacing))
    sizes = {"rows": rows, "columns": columns, "new_rows": height, "new_columns": width}
    return resized, finer, (Note(NoteCode.RESAMPLED, sizes),)
