"""Rows that a compressed DICOM frame holds beyond its height are cut off; plain frames keep their scans."""

from __future__ import annotations

import io
import re
import struct
from typing import Any

import numpy as np
import pytest
from imagecodecs import jpeg8_encode, jpegls_encode
from pydicom import dcmread
from pydicom.encaps import generate_frames
from pydicom.uid import JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless

from osteon.core.errors import InputError
from osteon.deidentify import Options, Secret, deidentify
from osteon.imaging import load

ROWS, MORE = 96, 64
CODECS = {
    JPEGBaseline8Bit: lambda words: jpeg8_encode(words, level=90),
    JPEGLosslessSV1: lambda words: jpeg8_encode(words, lossless=True, predictor=1),
    JPEGLSLossless: jpegls_encode,
}
FRAME = re.compile(rb"\xff[\xc0\xc3\xf7]\x00.\x08", re.DOTALL)


def lowered(stream: bytes, rows: int) -> bytes:
    """The codestream with another height in its frame header."""
    frame = FRAME.search(stream)
    assert frame is not None
    return stream[: frame.end()] + struct.pack(">H", rows) + stream[frame.end() + 2 :]


@pytest.mark.parametrize("syntax", CODECS, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("more", [0, MORE])
def test_frames_hold_the_rows_that_they_state(more: int, syntax: Any, write_compressed: Any, secret: Secret) -> None:
    words = np.random.default_rng(1).integers(0, 60, (ROWS + more, 80)).astype(np.uint8)
    stream = lowered(bytes(CODECS[syntax](words)), ROWS)
    data = write_compressed(words[:ROWS], stream, syntax, BitsAllocated=8, BitsStored=8, HighBit=7)
    if more and syntax == JPEGLSLossless:  # CharLS takes no scan that is longer than its image
        with pytest.raises(InputError, match="damaged"):
            deidentify(data, Options(), secret)
        return
    cleaned = deidentify(data, Options(), secret).data
    assert np.array_equal(load(data)[0].pixels, load(cleaned)[0].pixels)
    (frame,) = generate_frames(dcmread(io.BytesIO(cleaned)).PixelData, number_of_frames=1)
    assert len(stream) - len(frame.rstrip(b"\0")) > more * 10 - 30
