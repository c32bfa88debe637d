"""Pictures lose everything but their pixels."""

from __future__ import annotations

import io
from typing import Any

import cv2
import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, TiffImagePlugin

from osteon.core.errors import InputError
from osteon.deidentify import Options, Secret, deidentify
from osteon.imaging import load

CANARY = "CNRY-OF-THE-PATIENT"
GREY = np.add.outer(np.arange(90), np.arange(70)).astype(np.uint8)


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x010E] = CANARY
    block[0x013B] = CANARY
    block[0x0112] = orientation
    return block.tobytes()


def jpeg(**settings: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(GREY).save(stream, "JPEG", quality=90, comment=CANARY, exif=exif(**settings), xmp=CANARY.encode())
    return stream.getvalue() + CANARY.encode()


def png(pixels: NDArray[Any] = GREY) -> bytes:
    stream = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Patient", CANARY)
    info.add_itxt("XML:com.adobe.xmp", CANARY)
    info.add_text("Zipped", CANARY * 20, zip=True)
    Image.fromarray(pixels).save(stream, "PNG", pnginfo=info, exif=exif(), icc_profile=CANARY.encode())
    return stream.getvalue() + CANARY.encode()


def tiff(pixels: NDArray[Any] = GREY) -> bytes:
    stream = io.BytesIO()
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270] = tags[305] = tags[315] = CANARY
    page = Image.fromarray(pixels)
    page.save(stream, "TIFF", tiffinfo=tags, save_all=True, append_images=[page])
    return stream.getvalue() + CANARY.encode()


@pytest.mark.parametrize(
    "data",
    [jpeg(), png(), tiff(), png(GREY.astype(np.uint16) * 257), tiff(GREY.astype(np.uint16) * 257),
     png(np.stack([GREY] * 3, axis=-1)), png(np.stack([GREY] * 4, axis=-1)), tiff(np.stack([GREY] * 3, axis=-1))],
    ids=["jpeg", "png", "tiff", "png16", "tiff16", "rgb", "rgba", "tiffrgb"],
)  # fmt: skip
def test_pixels_stay_and_the_rest_goes(data: bytes, secret: Secret) -> None:
    assert CANARY.encode() in data
    cleaned = deidentify(data, Options(), secret, name="CNRY NAME/front.jpg")
    assert b"CNRY" not in cleaned.data
    assert "CNRY" not in cleaned.path
    before, after = load(data), load(cleaned.data)
    assert len(before) == len(after)
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(before, after, strict=True))
    assert not any(
        Image.open(io.BytesIO(cleaned.data)).info.get(key) for key in ("exif", "comment", "xmp", "icc_profile")
    )


@pytest.mark.parametrize("orientation", [3, 6])
def test_turned_pictures_are_written_upright(orientation: int, secret: Secret) -> None:
    data = jpeg(orientation=orientation)
    cleaned = deidentify(data, Options(), secret).data
    assert b"CNRY" not in cleaned
    before, after = load(data)[0].pixels, load(cleaned)[0].pixels
    assert before.shape == after.shape
    assert np.abs(before - after).max() < 0.03


@pytest.mark.parametrize("encode", [imagecodecs.jpeg8_encode, imagecodecs.png_encode])
def test_text_is_blanked(encode: Any, secret: Secret) -> None:
    image = np.full((400, 500), 60, np.uint8)
    cv2.putText(image, "DOE JOHN 1957", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    flagged = deidentify(encode(image), Options(), secret)
    assert len(flagged.text[0]) == 1
    assert flagged.flags
    cleaned = deidentify(encode(image), Options(clean_pixels=True), secret)
    assert load(cleaned.data)[0].pixels.max() < 0.3


def test_views_and_cases_come_from_the_path(secret: Secret) -> None:
    front = deidentify(jpeg(), Options(), secret, name="12/front.jpg")
    side = deidentify(jpeg(), Options(), secret, name="12/side.jpg")
    other = deidentify(jpeg(), Options(), secret, name="13/side.jpg")
    assert front.study == side.study != other.study
    assert (front.view, side.view) == ("frontal", "lateral")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 CNRY", jpeg()[:300], png()[:200], tiff()[:100], b"CNRY" * 99])
def test_what_is_no_picture_is_refused(data: bytes, secret: Secret) -> None:
    with pytest.raises(InputError) as caught:
        deidentify(data, Options(), secret)
    assert "CNRY" not in str(caught.value)
