"""What a picture holds and does not show is not passed on, and what it shows looks the same afterwards."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from PIL import Image

from osteon.deidentify import Options, Secret, deidentify
from osteon.imaging import load

ROWS, COLUMNS, MORE = 320, 300, 40
INK = (
    cv2.putText(np.zeros((ROWS, COLUMNS), np.uint8), "DOE JOHN 1957", (30, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    > 0
)


def limb(highest: int = 255, dtype: Any = np.uint8) -> NDArray[Any]:
    row, column = np.mgrid[:ROWS, :COLUMNS]
    bright = np.exp(-(((column - 150) / 60) ** 2)) * (0.6 + 0.2 * np.sin(row / 40))
    return np.rint(bright * highest).astype(dtype)


def png(picture: NDArray[Any]) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def hidden(layout: str, opacity: int) -> bytes:
    """A radiograph with a name that opacity hides, in full or nearly."""
    grey = limb()
    grey[INK] = 255
    alpha = np.where(cv2.dilate(INK.astype(np.uint8), np.ones((25, 25))) > 0, opacity, 255).astype(np.uint8)
    if layout == "grey":
        return saved(Image.fromarray(np.dstack([grey, alpha])))
    if layout == "colour":
        return png(np.dstack([grey, grey, grey, alpha]))
    if layout == "grey16":
        return png(np.dstack([grey, grey, grey, alpha]).astype(np.uint16) * 257)
    palette = Image.fromarray(np.where(alpha < 255, 0, np.where(grey == 0, 1, grey)).astype(np.uint8))
    palette.putpalette([value for level in range(256) for value in (level or 255,) * 3])
    return saved(palette, transparency=bytes([opacity]) + bytes([255] * 255))


@pytest.mark.parametrize("opacity", [0, 1])
@pytest.mark.parametrize("layout", ["grey", "colour", "grey16", "palette"])
def test_opacity_hides_nothing_in_the_output(layout: str, opacity: int, secret: Secret) -> None:
    data = hidden(layout, opacity)
    cleaned = deidentify(data, Options(), secret).data
    colours = np.asarray(cv2.imdecode(np.frombuffer(cleaned, np.uint8), cv2.IMREAD_UNCHANGED))
    assert colours.ndim == 2 or colours.shape[2] == 3
    assert b"tRNS" not in cleaned
    full = np.iinfo(colours.dtype).max
    assert colours[INK].max() <= full * (opacity + 1) / 255
    assert np.abs(load(data)[0].pixels - load(cleaned)[0].pixels).max() < 0.005


def test_a_key_of_transparency_is_left_out_and_its_text_is_found(secret: Secret) -> None:
    grey = np.minimum(limb(), 250)
    grey[INK] = 255
    cleaned = deidentify(saved(Image.fromarray(grey), transparency=255), Options(), secret)
    assert b"tRNS" not in cleaned.data
    assert cleaned.flags


@pytest.mark.parametrize("shape", ["grey", "colour"])
@pytest.mark.parametrize("interlaced", [False, True])
def test_rows_beyond_the_height_of_a_png_are_cut_off(interlaced: bool, shape: str, secret: Secret) -> None:
    if interlaced:
        pytest.importorskip("imagecodecs")
    picture = limb() if shape == "grey" else np.dstack([limb()] * 3)
    filtered = b"".join(b"\0" + row.tobytes() for row in picture)
    if interlaced:
        starts = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
        filtered = b"".join(
            b"\0" + row.tobytes() for top, left, down, right in starts for row in picture[top::down, left::right]
        )
    head = struct.pack(">IIBBBBB", COLUMNS, ROWS, 8, 0 if shape == "grey" else 2, 0, 0, int(interlaced))
    behind = b"\0" + b"NAME OF THE PATIENT" * 40
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(filtered + behind)), (b"IEND", b""))
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    cleaned = deidentify(data, Options(), secret).data
    start = cleaned.index(b"IDAT") + 4
    (length,) = struct.unpack_from(">I", cleaned, start - 8)
    assert zlib.decompress(cleaned[start : start + length]) == filtered
    assert np.array_equal(load(data)[0].pixels, load(cleaned)[0].pixels)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 2}, {"optimize": True}])
@pytest.mark.parametrize("colour", [False, True])
def test_rows_beyond_the_height_of_a_jpeg_are_cut_off(colour: bool, options: dict[str, Any], secret: Secret) -> None:
    tall = np.vstack([limb(), np.zeros((MORE, COLUMNS), np.uint8)])
    cv2.putText(tall, "DOE JOHN", (30, ROWS + 30), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    whole = saved(Image.fromarray(np.dstack([tall] * 3) if colour else tall), "JPEG", quality=90, **options)
    frame = re.search(rb"\xff[\xc0\xc2]\x00.\x08", whole, re.DOTALL)
    assert frame is not None
    at = frame.end()
    cut = whole[:at] + struct.pack(">H", ROWS) + whole[at + 2 :]
    cleaned = deidentify(cut, Options(), secret).data
    assert np.array_equal(load(cut)[0].pixels, load(cleaned)[0].pixels)
    place = re.search(rb"\xff[\xc0\xc2]\x00.\x08", cleaned, re.DOTALL)
    assert place is not None
    raised = cleaned[: place.end()] + struct.pack(">H", ROWS + MORE) + cleaned[place.end() + 2 :]
    seen = np.asarray(cv2.imdecode(np.frombuffer(raised, np.uint8), cv2.IMREAD_GRAYSCALE))[ROWS + 16 :]
    assert np.ptp(seen) < 60  # nothing but the decoder's filling
    control = np.asarray(cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_GRAYSCALE))[ROWS + 16 :]
    assert np.ptp(control) > 200


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_plain_jpeg_keeps_every_byte_of_its_scans(options: dict[str, Any], secret: Secret) -> None:
    data = saved(Image.fromarray(limb()), "JPEG", quality=90, **options)
    assert len(deidentify(data, Options(), secret).data) == len(data)


@pytest.mark.parametrize("white", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "i2", "f4", "f8", "u4"])
@pytest.mark.parametrize("named", [False, True])
def test_a_tiff_looks_the_same_afterwards(named: bool, dtype: str, white: bool, secret: Secret) -> None:
    kind = np.dtype(dtype)
    highest = {"u1": 250, "u2": 4000}.get(kind.str[1:], 30000)
    samples = limb(highest, kind)
    if named:
        samples[INK] = 255 if kind.itemsize == 1 else 32000
    if white:
        samples = ((255 if kind.itemsize == 1 else 32767) - samples).astype(kind)
    stream = io.BytesIO()
    tifffile.imwrite(stream, samples, photometric="miniswhite" if white else "minisblack", metadata=None)
    data = stream.getvalue()
    kept = deidentify(data, Options(), secret)
    assert np.array_equal(load(data)[0].pixels, load(kept.data)[0].pixels)
    assert bool(kept.flags) == named
    if named:
        blanked = deidentify(data, Options(clean_pixels=True), secret)
        before, after = load(data)[0].pixels, load(blanked.data)[0].pixels
        away = cv2.dilate(INK.astype(np.uint8), np.ones((61, 61))) == 0
        assert np.abs(before - after)[away].max() < 0.001
        assert (after[INK] > 0.5).sum() <= 1


@pytest.mark.parametrize("colour", [False, True])
def test_blanking_a_16_bit_png_does_not_brighten_it(colour: bool, secret: Secret) -> None:
    picture = limb(4000, np.uint16)
    picture[INK] = 65535
    data = png(np.dstack([picture] * 3) if colour else picture)
    cleaned = deidentify(data, Options(clean_pixels=True), secret).data
    before, after = load(data)[0].pixels, load(cleaned)[0].pixels
    away = cv2.dilate(INK.astype(np.uint8), np.ones((61, 61))) == 0
    assert np.abs(before - after)[away].max() < 0.001
    assert (after[INK] > 0.5).sum() <= 1


def test_text_of_another_colour_and_the_same_brightness_is_found(secret: Secret) -> None:
    grey = np.full((ROWS, COLUMNS), 120, np.uint8)
    picture = np.dstack([grey] * 3)
    picture[INK] = (20, 160, 74)  # B, G, R of about the same grey
    assert deidentify(png(picture), Options(), secret).flags
