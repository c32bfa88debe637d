"""Numbers of a header that are not written as they should be: each is read or told, and none empties the others."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from osteon.core.codes.note import Note, NoteCode
from osteon.core.records import Radiograph
from osteon.imaging import load
from osteon.imaging.dicom.header import read_number

TAGS = {
    "WindowCenter": (0x0028, 0x1050),
    "WindowWidth": (0x0028, 0x1051),
    "RescaleIntercept": (0x0028, 0x1052),
    "RescaleSlope": (0x0028, 0x1053),
    "PixelSpacing": (0x0028, 0x0030),
    "ImagerPixelSpacing": (0x0018, 0x1164),
    "NominalScannedPixelSpacing": (0x0018, 0x2010),
    "PixelAspectRatio": (0x0028, 0x0034),
    "EstimatedRadiographicMagnificationFactor": (0x0018, 0x1114),
}


def _element(keyword: str, text: str) -> bytes:
    value = text.encode() + b" " * (len(text) % 2)
    vr = b"IS" if keyword == "PixelAspectRatio" else b"DS"
    return struct.pack("<HH2sH", *TAGS[keyword], vr, len(value)) + value


@pytest.fixture(scope="module")
def read(write_dicom: Any, pattern: Any) -> Any:
    """Read an image with elements written as they are given, whatever they say."""

    def read(**elements: str) -> Radiograph:
        data = write_dicom(pattern(0, 4095), StudyDate="20200101")
        for keyword, text in elements.items():
            group, element = TAGS[keyword]
            place = 132 + 12 + int.from_bytes(data[140:144], "little")
            while struct.unpack_from("<HH", data, place) < (group, element):
                long = data[place + 4 : place + 6] in (b"OB", b"OW", b"SQ", b"UN")
                size = struct.unpack_from("<I" if long else "<H", data, place + (8 if long else 6))[0]
                place += size + (12 if long else 8)
            data = data[:place] + _element(keyword, text) + data[place:]
        return load(data)[0]

    return read


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1", 1), ("-2.5", -2.5), ("+3", 3), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("1,5", 1.5), ("-0,25", -0.25),
        ("", None), ("abc", None), ("nan", None), ("inf", None), ("1_000", None), ("1.234,5", None), ("0x10", None),
        ("1,5E2", 150), ("1e999", None), ("٣", None),
    ],
)  # fmt: skip
def test_numbers(written: str, number: float | None) -> None:
    assert read_number(written) == number


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ({"WindowCenter": "2000,5", "WindowWidth": "3000,25"}, {"WindowCenter": "2000.5", "WindowWidth": "3000.25"}),
        ({"RescaleSlope": "0,5", "RescaleIntercept": "-20,5"}, {"RescaleSlope": "0.5", "RescaleIntercept": "-20.5"}),
        ({"PixelSpacing": "0,2\\0,1"}, {"PixelSpacing": "0.2\\0.1"}),
        ({"PixelSpacing": "0.2,0.1"}, {"PixelSpacing": "0.2\\0.1"}),
        ({"PixelSpacing": "0.2 0.1"}, {"PixelSpacing": "0.2\\0.1"}),
        ({"ImagerPixelSpacing": "0,2\\0,1"}, {"ImagerPixelSpacing": "0.2\\0.1"}),
        ({"NominalScannedPixelSpacing": "0,2\\0,1"}, {"NominalScannedPixelSpacing": "0.2\\0.1"}),
        ({"PixelAspectRatio": "2.0\\1.0"}, {"PixelAspectRatio": "2\\1"}),
        ({"PixelAspectRatio": "2,0\\1"}, {"PixelAspectRatio": "2\\1"}),
        (
            {"ImagerPixelSpacing": "0.3\\0.3", "EstimatedRadiographicMagnificationFactor": "1,5"},
            {"ImagerPixelSpacing": "0.3\\0.3", "EstimatedRadiographicMagnificationFactor": "1.5"},
        ),
    ],
)
def test_read_as_meant(written: dict[str, str], right: dict[str, str], read: Any) -> None:
    found, expected = read(**written), read(**right)
    assert np.array_equal(found.pixels, expected.pixels)
    assert (found.spacing is None) == (expected.spacing is None)
    assert found.spacing is None or found.spacing == pytest.approx(expected.spacing)
    commas = [keyword for keyword, text in written.items() if "," in text]
    assert all(any(note.values.get("element") == keyword for note in found.notes) for keyword in commas)


@pytest.mark.parametrize("bad", ["abc", "", "nan", "--", "1.234,5", "1e999"])
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("keyword", ["WindowCenter", "WindowWidth"])
def test_one_bad_window_leaves_the_others(bad: str, at: int, keyword: str, read: Any) -> None:
    windows = {"WindowCenter": ["1500", "2000", "2500"], "WindowWidth": ["2000", "3000", "1000"]}
    first = 1 if at == 0 and bad else 0
    good = {key: values[first] for key, values in windows.items()}
    windows[keyword][at] = bad
    found = read(**{key: "\\".join(values) for key, values in windows.items()})
    if bad:
        assert np.array_equal(found.pixels, read(**good).pixels)
        assert Note(NoteCode.MALFORMED, {"element": keyword}) in found.notes


@pytest.mark.parametrize(
    "keyword", ["RescaleSlope", "RescaleIntercept", "WindowCenter", "PixelSpacing", "PixelAspectRatio"]
)
@pytest.mark.parametrize("bad", ["abc", "1.234,5", "inf"])
def test_what_is_no_number_is_told_and_costs_nothing_else(keyword: str, bad: str, read: Any) -> None:
    others = {"WindowCenter": "2000", "WindowWidth": "3000", "ImagerPixelSpacing": "0.2\\0.2"}
    found = read(**{**others, keyword: bad})
    rest = {key: value for key, value in others.items() if key != keyword}
    assert np.array_equal(found.pixels, read(**rest).pixels)
    assert Note(NoteCode.MALFORMED, {"element": keyword}) in found.notes
    assert bad not in repr(found.notes)
