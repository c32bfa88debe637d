"""Windows and VOI LUTs that lie beside the values of the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.imaging import load
from osteon.imaging.quality import defects


def _table(first: int) -> dict[str, Any]:
    item = Dataset()
    item.add_new(0x00283002, "US", [1000, first, 12])
    item.add_new(0x00283006, "US", [int(one) for one in np.linspace(0, 4095, 1000)])
    return {"VOILUTSequence": Sequence([item])}


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    "elements",
    [
        {"WindowCenter": "2047", "WindowWidth": "4096"},
        {"WindowCenter": "60000", "WindowWidth": "900"},
        {"WindowCenter": "2047", "WindowWidth": "4096", "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": "2047", "WindowWidth": "900", "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": "2047", "WindowWidth": "4096", "RescaleIntercept": "0", "RescaleSlope": "3"},
        _table(100),
        _table(50_000),
    ],
)
@pytest.mark.parametrize("stray", [0, 3])
def test_the_range_is_shown_instead(
    photometric: str, elements: dict[str, Any], stray: int, write_dicom: Any, pattern: Any
) -> None:
    words = np.tile(pattern(12_000, 30_000), (2, 2))
    words.flat[:stray] = 2000  # a few dead pixels within the window do not make an image
    data = {"PhotometricInterpretation": photometric, "bits": 16}
    (found,) = load(write_dicom(words, **data, **elements))
    scale = {key: value for key, value in elements.items() if key.startswith("Rescale")}
    (plain,) = load(write_dicom(words, **data, **scale))
    assert np.array_equal(found.pixels, plain.pixels)
    assert Note(NoteCode.WINDOW_OUTSIDE) in found.notes
    assert Refusal(RefusalCode.BLANK) not in defects(found)


def test_padding_does_not_count(write_dicom: Any, pattern: Any) -> None:
    words = pattern(12_000, 30_000)
    words[:30] = 0
    window = {"WindowCenter": "500", "WindowWidth": "1200", "PixelPaddingValue": 0}
    (found,) = load(write_dicom(words, bits=16, **window))
    assert Note(NoteCode.WINDOW_OUTSIDE) in found.notes
    assert not found.pixels[:30].any()


@pytest.mark.parametrize("level", [0, 4000])
def test_a_blank_image_stays_blank(level: int, write_dicom: Any) -> None:
    words = np.full((80, 80), level, np.uint16)
    (found,) = load(write_dicom(words, WindowCenter="2000", WindowWidth="900"))
    assert len(np.unique(found.pixels)) == 1
    assert Note(NoteCode.WINDOW_OUTSIDE) not in found.notes


@pytest.mark.parametrize("share", [0.2, 0.02])
def test_a_window_on_a_part_is_kept(share: float, write_dicom: Any, pattern: Any) -> None:
    words = pattern(0, 4095)
    words[words < (1 - share) * 4095] //= 16
    window = {"WindowCenter": "3800", "WindowWidth": "900"}
    (found,) = load(write_dicom(words, **window))
    assert Note(NoteCode.WINDOW_OUTSIDE) not in found.notes
    assert np.abs(found.pixels - np.clip((words - 3799.5) / 899 + 0.5, 0, 1)).max() < 1e-6


def test_each_frame_for_itself(write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095), pattern(12_000, 30_000)])
    first, second = load(write_dicom(words, bits=16, WindowCenter="2047", WindowWidth="4096"))
    assert Note(NoteCode.WINDOW_OUTSIDE) not in first.notes
    assert Note(NoteCode.WINDOW_OUTSIDE) in second.notes
