"""Windows, rescaling and spacing in functional groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging import load

CAPTURE = {"SOPClassUID": MultiFrameGrayscaleWordSecondaryCaptureImageStorage, "Modality": "OT"}


def _macros(**elements: Any) -> Dataset:
    """A group with the macros that hold some elements."""
    homes = {
        "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence"),
        "PixelValueTransformationSequence": ("RescaleSlope", "RescaleIntercept", "RescaleType"),
        "PixelMeasuresSequence": ("PixelSpacing", "ImagerPixelSpacing"),
    }
    group = Dataset()
    for home, keywords in homes.items():
        macro = Dataset()
        for keyword in set(keywords) & set(elements):
            setattr(macro, keyword, elements[keyword])
        if len(macro):
            setattr(group, home, Sequence([macro]))
    return group


def _table() -> Sequence:
    item = Dataset()
    item.add_new(0x00283002, "US", [4096, 0, 12])
    item.add_new(0x00283006, "US", [int(4095 * (i / 4095) ** 2) for i in range(4096)])
    return Sequence([item])


STATED = [
    {"WindowCenter": "1500", "WindowWidth": "2000"},
    {"WindowCenter": "1500", "WindowWidth": "2000", "VOILUTFunction": "SIGMOID"},
    {"WindowCenter": "300", "WindowWidth": "900", "RescaleSlope": "0.5", "RescaleIntercept": "-200"},
    {"WindowCenter": "1500", "WindowWidth": "2000", "PixelSpacing": [0.2, 0.1]},
    {"VOILUTSequence": _table()},
]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("stated", STATED, ids=lambda stated: "-".join(stated))
@pytest.mark.parametrize("place", ["shared", "per frame", "per frame over shared", "shared over the top"])
def test_groups_count_as_the_top_does(syntax: str, stated: Any, place: str, write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095), pattern(0, 4095, seed=3)])
    expected = load(write_dicom(words, syntax=syntax, **CAPTURE, **stated))
    other = (
        _macros(WindowCenter="50", WindowWidth="70", PixelSpacing=[0.9, 0.9]) if "PixelSpacing" in stated else Dataset()
    )
    groups: dict[str, Any] = {
        "shared": {"SharedFunctionalGroupsSequence": Sequence([_macros(**stated)])},
        "per frame": {"PerFrameFunctionalGroupsSequence": Sequence([_macros(**stated), _macros(**stated)])},
        "per frame over shared": {
            "SharedFunctionalGroupsSequence": Sequence([other]),
            "PerFrameFunctionalGroupsSequence": Sequence([_macros(**stated), _macros(**stated)]),
        },
        "shared over the top": {
            "SharedFunctionalGroupsSequence": Sequence([_macros(**stated)]),
            **({"WindowCenter": "9", "WindowWidth": "9"} if "WindowCenter" in stated else {}),
        },
    }[place]
    for one, exact in zip(load(write_dicom(words, syntax=syntax, **CAPTURE, **groups)), expected, strict=True):
        assert np.array_equal(one.pixels, exact.pixels)
        assert one.spacing == exact.spacing
        assert one.notes == exact.notes


def test_each_frame_has_its_own(write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095)] * 3)
    stated = [
        {"WindowCenter": "1500", "WindowWidth": "2000"},
        {"WindowCenter": "900", "WindowWidth": "500", "PixelSpacing": [0.2, 0.1]},
        {"RescaleSlope": "-1", "RescaleIntercept": "4095"},
    ]
    groups = Sequence([_macros(**one) for one in stated])
    found = load(write_dicom(words, **CAPTURE, PerFrameFunctionalGroupsSequence=groups))
    for one, elements in zip(found, stated, strict=True):
        (alone,) = load(write_dicom(words[0], **CAPTURE, **elements))
        assert np.array_equal(one.pixels, alone.pixels)
        assert one.spacing == alone.spacing


def test_fewer_groups_than_frames(write_dicom: Any, pattern: Any) -> None:
    words = np.stack([pattern(0, 4095)] * 2)
    groups = Sequence([_macros(WindowCenter="900", WindowWidth="500")])
    first, second = load(write_dicom(words, **CAPTURE, PerFrameFunctionalGroupsSequence=groups))
    assert np.array_equal(second.pixels, load(write_dicom(words[0], **CAPTURE))[0].pixels)
    assert Note(NoteCode.WINDOW_MISSING) in second.notes
    assert Note(NoteCode.WINDOW_MISSING) not in first.notes
