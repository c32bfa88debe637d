"""Which markers of a JPEG tell its colour space, and when the DICOM header does."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from imagecodecs import jpeg8_encode
from pydicom.uid import JPEGBaseline8Bit, SecondaryCaptureImageStorage

from osteon.imaging import load

CAPTURE = {"SOPClassUID": SecondaryCaptureImageStorage, "Modality": "OT", "bits": 8}


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _adobe(transform: int, size: int = 12) -> bytes:
    return _segment(0xEE, (b"Adobe\x00\x64\x00\x00\x00\x00" + bytes([transform]) + bytes(60))[:size])


def _bare(stream: bytes) -> bytes:
    """A JPEG without its APP segments."""
    place = 2
    while 0xE0 <= stream[place + 1] <= 0xEF:
        place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return stream[:2] + stream[place:]


def _insert(stream: bytes, segment: bytes, before: int) -> bytes:
    """A JPEG with a segment before the first marker of a kind; 0 for the beginning."""
    place = 2
    while before and stream[place + 1] != before:
        place += 2 + int.from_bytes(stream[place + 2 : place + 4], "big")
    return stream[:place] + segment + stream[place:]


@pytest.fixture(scope="module")
def grey_in_colour(pattern: Any) -> np.ndarray:
    """A grey image with a little of red, in RGB."""
    grey = pattern(0, 255, np.uint8)
    return np.dstack([np.maximum(grey, 3), grey, grey])


@pytest.fixture(scope="module")
def as_rgb(grey_in_colour: np.ndarray) -> bytes:
    """Its JPEG with components in RGB."""
    return _bare(bytes(jpeg8_encode(grey_in_colour, level=98, colorspace="RGB", outcolorspace="RGB")))


@pytest.fixture(scope="module")
def as_ybr(grey_in_colour: np.ndarray) -> bytes:
    """Its JPEG with components in YCbCr."""
    return _bare(bytes(jpeg8_encode(grey_in_colour, level=98, colorspace="RGB", outcolorspace="YCBCR")))


@pytest.mark.parametrize("before", [0, 0xDB, 0xC0, 0xC4, 0xDA])
@pytest.mark.parametrize(
    "segment",
    [
        b"",
        *[_adobe(1, size) for size in (0, 4, 5, 7, 10, 11)],
        _segment(0xEE, b"Other\x00\x64\x00\x00\x00\x00\x01"),
        _segment(0xED, b"Adobe\x00\x64\x00\x00\x00\x00\x01"),
        _segment(0xE0, b"JFIF\x00"),
        _segment(0xE0, b"JFXX\x00\x10" + bytes(20)),
        _segment(0xFE, b"Adobe\x00\x64\x00\x00\x00\x00\x01"),
    ],
)
def test_what_says_nothing_leaves_it_to_the_header(
    segment: bytes, before: int, as_rgb: bytes, as_ybr: bytes, grey_in_colour: np.ndarray, write_compressed: Any
) -> None:
    for stream, photometric in ((as_rgb, "RGB"), (as_ybr, "YBR_FULL_422"), (as_ybr, "YBR_FULL")):
        frame = _insert(stream, segment, before) if segment else stream
        elements = {**CAPTURE, "PhotometricInterpretation": photometric}
        (found,) = load(write_compressed(grey_in_colour, frame, JPEGBaseline8Bit, **elements))
        assert found.colourfulness < 0.03
        assert np.abs(found.pixels * 255 - grey_in_colour[..., 1]).max() < 8


@pytest.mark.parametrize("before", [0, 0xDB, 0xC0, 0xC4, 0xDA])
@pytest.mark.parametrize("size", [12, 13, 40])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL_422"])
def test_a_whole_adobe_segment_counts_wherever_it_is(
    before: int,
    size: int,
    photometric: str,
    as_rgb: bytes,
    as_ybr: bytes,
    grey_in_colour: np.ndarray,
    write_compressed: Any,
) -> None:
    for stream, transform in ((as_rgb, 0), (as_ybr, 1)):
        frame = _insert(stream, _adobe(transform, size), before)
        elements = {**CAPTURE, "PhotometricInterpretation": photometric}
        (found,) = load(write_compressed(grey_in_colour, frame, JPEGBaseline8Bit, **elements))
        assert found.colourfulness < 0.03
        assert np.abs(found.pixels * 255 - grey_in_colour[..., 1]).max() < 8


def test_fill_bytes_and_a_comment_between(as_rgb: bytes, grey_in_colour: np.ndarray, write_compressed: Any) -> None:
    frame = _insert(_insert(as_rgb, b"\xff\xff\xff", 0xC0), _segment(0xFE, b"\xff\xee\x00\x0eAdobe"), 0)
    elements = {**CAPTURE, "PhotometricInterpretation": "RGB"}
    (found,) = load(write_compressed(grey_in_colour, frame, JPEGBaseline8Bit, **elements))
    assert found.colourfulness < 0.03
