"""A name is found whatever lies far from it in the range of values: dead pixels, padding, rims, markers, windows."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import dcmread

from osteon.deidentify import Options, Secret, deidentify
from osteon.deidentify.text.text import Text
from osteon.deidentify.text.views import search_colours, search_text, views

Values = NDArray[np.int64]
Marks = NDArray[np.bool_]


def limb() -> Values:
    """A simulated limb in 12 bits: soft, with noise."""
    image = np.full((600, 500), 300.0)
    cv2.ellipse(image, (250, 300), (120, 600), 3, 0, 360, 1100.0, -1)
    cv2.ellipse(image, (250, 300), (50, 600), 3, 0, 360, 1900.0, -1)
    noise = np.random.default_rng(0).normal(0, 30, image.shape)
    return np.clip(cv2.GaussianBlur(image, (0, 0), 5) + noise, 1, 4094).astype(np.int64)


LIMB = limb()
INK = np.asarray(cv2.putText(np.zeros(LIMB.shape, np.uint8), "DOE JOHN 1957", (20, 60), 0, 0.9, 255, 2)) > 127


def covered(found: list[Text], ink: Marks = INK) -> float:
    """Share of the ink that lies in the boxes."""
    inside = np.zeros_like(ink)
    for box in (one.box for one in found):
        inside[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = True
    return float((inside & ink).sum() / ink.sum())


def at(value: float, *places: Any) -> Callable[[Values], Values]:
    def change(values: Values) -> Values:
        changed = values.copy()
        for place in places:
            changed[place] = value
        return changed

    return change


def strewn(share: float, value: int) -> Callable[[Values], Values]:
    chosen = np.random.default_rng(1).random(LIMB.shape) < share
    return lambda values: np.where(chosen, value, values)


def behind_a_rim(values: Values) -> Values:
    changed = values + 40_000
    changed[:, 350:] = changed[500:] = 0
    return changed


HIDING: dict[str, Callable[[Values], Values]] = {
    "dead pixel": at(65535, (300, 300)),
    "dead pixel below": at(-32768, (300, 300)),
    "two dead pixels": lambda values: at(-32768, (9, 9))(at(65535, (300, 300))(values)),
    "dead row": at(65535, 300),
    "dead rows": at(65535, slice(300, 303)),
    "dead column": at(65535, (slice(None), 250)),
    "dead block": at(65535, (slice(400, 440), slice(300, 340))),
    "marker": at(65535, (slice(300, 600), slice(300, 500))),
    "few dead pixels": strewn(0.0005, 65535),
    "many dead pixels": strewn(0.01, 65535),
    "padding that is not declared": at(-32768, (slice(None), slice(400, None))),
    "padding and rim": lambda values: at(32767, (slice(None, 90), slice(400, None)))(
        at(-32768, (slice(None), slice(400, None)))(values)
    ),
    "rim far below": behind_a_rim,
    "wedge": lambda values: np.where(
        np.arange(500) > 400, np.linspace(4096, 65535, 500).astype(np.int64), values.astype(np.int64)
    ),
}


@pytest.mark.parametrize("value", [4095, 0])
@pytest.mark.parametrize("hidden", HIDING)
def test_what_lies_far_away_hides_no_name(hidden: str, value: int) -> None:
    assert covered(search_text(HIDING[hidden](np.where(INK, value, LIMB)))) > 0.95


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_hide_no_name(odd: float) -> None:
    values = np.where(INK, 4095, LIMB).astype(np.float32) / 65535
    values[3, 3:9] = odd
    assert covered(search_text(values)) > 0.95
    assert search_text(np.full((40, 40), odd, np.float32)) == []


def test_boxes_of_a_large_image_are_in_its_own_pixels() -> None:
    values = np.where(INK, 4095, LIMB)
    values[300, 300] = 65535
    large = cv2.resize(values.astype(np.float32), (2500, 3000), interpolation=cv2.INTER_NEAREST)
    ink = cv2.resize(INK.astype(np.uint8), (2500, 3000), interpolation=cv2.INTER_NEAREST) > 0
    assert covered(search_text(large), ink) > 0.95


@pytest.mark.parametrize("hidden", HIDING)
def test_without_a_name_nothing_is_found(hidden: str) -> None:
    assert search_text(HIDING[hidden](LIMB)) == []


def test_an_ordinary_image_costs_one_search() -> None:
    assert len(list(views((LIMB / 8).astype(np.float32)))) <= 2


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_name_in_one_colour_is_found(channel: int) -> None:
    colours = np.stack([(LIMB >> 4).astype(np.uint8)] * 3, axis=-1)
    colours[INK] = 0
    colours[INK, channel] = 255
    assert covered(search_colours(colours)) > 0.95


def hot(words: NDArray[Any], photometric: str) -> NDArray[Any]:
    """A name as dark or bright as the window allows, and a pixel far beyond."""
    inverted = photometric == "MONOCHROME1"
    changed = np.where(INK, 0 if inverted else 4095, 4095 - words if inverted else words)
    changed[300, 300] = 65535
    return changed.astype(np.uint16)


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("clean_pixels", [False, True])
def test_objects_with_a_dead_pixel(photometric: str, clean_pixels: bool, write_dicom: Any, secret: Secret) -> None:
    data = write_dicom(hot(LIMB, photometric), bits=16, PhotometricInterpretation=photometric)
    cleaned = deidentify(data, Options(clean_pixels=clean_pixels), secret)
    assert covered([Text(box, 3) for box in cleaned.text[0]]) > 0.95
    header = dcmread(io.BytesIO(cleaned.data))
    assert header.BurnedInAnnotation == ("NO" if clean_pixels else "YES")
    if clean_pixels:
        assert len(np.unique(header.pixel_array[INK])) < 20


@pytest.mark.parametrize(
    "declared", [{}, {"PixelPaddingValue": -32768}, {"PixelPaddingValue": -32768, "PixelPaddingRangeLimit": -32000}]
)
def test_objects_with_padding(declared: dict[str, int], write_dicom: Any, secret: Secret) -> None:
    words = np.where(INK, 1500, LIMB // 2).astype(np.int16)
    words[:, 380:] = -32768
    words[:, 440:] = -32100 if "PixelPaddingRangeLimit" in declared else -32768
    cleaned = deidentify(write_dicom(words, bits=16, **declared), Options(), secret)
    assert covered([Text(box, 3) for box in cleaned.text[0]]) > 0.95


@pytest.mark.parametrize(
    "shown",
    [
        {"WindowCenter": "312", "WindowWidth": "40"},
        {"WindowCenter": ["30000", "312"], "WindowWidth": ["60000", "40"]},
        {"WindowCenter": "312", "WindowWidth": "40", "VOILUTFunction": "SIGMOID"},
    ],
)
def test_a_name_that_only_a_window_shows_is_found(shown: dict[str, Any], write_dicom: Any, secret: Secret) -> None:
    slope = np.linspace(0, 60_000, 500)[None, :] * (np.arange(600) > 100)[:, None]
    words = np.where(INK, 325, 300 + slope).astype(np.uint16)
    cleaned = deidentify(write_dicom(words, bits=16, **shown), Options(), secret)
    assert covered([Text(box, 3) for box in cleaned.text[0]]) > 0.95


def test_eight_bits_of_little_contrast_are_seen_through_their_window(write_dicom: Any, secret: Secret) -> None:
    words = np.where(INK, 110, 100).astype(np.uint8)
    words[500:] = np.linspace(0, 255, 500).astype(np.uint8)
    data = write_dicom(words, bits=8, WindowCenter="105", WindowWidth="16")
    assert covered([Text(box, 3) for box in deidentify(data, Options(), secret).text[0]]) > 0.95
