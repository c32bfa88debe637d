"""Views of a DICOM frame that are searched for text: its values, its colours, and its windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from pydicom.dataset import Dataset

from osteon.deidentify.text.glyphs import Grey8
from osteon.deidentify.text.text import Text
from osteon.deidentify.text.views import search_colours, search_text
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.frames import PixelData
from osteon.imaging.display.colour import MONOCHROME, PALETTE, to_rgb
from osteon.imaging.display.display import read_rendering
from osteon.imaging.display.palette import read_palette
from osteon.imaging.display.voi import Rendering, Stored, Window, render
from osteon.imaging.grey import Samples

_WINDOWS: Final = 8
"""Maximum number of windows of a file that are searched; more are rare and slow."""


def search_frame(header: Dataset, words: Samples, pixels: PixelData, stored: Stored) -> list[Text]:
    """The lines of text in a decoded frame, in any part of its range or any of its colours.

    Args:
        header: of the object.
        words: of the frame, (H, W) or (H, W, 3), without bits outside the samples.
        pixels: location of the samples.
        stored: layout of a sample in its word.
    """
    if pixels.layout.photometric in MONOCHROME:
        return _search_grey(header, words, stored)
    photometric = pixels.layout.photometric
    palette = read_palette(header, stored, pixels.layout.word_bytes)[0] if photometric == PALETTE else None
    decoded = pixels.codec is not None and pixels.codec.to_rgb
    return search_colours(to_rgb(words, photometric, palette, decoded=decoded))


def _search_grey(header: Dataset, words: Samples, stored: Stored) -> list[Text]:
    rendering, _ = read_rendering(header, stored)
    codes = np.arange(2 ** (8 * words.dtype.itemsize))
    table = stored(codes)
    used = None if rendering.padding is None else ~rendering.padding(codes, table)[words]
    values = np.asarray(cv2.LUT(np.ascontiguousarray(words), table.astype(np.float32)), np.float32)
    shown = (_eight_bits(words, window_rendering) for window_rendering in _renderings(header, rendering))
    return search_text(values, used=used, shown=shown)


def _renderings(header: Dataset, first: Rendering) -> Iterator[Rendering]:
    """The renderings that the file offers: its own, and one by each of its windows; without one that spreads the whole range."""
    if first.voi is not None:
        yield first
    pairs = zip(head.values(header, "WindowCenter"), head.values(header, "WindowWidth"), strict=False)
    for center, width in list(pairs)[:_WINDOWS]:
        if center is None or width is None or width < 1:
            continue
        window = Window(center, width)
        if window != first.voi:
            yield replace(first, voi=window)


def _eight_bits(words: Samples, rendering: Rendering) -> Grey8:
    return np.asarray(cv2.convertScaleAbs(render(words, rendering), alpha=255.0), np.uint8)
