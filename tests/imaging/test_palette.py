"""Palettes of every form."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from osteon.core.errors import InputError
from osteon.imaging import load
from osteon.imaging.grey import to_grey

CHANNELS = ("Red", "Green", "Blue")


def _ramps(count: int, bits: int) -> list[np.ndarray]:
    full, x = 2**bits - 1, np.arange(count) / max(1, count - 1)
    return [np.rint(full * one).astype(np.uint16) for one in (x, 1 - x**2, 0.3 + 0.4 * x)]


def _palette(
    ramps: list[np.ndarray], bits: int, *, size: int, big: bool = False, first: int = 0, segmented: bool = False
) -> dict[str, Any]:
    """Elements of a palette; ``size`` is the number of bytes of an entry."""
    elements: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, ramp in zip(CHANNELS, ramps, strict=True):
        words = np.frombuffer(ramp.astype(np.uint8).tobytes() + b"\0" * (len(ramp) % 2), "<u2") if size == 1 else ramp
        data = words.astype(">u2" if big else "<u2").tobytes()
        prefix = "Segmented" if segmented else ""
        elements[f"{name}PaletteColorLookupTableDescriptor"] = [len(ramp) % 65536, first, bits]
        elements[f"{prefix}{name}PaletteColorLookupTableData"] = data
    return elements


def _grey(ramps: list[np.ndarray], indices: np.ndarray, bits: int) -> np.ndarray:
    scaled = [np.rint(ramp / (2**bits - 1) * 65535).astype(np.uint16) for ramp in ramps]
    colours = np.stack([ramp[np.clip(indices, 0, len(ramp) - 1)] for ramp in scaled], axis=-1)
    return to_grey(colours) / 65535


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("bits", "size"), [(8, 1), (8, 2), (16, 2), (16, 1)])
@pytest.mark.parametrize("count", [200, 256, 255, 1000, 4096])
@pytest.mark.parametrize("first", [0, 7])
def test_entries_in_every_form(
    syntax: str, bits: int, size: int, count: int, first: int, write_dicom: Any, pattern: Any
) -> None:
    words, depth = pattern(0, min(count + 20, 4095)), 8 * size
    ramps = _ramps(count, depth if bits == 16 else 8)
    stated = _palette(ramps, bits, size=size, big=syntax == ExplicitVRBigEndian, first=first)
    (found,) = load(write_dicom(words, bits=12, syntax=syntax, **stated))
    expected = _grey(ramps, words.astype(int) - first, depth if bits == 16 else 8)
    assert np.abs(found.pixels - expected).max() < 2e-5


@pytest.mark.dcmtk
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("bits", "size"), [(8, 1), (16, 2)])
@pytest.mark.parametrize(("count", "first"), [(256, 0), (200, 20), (4096, 0), (1000, 500)])
def test_as_dcmtk_shows_them(
    syntax: str,
    bits: int,
    size: int,
    count: int,
    first: int,
    write_dicom: Any,
    pattern: Any,
    dcmtk_render: Any,
    grey_levels: Any,
) -> None:
    stated = _palette(_ramps(count, bits), bits, size=size, big=syntax == ExplicitVRBigEndian, first=first)
    data = write_dicom(pattern(0, 4095 if count > 256 else 255), bits=12, syntax=syntax, **stated)
    assert grey_levels(load(data)[0].pixels, dcmtk_render(data, "+G")) <= 1


def test_65536_entries(write_dicom: Any, pattern: Any) -> None:
    words, ramps = pattern(0, 65535), _ramps(65536, 16)
    (found,) = load(write_dicom(words, bits=16, **_palette(ramps, 16, size=2)))
    assert np.abs(found.pixels - _grey(ramps, words, 16)).max() < 2e-5


def test_signed_indices(write_dicom: Any, pattern: Any) -> None:
    words, ramps = pattern(-100, 120, np.int16), _ramps(200, 16)
    (found,) = load(write_dicom(words, bits=16, **_palette(ramps, 16, size=2, first=-100)))
    assert np.abs(found.pixels - _grey(ramps, words.astype(int) + 100, 16)).max() < 2e-5


def test_each_channel_has_its_own_descriptor(write_dicom: Any, pattern: Any) -> None:
    words, ramps = pattern(0, 255, np.uint8), _ramps(256, 16)
    stated = _palette(ramps, 16, size=2)
    ramps[1] = np.arange(100, 200, dtype=np.uint16)
    stated["GreenPaletteColorLookupTableDescriptor"] = [100, 50, 8]
    stated["GreenPaletteColorLookupTableData"] = ramps[1].astype(np.uint8).tobytes()
    (found,) = load(write_dicom(words, bits=8, **stated))
    green = ramps[1][np.clip(words.astype(int) - 50, 0, 99)].astype(np.uint16) * 257
    expected = to_grey(np.stack([ramps[0][words], green, ramps[2][words]], axis=-1)) / 65535
    assert np.abs(found.pixels - expected).max() < 2e-5


def _segments(ramp: np.ndarray, size: int) -> np.ndarray:
    """Runs, lines and a repetition that expand to ``_expanded``."""
    high = int(ramp[-1])
    first = [0, 3, 0, 1, 2]
    line = [1, 100, high]
    offset = (len(first)) * size
    low, up = (offset & 0xFFFF, offset >> 16)
    again = [2, 1, *([offset & 255, offset >> 8, 0, 0] if size == 1 else [low, up])]
    return np.asarray([*first, *line, 0, 1, 5, *again], np.uint16)


def _expanded(ramp: np.ndarray) -> np.ndarray:
    high = int(ramp[-1])
    line = np.rint(2 + (high - 2) * np.arange(1, 101) / 100)
    again = np.rint(5 + (high - 5) * np.arange(1, 101) / 100)
    return np.concatenate([[0, 1, 2], line, [5], again]).astype(np.uint16)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize(("bits", "size"), [(8, 1), (16, 2)])
def test_segmented(syntax: str, bits: int, size: int, write_dicom: Any, pattern: Any) -> None:
    ramps = _ramps(204, bits)
    packed = [_segments(ramp, size) for ramp in ramps]
    stated = _palette(packed, bits, size=size, big=syntax == ExplicitVRBigEndian, segmented=True)
    for name in CHANNELS:
        stated[f"{name}PaletteColorLookupTableDescriptor"] = [204, 0, bits]
    words = pattern(0, 210, np.uint8)
    (found,) = load(write_dicom(words, bits=8, syntax=syntax, **stated))
    expanded = [_expanded(ramp) for ramp in ramps]
    assert np.abs(found.pixels - _grey(expanded, words, bits)).max() < 3e-5


@pytest.mark.parametrize("data", [[2, 65535, 0, 0] * 50, [1, 9, 9], [0, 65535, 1], [7, 7, 7], [0, 0] * 5000])
def test_segments_that_lead_nowhere_end(data: list[int], write_dicom: Any, pattern: Any) -> None:
    packed = [np.asarray(data, np.uint16)] * 3
    stated = _palette(packed, 16, size=2, segmented=True)
    for name in CHANNELS:
        stated[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
    with contextlib.suppress(InputError):
        load(write_dicom(pattern(0, 255, np.uint8), bits=8, **stated))


@pytest.mark.parametrize("missing", ["RedPaletteColorLookupTableData", "BluePaletteColorLookupTableDescriptor"])
def test_a_palette_that_is_not_whole(missing: str, write_dicom: Any, pattern: Any) -> None:
    stated = _palette(_ramps(256, 16), 16, size=2)
    del stated[missing]
    with pytest.raises(InputError, match="the palette is missing or damaged"):
        load(write_dicom(pattern(0, 255, np.uint8), bits=8, **stated))
