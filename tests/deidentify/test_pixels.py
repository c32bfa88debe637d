"""Pixels: kept as they are, freed from what is beside them, and blanked where text is."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from osteon.core.errors import InputError
from osteon.deidentify import Options, Secret, deidentify
from osteon.deidentify.flag import Flag, FlagCode
from osteon.deidentify.pixels.codestreams import strip_jpeg, strip_jpeg_2000
from osteon.imaging import load

Clean = Callable[..., Dataset]
CANARY = b"CNRY-IN-THE-CODESTREAM"
RAMP = (np.add.outer(np.arange(96), np.arange(80)) * 8).astype(np.uint16)


def jpeg_with_comments(stream: bytes) -> bytes:
    """A JPEG or JPEG-LS with a comment, an Exif block, and bytes behind its end."""
    block = struct.pack(">H", len(CANARY) + 2) + CANARY
    exif = struct.pack(">H", len(CANARY) + 8) + b"Exif\0\0" + CANARY
    return stream[:2] + b"\xff\xfe" + block + b"\xff\xe1" + exif + stream[2:] + CANARY


def j2k_with_comments(stream: bytes) -> bytes:
    """A JPEG 2000 codestream with a comment in its main header and in its tile-part, and bytes behind its end."""
    start = stream.index(b"\xff\x90")
    comment = b"\xff\x64" + struct.pack(">HH", len(CANARY) + 4, 1) + CANARY
    tile = stream[start : start + 12]
    (length,) = struct.unpack_from(">I", tile, 6)
    tile = tile[:6] + struct.pack(">I", length + len(comment)) + tile[10:]
    return stream[:start] + comment + tile + comment + stream[start + 12 :] + CANARY


STREAMS = {
    "1.2.840.10008.1.2.4.70": lambda words: jpeg_with_comments(imagecodecs.ljpeg_encode(words, bitspersample=12)),
    "1.2.840.10008.1.2.4.80": lambda words: jpeg_with_comments(imagecodecs.jpegls_encode(words)),
    "1.2.840.10008.1.2.4.90": lambda words: j2k_with_comments(
        imagecodecs.jpeg2k_encode(words, level=0, codecformat="J2K", reversible=True, bitspersample=12)
    ),
    "1.2.840.10008.1.2.4.50": lambda words: jpeg_with_comments(imagecodecs.jpeg8_encode((words >> 4).astype(np.uint8))),
}


@pytest.mark.parametrize("syntax", STREAMS)
def test_codestreams_lose_their_comments(syntax: str, write_compressed: Any, secret: Secret) -> None:
    words = (RAMP >> 4).astype(np.uint8) if syntax.endswith(".50") else RAMP
    data = write_compressed(words, STREAMS[syntax](RAMP), syntax, bits=8 if syntax.endswith(".50") else 12)
    assert CANARY in data
    cleaned = deidentify(data, Options(), secret).data
    assert CANARY not in cleaned
    assert dcmread(io.BytesIO(cleaned)).file_meta.TransferSyntaxUID == syntax
    assert np.array_equal(load(cleaned)[0].pixels, load(data)[0].pixels)


def test_truncated_codestreams_are_refused() -> None:
    for stream in (b"", b"\xff\xd8", b"\xff\xd8\xff\xfe\x00\x50", imagecodecs.jpegls_encode(RAMP)[:-60]):
        with pytest.raises(InputError):
            strip_jpeg(stream)
    whole = imagecodecs.jpeg2k_encode(RAMP, codecformat="J2K")
    for stream in (b"", whole[:60], whole[:-20]):
        with pytest.raises(InputError):
            strip_jpeg_2000(stream)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("frames", [1, 3])
@pytest.mark.parametrize("kind", ["u1", "u2", "i2"])
def test_round_trip(photometric: str, frames: int, kind: str, write_dicom: Any, secret: Secret) -> None:
    random = np.random.default_rng(1)
    shape = (40, 30) if frames == 1 else (frames, 40, 30)
    low, high = {"u1": (0, 256), "u2": (0, 4096), "i2": (-2048, 2048)}[kind]
    data = write_dicom(
        random.integers(low, high, shape).astype(kind),
        bits=8 if kind == "u1" else 12,
        PhotometricInterpretation=photometric,
    )
    before, after = load(data), load(deidentify(data, Options(), secret).data)
    assert len(before) == len(after) == frames
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


def test_bits_beside_the_samples_are_cleared(write_dicom: Any, secret: Secret) -> None:
    hidden = RAMP | (np.arange(96 * 80).reshape(96, 80) % 2 << 15).astype(np.uint16)
    cleaned = deidentify(write_dicom(hidden), Options(), secret)
    words = np.frombuffer(dcmread(io.BytesIO(cleaned.data)).PixelData, "<u2").reshape(96, 80)
    assert np.array_equal(words, RAMP)
    assert Flag(FlagCode.BITS_CLEARED) in cleaned.flags


def written(words: np.ndarray[Any, Any], value: int) -> np.ndarray[Any, Any]:
    """A radiograph with a name in its corner."""
    ink = cv2.putText(np.zeros(words.shape, np.uint8), "DOE JOHN 1957", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    return np.where(np.asarray(ink) > 127, value, words).astype(words.dtype)


FILM = cv2.GaussianBlur(np.random.default_rng(2).integers(400, 1600, (600, 500)).astype(np.uint16), (0, 0), 9)


@pytest.mark.parametrize(("photometric", "value"), [("MONOCHROME1", 0), ("MONOCHROME2", 4095)])
def test_text_is_flagged_and_blanked(photometric: str, value: int, write_dicom: Any, secret: Secret) -> None:
    plain = FILM if photometric == "MONOCHROME2" else (4095 - FILM).astype(np.uint16)
    data = write_dicom(np.stack([plain, written(plain, value)]), PhotometricInterpretation=photometric)
    flagged = deidentify(data, Options(), secret)
    assert [len(boxes) for boxes in flagged.text] == [0, 1]
    assert dcmread(io.BytesIO(flagged.data)).BurnedInAnnotation == "YES"
    assert np.array_equal(load(flagged.data)[1].pixels, load(data)[1].pixels)
    cleaned = deidentify(data, Options(clean_pixels=True), secret)
    header = dcmread(io.BytesIO(cleaned.data))
    assert cleaned.blanked
    assert header.BurnedInAnnotation == "NO"
    first, second = np.frombuffer(header.PixelData, "<u2").reshape(2, 600, 500)
    assert np.array_equal(first, plain)
    assert not (second == value).any()
    box = cleaned.text[1][0]
    inside = second[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]
    assert len(np.unique(inside)) == 1
    outside = np.ones_like(second, bool)
    outside[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = False
    assert np.array_equal(second[outside], plain[outside])


def test_compressed_text_is_blanked_uncompressed(write_compressed: Any, secret: Secret) -> None:
    words = written(FILM, 4095)
    data = write_compressed(words, imagecodecs.jpegls_encode(words), "1.2.840.10008.1.2.4.80")
    cleaned = deidentify(data, Options(clean_pixels=True), secret)
    header = dcmread(io.BytesIO(cleaned.data))
    assert header.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert not (np.frombuffer(header.PixelData, "<u2") == 4095).any()
    assert len(load(cleaned.data)) == 1


def test_colour_is_blanked(write_dicom: Any, secret: Secret) -> None:
    grey = (FILM >> 4).astype(np.uint8)
    colour = np.stack([written(grey, 255)] * 3, axis=-1)
    data = write_dicom(colour, bits=8, SOPClassUID="1.2.840.10008.5.1.4.1.1.7", Modality="OT")
    cleaned = deidentify(data, Options(clean_pixels=True), secret)
    words = np.frombuffer(dcmread(io.BytesIO(cleaned.data)).PixelData, np.uint8)
    assert not (words == 255).any()
    assert Flag(FlagCode.SECONDARY_CAPTURE) in cleaned.flags


def test_a_claim_of_text_is_flagged(write_dicom: Any, secret: Secret) -> None:
    cleaned = deidentify(write_dicom(RAMP, BurnedInAnnotation="YES"), Options(clean_pixels=True), secret)
    assert dcmread(io.BytesIO(cleaned.data)).BurnedInAnnotation == "YES"
    assert cleaned.flags == (Flag(FlagCode.TEXT_NOT_FOUND),)


def test_truncated_pixels_are_refused(write_dicom: Any, secret: Secret) -> None:
    data = write_dicom(RAMP)
    for part in (data[:-100], data[:200], data[:132]):
        with pytest.raises(InputError):
            deidentify(part, Options(), secret)


def test_overlays_without_text_may_stay(write_dicom: Any, clean: Clean) -> None:
    def overlaid(text: str) -> bytes:
        header = dcmread(io.BytesIO(write_dicom(np.zeros((200, 300), np.uint16))))
        plane = np.zeros((200, 300), np.uint8)
        cv2.circle(plane, (150, 100), 60, 1, 2)
        cv2.putText(plane, text, (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 1, 2)
        for element, vr, value in (
            (0x10, "US", 200), (0x11, "US", 300), (0x22, "LO", "CNRY"), (0x40, "CS", "G"), (0x50, "SS", [1, 1]),
            (0x100, "US", 1), (0x102, "US", 0), (0x3000, "OW", np.packbits(plane, bitorder="little").tobytes()),
        ):  # fmt: skip
            header.add_new((0x6000 << 16) + element, vr, value)
        stream = io.BytesIO()
        header.save_as(stream)
        return stream.getvalue()

    assert not any(element.tag.group == 0x6000 for element in clean(overlaid("")))
    kept = clean(overlaid(""), clean_graphics=True)
    assert kept.overlay_array(0x6000).sum() > 100
    assert (0x6000, 0x0022) not in kept
    assert not any(element.tag.group == 0x6000 for element in clean(overlaid("DOE JOHN"), clean_graphics=True))


@pytest.mark.real_data
@pytest.mark.slow
def test_real_films_stay_as_they_are(shared_data: Path, secret: Secret) -> None:
    for path in sorted((shared_data / "dicom").glob("*.dcm")):
        data = path.read_bytes()
        cleaned = deidentify(data, Options(), secret)
        old, new = dcmread(io.BytesIO(data)), dcmread(io.BytesIO(cleaned.data))
        assert new.file_meta.TransferSyntaxUID == old.file_meta.TransferSyntaxUID
        assert str(old.PatientID).encode() not in cleaned.data
        assert cleaned.flags == ()
        assert np.array_equal(load(data)[0].pixels, load(cleaned.data)[0].pixels), path.name


def overshooting(signed: bool, photometric: str, write_compressed: Any) -> bytes:
    """Near-lossless, its codestream of 16 bits, BitsStored 12: samples decode to beyond the highest and the lowest."""
    low, high = (-2048, 2047) if signed else (0, 4095)
    random = np.random.default_rng(4)
    words = np.where(random.random((300, 400)) < 0.3, high, low) + np.where(random.random((300, 400)) < 0.5, 40, 0)
    words = np.clip(cv2.GaussianBlur(words.astype(np.float32), (0, 0), 3) * 1.6, low, high).astype(np.int64)
    words[:60] = low
    words = written(words.astype(np.int64), high)
    kind = np.int16 if signed else np.uint16
    stream = imagecodecs.jpegls_encode((words.astype(kind)).view(np.uint16), level=9)
    assert imagecodecs.jpegls_decode(stream).view(kind).max() > high
    shown = {"PhotometricInterpretation": photometric, "WindowCenter": (low + high + 1) // 2, "WindowWidth": 4096}
    return write_compressed(words.astype(kind), stream, "1.2.840.10008.1.2.4.81", bits=12, **shown)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("clean_pixels", [False, True])
def test_what_overshoots_is_clipped_and_does_not_wrap(
    photometric: str, signed: bool, clean_pixels: bool, write_compressed: Any, secret: Secret
) -> None:
    data = overshooting(signed, photometric, write_compressed)
    cleaned = deidentify(data, Options(clean_pixels=clean_pixels), secret)
    before, after = load(data)[0].pixels, load(cleaned.data)[0].pixels
    outside = np.ones(before.shape, bool)
    for box in cleaned.text[0]:
        outside[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = not clean_pixels
    assert cleaned.text[0]
    assert cleaned.blanked == clean_pixels
    np.testing.assert_allclose(before[outside], after[outside], atol=1e-6)
    header = dcmread(io.BytesIO(cleaned.data))
    if clean_pixels:
        words = np.frombuffer(header.PixelData, "<i2" if signed else "<u2")
        assert words.min() >= (-2048 if signed else 0)
        assert words.max() <= (2047 if signed else 4095)
