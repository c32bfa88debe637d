"""JPEG, PNG and TIFF."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from osteon.core.errors import InputError
from osteon.imaging import Limits, load


def _save(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _cv2(suffix: str, array: np.ndarray) -> bytes:
    return cv2.imencode(suffix, array)[1].tobytes()


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_8_bits_are_exact(form: str, pattern: Any) -> None:
    words = pattern(3, 250, np.uint8)
    (radiograph,) = load(_save(Image.fromarray(words), form))
    assert radiograph.pixels.dtype == np.float32
    assert np.array_equal(np.rint(radiograph.pixels * 255), words)
    assert (radiograph.format, radiograph.bits, radiograph.colourfulness) == (form, 8, 0.0)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
@pytest.mark.parametrize("highest", [65535, 4095, 1023])
def test_16_bits_stay_16_bits(form: str, highest: int, pattern: Any) -> None:
    words = pattern(0, highest)
    (radiograph,) = load(_save(Image.fromarray(words), form))
    assert np.abs(radiograph.pixels - words / highest).max() < 1e-6
    assert radiograph.bits == highest.bit_length()


@pytest.mark.parametrize("suffix", [".png", ".tiff"])
def test_16_bit_colour_keeps_its_depth(suffix: str, pattern: Any) -> None:
    words = pattern(0, 65535)
    (radiograph,) = load(_cv2(suffix, np.dstack([words] * 3)))
    assert np.abs(radiograph.pixels - words / 65535).max() < 1e-6
    assert radiograph.bits == 16


def test_grey_jpeg_equals_pillow(pattern: Any) -> None:
    data = _save(Image.fromarray(pattern(0, 255, np.uint8)), "JPEG", quality=90)
    expected = np.asarray(Image.open(io.BytesIO(data)))
    assert np.array_equal(np.rint(load(data)[0].pixels * 255), expected)


@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": 0}, {"subsampling": 2}, {"keep_rgb": True}])
def test_grey_stored_as_colour_comes_out_as_grey(options: dict[str, Any], pattern: Any) -> None:
    colours = Image.fromarray(np.dstack([pattern(0, 255, np.uint8)] * 3))
    data = _save(colours, "JPEG", quality=90, **options)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    (radiograph,) = load(data)
    assert np.abs(np.rint(radiograph.pixels * 255) - expected).max() <= 1
    assert radiograph.colourfulness < 0.01


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_colour_is_reduced_and_told(form: str, pattern: Any) -> None:
    colours = np.dstack([pattern(0, 255, np.uint8), pattern(255, 0, np.uint8, 2), pattern(40, 90, np.uint8, 5)])
    data = _save(Image.fromarray(colours), form)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)
    (radiograph,) = load(data)
    assert np.abs(np.rint(radiograph.pixels * 255) - expected).max() <= 1
    assert radiograph.colourfulness > 0.2


def test_cmyk_jpeg(pattern: Any) -> None:
    grey = pattern(0, 255, np.uint8)
    data = _save(Image.fromarray(grey).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(load(data)[0].pixels * 255 - grey).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_exif_orientation(form: str, orientation: int, pattern: Any) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = _save(Image.fromarray(pattern(0, 255, np.uint8)), form, exif=exif)
    with Image.open(io.BytesIO(data)) as image:
        from PIL import ImageOps

        expected = np.asarray(ImageOps.exif_transpose(image))
    assert np.array_equal(np.rint(load(data)[0].pixels * 255), expected)


def test_alpha_lies_over_black(pattern: Any) -> None:
    grey, alpha = pattern(0, 255, np.uint8), np.full((60, 84), 255, np.uint8)
    alpha[:30] = 0
    for image in (np.dstack([grey, alpha]), np.dstack([grey] * 3 + [alpha])):
        (radiograph,) = load(_save(Image.fromarray(image), "PNG"))
        assert not radiograph.pixels[:30].any()
        assert np.array_equal(np.rint(radiograph.pixels[30:] * 255), grey[30:])


def test_palette(pattern: Any) -> None:
    grey = pattern(0, 255, np.uint8)
    image = Image.fromarray(255 - grey)
    image = image.convert("P")
    image.putpalette([value for level in range(256) for value in (255 - level,) * 3])
    assert np.array_equal(np.rint(load(_save(image, "PNG"))[0].pixels * 255), grey)


def test_one_bit(pattern: Any) -> None:
    image = Image.fromarray(pattern(0, 255, np.uint8)).convert("1")
    assert np.array_equal(load(_save(image, "PNG"))[0].pixels, np.asarray(image, np.float32))


@pytest.mark.parametrize(("dtype", "highest"), [(np.uint8, 255), (np.uint16, 4095)])
def test_white_is_zero_tiff(dtype: type[np.generic], highest: int, pattern: Any) -> None:
    words = pattern(0, highest, dtype)
    data = _save(Image.fromarray(words), "TIFF")
    tag = struct.pack("<HHIH", 262, 3, 1, 1)  # PhotometricInterpretation: black is zero
    assert data.count(tag) == 1
    (radiograph,) = load(data.replace(tag, struct.pack("<HHIH", 262, 3, 1, 0)))
    assert np.abs(radiograph.pixels - (1 - words / highest)).max() < 1e-6


def test_pages_of_a_tiff(pattern: Any) -> None:
    pages = [Image.fromarray(pattern(0, 255, np.uint8, seed)) for seed in range(3)]
    radiographs = load(_save(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert len(radiographs) == 3
    for radiograph, page in zip(radiographs, pages, strict=True):
        assert np.array_equal(np.rint(radiograph.pixels * 255), np.asarray(page))
    with pytest.raises(InputError, match="too many frames"):
        load(_save(pages[0], "TIFF", save_all=True, append_images=pages[1:]), limits=Limits(max_frames=2))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "jpeg"])
def test_compressed_tiff(compression: str, pattern: Any) -> None:
    grey = pattern(0, 255, np.uint8)
    (radiograph,) = load(_save(Image.fromarray(grey), "TIFF", compression=compression))
    assert np.abs(radiograph.pixels * 255 - grey).mean() < 3


def test_float_tiff_is_spread(pattern: Any) -> None:
    values = pattern(0, 60000).astype(np.float32) / 7 - 100
    (radiograph,) = load(_save(Image.fromarray(values), "TIFF"))
    assert (radiograph.pixels.min(), radiograph.pixels.max()) == (0.0, 1.0)
    values[3, 4] = np.nan
    with pytest.raises(InputError, match="finite"):
        load(_save(Image.fromarray(values), "TIFF"))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_truncated(form: str, share: float, pattern: Any) -> None:
    data = _save(Image.fromarray(pattern(0, 255, np.uint8)), form)
    with pytest.raises(InputError, match="truncated"):
        load(data[: int(len(data) * share)])


def test_bytes_after_the_end_of_a_jpeg_do_not_matter(pattern: Any) -> None:
    data = _save(Image.fromarray(pattern(0, 255, np.uint8)), "JPEG")
    assert np.array_equal(load(data + b"\0trailing" * 50)[0].pixels, load(data)[0].pixels)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_limits_come_before_decoding(form: str) -> None:
    data = _save(Image.fromarray(np.zeros((600, 700), np.uint8)), form)
    with pytest.raises(InputError, match="image is too large"):
        load(data, limits=Limits(max_pixels=600 * 700 - 1))
    with pytest.raises(InputError, match="bytes"):
        load(data, limits=Limits(max_bytes=len(data) - 1))
    with pytest.raises(InputError, match="bytes"):
        load(io.BytesIO(data), limits=Limits(max_bytes=len(data) - 1))
    assert load(data, limits=Limits(max_pixels=600 * 700))[0].pixels.shape == (600, 700)


def test_a_bomb_of_declared_pixels() -> None:
    head = _save(Image.fromarray(np.zeros((8, 8), np.uint8)), "PNG")
    bomb = head[:16] + (60000).to_bytes(4, "big") * 2 + head[24:]
    with pytest.raises(InputError, match="too large"):
        load(bomb)


@pytest.mark.real_data
def test_truncated_films_of_fracatlas(shared_data: Path) -> None:
    films = sorted((shared_data / "fracatlas" / "images" / "Non_fractured").glob("*.jpg"))
    cut = [film for film in films if b"\xff\xd9" not in film.read_bytes()[-4096:]]
    refused = 0
    for film in cut:
        try:
            load(film)
        except InputError:
            refused += 1
    assert refused == 59
