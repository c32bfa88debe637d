"""Colour in DICOM objects: which is read, and YBR to RGB."""

from __future__ import annotations

from typing import Final

import numpy as np

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.imaging.grey import Samples

MONOCHROME: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})
PALETTE: Final = "PALETTE COLOR"
INDEXED: Final = frozenset({PALETTE})
_RGB: Final = frozenset({"RGB", "YBR_ICT", "YBR_RCT"})
_YBR: Final = frozenset({"YBR_FULL", "YBR_FULL_422"})


def check_photometric(photometric: str, channels: int) -> None:
    """Refuse a photometric interpretation that is not read, or that contradicts the number of samples.

    Raises:
        InputError: it is one of these.
    """
    expected = 3 if photometric in _RGB | _YBR else 1
    if photometric not in MONOCHROME | _RGB | _YBR | {PALETTE} or channels != expected:
        raise InputError(FaultCode.PHOTOMETRIC, {"photometric": photometric[:16] or "none", "samples": channels})


def to_rgb(words: Samples, photometric: str, palette: Samples | None, *, decoded: bool) -> Samples:
    """Stored samples to RGB (H, W, 3).

    Args:
        words: indices (H, W) of a palette, or samples (H, W, 3).
        photometric: of the samples.
        palette: RGB of each word, shape (n, 3).
        decoded: whether the decoder has given RGB already.
    """
    import cv2

    if palette is not None:
        return palette[np.minimum(words, len(palette) - 1)]
    if decoded or photometric in _RGB:
        return words
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(words[..., [0, 2, 1]]), cv2.COLOR_YCrCb2RGB), words.dtype)
