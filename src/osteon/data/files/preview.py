"""Previews of image files: upright, 8-bit grey, no larger than needed.

JPEGs are decoded at a half, a quarter or an eighth of their size where that is enough (the decoder skips the
higher frequencies); everything else is read by ``osteon.imaging.load``. Both give the same image: BT.601
grey, black background, after EXIF orientation.
"""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.imaging.damaged import DAMAGED
from osteon.imaging.load import load

Picture = NDArray[np.uint8]
"""Upright grey image (H, W), black background."""

SIDE: Final = 384
"""Minimum pixels of the shorter side, unless the image has fewer."""

UNDECODABLE: Final = (*DAMAGED, Image.DecompressionBombError)
"""What Pillow raises on files that it cannot read."""

_JPEG: Final = b"\xff\xd8\xff"
_BMP: Final = b"BM"
_END: Final = b"\xff\xd9"
_STRIPE: Final = 128
"""Grey level that a decoder fills in for the missing part of a JPEG (coefficients of 0)."""


def preview(data: bytes, side: int = SIDE) -> Picture:
    """The image in the bytes of a file; of several frames the first.

    Args:
        data: the whole file.
        side: minimum pixels of the shorter side.

    Raises:
        InputError: it cannot be decoded, or ends early.
    """
    if not data.startswith((_JPEG, _BMP)):
        return np.asarray(np.rint(load(data)[0].pixels * 255.0), np.uint8)
    try:
        image = Image.open(io.BytesIO(data))
        image.draft("L", (side, side))
        return np.asarray(ImageOps.exif_transpose(image).convert("L"))
    except UNDECODABLE as error:
        raise InputError(FaultCode.NOT_DECODED, {"error": type(error).__name__}) from error


def fragment(data: bytes, side: int = SIDE) -> Picture | None:
    """The decodable part of a truncated JPEG, the rest in uniform grey; None for other formats or where there is none."""
    if not data.startswith(_JPEG):
        return None
    try:
        return preview(data + _END, side)
    except InputError:
        return None


def missing_share(picture: Picture) -> float:
    """Share of the rows, from the bottom, in the uniform grey that a decoder fills in for missing data.

    A single row may be coincidence: shares below 2 % count as 0.
    """
    odd = np.flatnonzero((picture != _STRIPE).any(axis=1))
    share = 1.0 - (odd[-1] + 1 if len(odd) else 0) / len(picture)
    return share if share >= 0.02 else 0.0
