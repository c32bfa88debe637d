"""Whether a de-identified object is displayed as the original: all attributes that affect display were kept."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from osteon.imaging.dicom import header as head
from osteon.imaging.dicom.frames import PixelData
from osteon.imaging.dicom.groups import frame_header, has_groups
from osteon.imaging.display.colour import MONOCHROME, PALETTE
from osteon.imaging.display.display import read_rendering
from osteon.imaging.display.palette import read_palette
from osteon.imaging.display.voi import Stored, render


def is_displayed_equally(old: Dataset, new: Dataset, pixels: PixelData, stored: Stored) -> bool:
    """Whether every sample has the same brightness or colour with both headers, in every frame.

    Args:
        old: the original's elements.
        new: those that were kept, before pixels are written to them.
        pixels: location of the samples.
        stored: layout of a sample in its word.

    Raises:
        InputError: the palette is missing or damaged.
    """
    frames = range(pixels.frames if has_groups(old) else 1)
    return all(_alike(frame_header(old, index), frame_header(new, index), pixels, stored) for index in frames)


def _alike(old: Dataset, new: Dataset, pixels: PixelData, stored: Stored) -> bool:
    layout = pixels.layout
    photometric = head.text(new, "PhotometricInterpretation").upper()
    aspects = [head.aspect(header, head.spacing(header)[0]) for header in (old, new)]
    if photometric != layout.photometric or not np.isclose(*aspects, rtol=1e-6):
        return False
    if photometric == PALETTE:
        first, second = (read_palette(header, stored, layout.word_bytes)[0] for header in (old, new))
        return np.array_equal(first, second)
    if photometric not in MONOCHROME:
        return True
    every = np.arange(2 ** (8 * layout.word_bytes)).reshape(-1, 256)
    words = every.astype(np.uint8 if layout.word_bytes == 1 else np.uint16)
    before, after = (render(words, read_rendering(header, stored)[0]) for header in (old, new))
    return np.allclose(before, after, atol=1e-6)
