"""Pixel data that writers encapsulated wrongly, and transfer syntaxes that lie about them."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from imagecodecs import jpeg2k_encode, jpeg8_encode, jpegls_encode
from pydicom import dcmread
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from rle.rle import encode_frame

from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.imaging import load

ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"
WINDOW = {"WindowCenter": "2000", "WindowWidth": "3900"}
START = b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff"


def _item(data: bytes, length: int | None = None) -> bytes:
    return ITEM + struct.pack("<I", len(data) if length is None else length) + data


def _even(stream: Any) -> bytes:
    data = bytes(stream)
    return data + b"\0" * (len(data) % 2)


@pytest.fixture(scope="module")
def enclose(write_compressed: Any) -> Any:
    """A file with anything behind the header of Pixel Data: ``enclose(words, pixel_data, syntax)``."""

    def enclose(words: np.ndarray, pixel_data: bytes, syntax: str = JPEGLSLossless, **elements: Any) -> bytes:
        data = write_compressed(words, b"\0\0", syntax, **elements)
        return data[: data.index(START) + len(START)] + pixel_data

    return enclose


@pytest.mark.parametrize(
    ("tail", "noted"),
    [
        (END, False),
        (b"", True),
        (bytes(8), True),
        (bytes(5), True),
        (b"rubbish behind the image", True),
        (END + b"rubbish behind the image", False),
        (END + bytes(512), False),
        (END + b"\xfc\xff\xfc\xffOB\0\0\x04\0\0\0abcd", False),
        (END[:4], False),
        (END[:6], False),
    ],
)
@pytest.mark.parametrize("codec", [jpegls_encode, "jpeg 2000"])
def test_what_comes_behind_the_last_item(
    tail: bytes, noted: bool, codec: Any, enclose: Any, write_dicom: Any, pattern: Any
) -> None:
    words = pattern(0, 4095)
    if codec == "jpeg 2000":
        stream, syntax = jpeg2k_encode(words, codecformat="j2k", bitspersample=12, reversible=True), JPEG2000Lossless
    else:
        stream, syntax = codec(words), JPEGLSLossless
    (found,) = load(enclose(words, _item(b"") + _item(_even(stream)) + tail, syntax, **WINDOW))
    assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)
    assert (Note(NoteCode.DELIMITER_MISSING) in found.notes) == noted


@pytest.mark.parametrize("by", [-40, -2, -1, 1, 2, 8, 60, 10**6])
@pytest.mark.parametrize("place", [0, 1])
def test_items_that_state_a_wrong_length(by: int, place: int, enclose: Any, write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095), pattern(0, 4095, seed=3)])
    streams = [_even(jpegls_encode(one)) for one in words]
    items = [_item(one, len(one) + (by if index == place else 0)) for index, one in enumerate(streams)]
    found = load(enclose(words, _item(b"") + b"".join(items) + END, **WINDOW))
    for one, exact in zip(found, load(write_dicom(words, **WINDOW)), strict=True):
        assert np.array_equal(one.pixels, exact.pixels)
    assert {Note(NoteCode.FRAGMENT_LENGTHS), Note(NoteCode.DELIMITER_MISSING)} & set(found[0].notes)


@pytest.mark.parametrize("table", ["none", "empty", "right", "zeros", "from elsewhere", "too short"])
@pytest.mark.parametrize("fragments", [1, 3])
@pytest.mark.parametrize("frames", [1, 2])
def test_offset_tables(table: str, fragments: int, frames: int, enclose: Any, write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095, seed=seed) for seed in range(frames)])
    starts, body = [], b""
    for one in words:
        stream, size = _even(jpegls_encode(one)), 0
        starts.append(len(body))
        size = -(-len(stream) // fragments // 2) * 2
        body += b"".join(_item(stream[i : i + size]) for i in range(0, len(stream), size))
    offsets = {
        "right": starts,
        "zeros": [0] * frames,
        "from elsewhere": [start + 100 for start in starts],
        "too short": starts[:1],
    }.get(table, [])
    first = b"" if table == "none" else _item(struct.pack(f"<{len(offsets)}I", *offsets))
    stored = words if frames > 1 else words[0]
    found = load(enclose(stored, first + body + END, **WINDOW))
    for one, exact in zip(found, load(write_dicom(stored, **WINDOW)), strict=True):
        assert np.array_equal(one.pixels, exact.pixels)


def test_missing_frames_are_missed(enclose: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095)] * 3)
    with pytest.raises(InputError, match=r"truncated.*expected 3 frames, got 2"):
        load(enclose(words, _item(b"") + 2 * _item(_even(jpegls_encode(words[0]))) + END))


def test_many_tags_within_an_item_take_no_time(enclose: Any, pattern: Any) -> None:
    with pytest.raises(InputError):
        load(enclose(pattern(0, 4095), _item(b"") + _item(ITEM * 400_000, 7)))


@pytest.mark.parametrize(
    "stated", [ExplicitVRLittleEndian, JPEGLosslessSV1, JPEGLSLossless, JPEG2000Lossless, RLELossless]
)
@pytest.mark.parametrize("real", ["native", "jpeg-ls", "jpeg 2000", "jpeg", "rle"])
def test_pixels_are_what_they_are(
    stated: str, real: str, write_dicom: Any, write_compressed: Any, restate: Any, pattern: Any
) -> None:
    words = pattern(0, 255, np.uint8)
    syntax, stream = {
        "native": (ExplicitVRLittleEndian, b""),
        "jpeg-ls": (JPEGLSLossless, jpegls_encode(words)),
        "jpeg 2000": (JPEG2000Lossless, jpeg2k_encode(words, codecformat="j2k", reversible=True)),
        "jpeg": (JPEGBaseline8Bit, jpeg8_encode(words, level=95)),
        "rle": (RLELossless, encode_frame(words.tobytes(), 60, 84, 1, 8, "<")),
    }[real]
    data = write_compressed(words, bytes(stream), syntax, bits=8) if stream else write_dicom(words, bits=8)
    (found,), (exact,) = load(restate(data, stated)), load(data)
    assert np.array_equal(found.pixels, exact.pixels)
    assert any(note.code is NoteCode.TRANSFER_SYNTAX for note in found.notes) == (stated != syntax)


@pytest.mark.parametrize("implicit", [False, True])
def test_compressed_without_meta_information(
    implicit: bool, write_compressed: Any, write_dicom: Any, pattern: Any
) -> None:
    words = pattern(0, 4095)
    header = dcmread(io.BytesIO(write_compressed(words, bytes(jpegls_encode(words)), JPEGLSLossless, **WINDOW)))
    bare = io.BytesIO()
    header.file_meta.TransferSyntaxUID = UID(ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian)
    header.save_as(bare, implicit_vr=implicit, little_endian=True)
    start = 132 + 12 + int.from_bytes(bare.getvalue()[140:144], "little")
    (found,) = load(bare.getvalue()[start:])
    assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)


@pytest.mark.parametrize("form", ["items of a defined length", "no items at all"])
def test_compressed_pixels_of_a_defined_length(form: str, write_dicom: Any, restate: Any, pattern: Any) -> None:
    words = pattern(0, 4095)
    stream = _even(jpegls_encode(words))
    pixels = stream if form == "no items at all" else _item(b"") + _item(stream)
    header = dcmread(io.BytesIO(write_dicom(words, PixelData=pixels, **WINDOW)))
    header["PixelData"].VR = "OB"
    data = io.BytesIO()
    header.save_as(data)
    for stated in (JPEGLSLossless, ExplicitVRLittleEndian):
        (found,) = load(restate(data.getvalue(), stated))
        assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)


@pytest.mark.parametrize("stated", [0, 100, 60 * 84 * 2 - 2])
def test_native_pixels_that_state_too_short_a_length(stated: int, write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), **WINDOW)
    place = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    (found,) = load(data[:place] + struct.pack("<I", stated) + data[place + 4 :])
    assert np.array_equal(found.pixels, load(data)[0].pixels)
    assert Note(NoteCode.PIXEL_DATA_LENGTH) in found.notes


@pytest.mark.parametrize("stated", [60 * 84 * 2 + 2, 10**6, 2**31])
def test_native_pixels_that_state_too_long_a_length(stated: int, write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), **WINDOW)
    place = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    (found,) = load(data[:place] + struct.pack("<I", stated) + data[place + 4 :])
    assert np.array_equal(found.pixels, load(data)[0].pixels)


def test_truncated_pixels_before_another_element_are_truncated(write_dicom: Any, pattern: Any) -> None:
    data = write_dicom(pattern(0, 4095), DataSetTrailingPadding=bytes(20_000))
    place = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    cut = data[:place] + struct.pack("<I", 100) + data[place + 4 : place + 104] + data[place + 4 + 60 * 84 * 2 :]
    with pytest.raises(InputError, match="truncated"):
        load(cut)


def test_frames_beyond_their_number_are_noted(write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095), pattern(0, 4095, seed=3)])
    (found,) = load(write_dicom(words, NumberOfFrames=1))
    assert Note(NoteCode.SURPLUS_FRAMES, {"found": 2, "stated": 1}) in found.notes


def _box(kind: bytes, content: bytes, form: str = "") -> bytes:
    if form == "extended":
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", 0 if form == "last" else len(content) + 8, kind) + content


@pytest.mark.parametrize("between", [0, 40, 700, 100_000])
@pytest.mark.parametrize("form", ["", "extended", "last"])
def test_jpeg_2000_in_boxes_of_any_length(
    between: int, form: str, write_compressed: Any, write_dicom: Any, pattern: Any
) -> None:
    words = pattern(0, 4095)
    stream = bytes(jpeg2k_encode(words, codecformat="j2k", bitspersample=12, reversible=True))
    boxes = _box(b"jP  ", b"\r\n\x87\n") + _box(b"ftyp", b"jp2 \0\0\0\0jp2 ")
    boxes += _box(b"xml ", b"x" * between) if between else b""
    frame = boxes + _box(b"jp2c", stream, form)
    (found,) = load(write_compressed(words, frame, JPEG2000Lossless, **WINDOW))
    assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)


def test_boxes_whose_lengths_lie(write_compressed: Any, write_dicom: Any, pattern: Any) -> None:
    words = pattern(0, 4095)
    stream = bytes(jpeg2k_encode(words, codecformat="j2k", bitspersample=12, reversible=True))
    frame = _box(b"jP  ", b"\r\n\x87\n") + struct.pack(">I4s", 3, b"ftyp") + bytes(400) + _box(b"jp2c", stream)
    (found,) = load(write_compressed(words, frame, JPEG2000Lossless, **WINDOW))
    assert np.array_equal(found.pixels, load(write_dicom(words, **WINDOW))[0].pixels)
