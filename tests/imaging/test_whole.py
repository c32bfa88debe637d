"""The whole range of a film, windowed as the file says, is the film as it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.imaging.dicom.dicom import read_dicom
from osteon.imaging.dicom.whole import file_window, whole_range
from osteon.imaging.limits import DEFAULT_LIMITS
from osteon.imaging.load import load


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT"])
@pytest.mark.parametrize(
    ("dtype", "bits", "slope", "intercept", "center", "width"),
    [
        (np.uint16, 12, 1, 0, 2000, 1500),
        (np.uint16, 16, 1, 0, 1800, 900),
        (np.uint16, 12, 2, -1024, 1500, 7000),
        (np.uint16, 12, -1, 4095, 2000, 1000),
        (np.int16, 16, 1, 0, 500, 800),
        (np.uint8, 8, 1, 0, 100, 60),
    ],
)
def test_window_within_the_whole_range(
    write_dicom: Callable[..., bytes],
    pattern: Callable[..., Any],
    tmp_path: Path,
    kind: str,
    function: str,
    dtype: Any,
    bits: int,
    slope: int,
    intercept: int,
    center: int,
    width: int,
) -> None:
    low = -500 if dtype is np.int16 else 0
    words = pattern(low, min(4095, 2**bits - 1), dtype)
    shown = {"WindowCenter": center, "WindowWidth": width, "VOILUTFunction": function}
    scale = {"RescaleSlope": slope, "RescaleIntercept": intercept, "PhotometricInterpretation": kind}
    data = write_dicom(words, bits=bits, **shown, **scale)
    file = tmp_path / "film.dcm"
    file.write_bytes(data)
    window = file_window(file)
    assert window is not None
    black, white = window
    assert black < white
    whole = read_dicom(data, "", DEFAULT_LIMITS, whole_range)[0].pixels
    windowed = np.clip((whole - black) / (white - black), 0, 1)
    np.testing.assert_allclose(windowed, load(data)[0].pixels, atol=2e-5)
    # Nothing is thrown away: all values that differ in the file differ in the film.
    assert len(np.unique(whole)) == len(np.unique(words))


@pytest.mark.parametrize(
    "elements",
    [
        {},
        {"WindowCenter": 100, "WindowWidth": 1},
        {"WindowCenter": 100, "WindowWidth": 50, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 100, "WindowWidth": 50, "PixelPaddingValue": 0},
        {"WindowCenter": 100, "WindowWidth": 50, "PixelAspectRatio": [2, 1]},
    ],
)
def test_films_without_a_window_are_left_as_they_are(
    write_dicom: Callable[..., bytes], pattern: Callable[..., Any], tmp_path: Path, elements: dict[str, Any]
) -> None:
    data = write_dicom(pattern(0, 4095), **elements)
    file = tmp_path / "film.dcm"
    file.write_bytes(data)
    assert file_window(file) is None


@pytest.mark.parametrize("content", [b"", b"no film at all", b"\0" * 128 + b"DICM"])
def test_damaged_files_have_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert file_window(tmp_path / "x") is None
