"""Rows that a JPEG holds beyond the height that it states do not come out of a DICOM object."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread

from osteon.imaging import load
from osteon.imaging.deidentify import Options, Secret, deidentify
from osteon.imaging.deidentify.beyond import holds_more_rows

Encode = Callable[[NDArray[Any]], bytes]
BASELINE, EXTENDED, LOSSLESS = (f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 70))


def progressive(words: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray((words >> 4).astype(np.uint8)).save(stream, "JPEG", progressive=True)
    return stream.getvalue()


def colour(words: NDArray[Any]) -> bytes:
    grey = (words >> 4).astype(np.uint8)
    return bytes(imagecodecs.jpeg8_encode(np.stack([grey] * 3, axis=-1), subsampling="420"))


ENCODERS: dict[str, tuple[Encode, str, int]] = {
    "baseline": (lambda words: bytes(imagecodecs.jpeg8_encode((words >> 4).astype(np.uint8))), BASELINE, 8),
    "12 bits": (lambda words: bytes(imagecodecs.jpeg8_encode(words, bitspersample=12)), EXTENDED, 12),
    "lossless": (lambda words: bytes(imagecodecs.ljpeg_encode(words, bitspersample=12)), LOSSLESS, 12),
}


def film(rows: int, columns: int) -> NDArray[np.uint16]:
    noise = np.random.default_rng(rows).integers(0, 256, (rows, columns)).astype(np.uint8)
    grey = np.asarray(cv2.GaussianBlur(noise, (0, 0), 2), np.uint8)
    return cv2.putText(grey, "DOE JOHN", (8, rows - 8), 0, 0.8, 255, 2).astype(np.uint16) * 16


def lowered(stream: bytes, rows: int) -> bytes:
    """The same data, stating fewer rows."""
    place = next(
        stream.index(bytes([0xFF, marker, 0]))
        for marker in (0xC0, 0xC1, 0xC2, 0xC3)
        if bytes([0xFF, marker, 0]) in stream
    )
    return stream[: place + 5] + struct.pack(">H", rows) + stream[place + 7 :]


@pytest.mark.parametrize("size", [(160, 200), (161, 203), (250, 128)])
@pytest.mark.parametrize("encode", [*(one for one, _, _ in ENCODERS.values()), colour, progressive])
def test_rows_beyond_are_told(encode: Encode, size: tuple[int, int]) -> None:
    stream = encode(film(*size))
    assert not holds_more_rows(stream)
    assert holds_more_rows(lowered(stream, size[0] - 40))


@pytest.mark.parametrize("kind", ENCODERS)
def test_they_do_not_come_out(kind: str, write_compressed: Any, secret: Secret) -> None:
    encode, syntax, bits = ENCODERS[kind]
    whole = film(160, 200)
    stream = lowered(encode(whole), 120)
    words = whole[:120] if bits == 12 else (whole[:120] >> 4).astype(np.uint8)
    data = write_compressed(words, stream, syntax, bits=bits)
    cleaned = deidentify(data, Options(), secret)
    header = dcmread(io.BytesIO(cleaned.data))
    assert header.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert len(header.PixelData) == 120 * 200 * (2 if bits == 12 else 1)
    assert any("beyond" in flag for flag in cleaned.flags)
    assert np.array_equal(load(cleaned.data)[0].pixels, load(data)[0].pixels)
