"""Modality and VOI LUTs of every form, and for which objects they are for display."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    XRayAngiographicImageStorage,
    XRayRadiofluoroscopicImageStorage,
)

from osteon.core.codes.note import Note, NoteCode
from osteon.imaging import load


def _curve(count: int, bits: int) -> np.ndarray:
    return np.rint((np.arange(count) / (count - 1)) ** 1.6 * (2**bits - 1)).astype(np.uint16)


def _item(descriptor: list[int], data: Any, *, vr: str = "US", data_vr: str = "OW") -> Dataset:
    item = Dataset()
    item.add(DataElement(0x00283002, vr, descriptor))
    item.add(DataElement(0x00283006, data_vr, data))
    return item


def _voi(*items: Dataset) -> dict[str, Any]:
    return {"VOILUTSequence": Sequence(items)}


@pytest.mark.parametrize("bits", [8, 9, 10, 12, 14, 16])
@pytest.mark.parametrize("stated", [8, 10, 12, 16, 0, 99])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_white_is_the_depth_of_the_largest_entry(
    bits: int, stated: int, photometric: str, write_dicom: Any, pattern: Any
) -> None:
    words, entries = pattern(0, 4095), _curve(4096, bits)
    table = _voi(_item([4096, 0, stated], entries.astype("<u2").tobytes()))
    (found,) = load(write_dicom(words, PhotometricInterpretation=photometric, **table))
    expected = entries[words] / (2**bits - 1)
    assert np.abs(found.pixels - (1 - expected if photometric == "MONOCHROME1" else expected)).max() < 1e-6
    assert any(note.code is NoteCode.VOI_LUT_DEPTH for note in found.notes) == (
        stated != bits and stated in (8, 10, 12, 16)
    )


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
@pytest.mark.parametrize("data_vr", ["OW", "US", "SS"])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("count", [256, 255, 4096])
def test_entries_in_every_form(
    syntax: str, data_vr: str, size: int, count: int, write_dicom: Any, pattern: Any
) -> None:
    """Entries of 8 bits lie two to a word, the first in the lower byte, or one to a word."""
    big = syntax == ExplicitVRBigEndian
    words, entries = pattern(0, count - 1), _curve(count, 8)
    packed = entries.astype(np.uint8).tobytes() + b"\0" * (count % 2) if size == 1 else entries.astype("<u2").tobytes()
    array = np.frombuffer(packed, "<u2")
    data: Any = array.astype(">u2" if big else "<u2").tobytes()
    if data_vr != "OW":
        data = [int(one) for one in (array.view("<i2") if data_vr == "SS" else array)]
    (found,) = load(write_dicom(words, syntax=syntax, **_voi(_item([count, 0, 8], data, data_vr=data_vr))))
    assert np.abs(found.pixels - entries[words] / 255).max() < 1e-6


@pytest.mark.parametrize("keyword", ["VOILUTSequence", "ModalityLUTSequence"])
def test_no_entries_means_65536(keyword: str, write_dicom: Any, pattern: Any) -> None:
    words, entries = pattern(0, 65535), _curve(65536, 16)
    (found,) = load(write_dicom(words, bits=16, **{keyword: Sequence([_item([0, 0, 16], entries.tobytes())])}))
    assert np.abs(found.pixels - entries[words] / 65535).max() < 1e-5


@pytest.mark.parametrize(("first", "vr"), [(-1500, "SS"), (64036, "US"), (-1500, "US")])
@pytest.mark.parametrize("signed", ["samples", "rescaled"])
def test_a_first_value_below_zero(first: int, vr: str, signed: str, write_dicom: Any, pattern: Any) -> None:
    entries = _curve(3000, 12)
    descriptor = [3000, first % 65536 if vr == "US" else first, 12]
    table = _voi(_item(descriptor, entries.tobytes(), vr=vr))
    if signed == "samples":
        values = words = pattern(-2048, 2047, np.int16)
    else:
        words = pattern(0, 4095)
        values, table = words.astype(int) - 2048, table | {"RescaleIntercept": "-2048", "RescaleSlope": "1"}
    (found,) = load(write_dicom(words, **table))
    assert np.abs(found.pixels - entries[np.clip(values + 1500, 0, 2999)] / 4095).max() < 1e-6


@pytest.mark.parametrize("vr", ["US", "SS"])
def test_a_first_value_above_the_signed_ones(vr: str, write_dicom: Any, pattern: Any) -> None:
    words, entries = pattern(40_000, 60_000), _curve(20_001, 12)
    first = 40_000 - 65_536 if vr == "SS" else 40_000
    (found,) = load(write_dicom(words, bits=16, **_voi(_item([20_001, first, 12], entries.tobytes(), vr=vr))))
    assert np.abs(found.pixels - entries[words.astype(int) - 40_000] / 4095).max() < 1e-6


@pytest.mark.parametrize("there", [3000, 4095])
def test_fewer_entries_than_stated(there: int, write_dicom: Any, pattern: Any) -> None:
    words, entries = pattern(0, 4095), _curve(there, 12)
    (found,) = load(write_dicom(words, **_voi(_item([4096, 0, 12], entries.tobytes()))))
    assert np.abs(found.pixels - entries[np.minimum(words, there - 1)] / 4095).max() < 1e-6
    assert Note(NoteCode.LUT_LENGTH, {"table": "VOI LUT", "stated": 4096, "found": there}) in found.notes


def test_more_entries_than_stated(write_dicom: Any, pattern: Any) -> None:
    words, entries = pattern(0, 4095), _curve(4096, 12)
    data = entries.tobytes() + bytes(2000)
    (found,) = load(write_dicom(words, **_voi(_item([4096, 0, 12], data))))
    assert np.abs(found.pixels - entries[words] / 4095).max() < 1e-6


def test_several_tables(write_dicom: Any, pattern: Any) -> None:
    words, entries = pattern(0, 4095), _curve(4096, 12)
    good, other = _item([4096, 0, 12], entries.tobytes()), _item([4096, 0, 12], entries[::-1].tobytes())
    (found,) = load(write_dicom(words, WindowCenter="9", WindowWidth="9", **_voi(good, other)))
    assert np.abs(found.pixels - entries[words] / 4095).max() < 1e-6
    assert Note(NoteCode.VOI_LUTS, {"count": 2}) in found.notes
    empty = Dataset()
    (found,) = load(write_dicom(words, **_voi(empty, _item([1], b""), good)))
    assert np.abs(found.pixels - entries[words] / 4095).max() < 1e-6
    assert Note(NoteCode.LUT_UNUSABLE, {"count": 2, "table": "VOI LUT"}) in found.notes


def test_a_table_that_cannot_be_used_leaves_the_window(write_dicom: Any, pattern: Any) -> None:
    window = {"WindowCenter": "2000", "WindowWidth": "3000"}
    (found,) = load(write_dicom(pattern(0, 4095), **window, **_voi(Dataset())))
    assert np.array_equal(found.pixels, load(write_dicom(pattern(0, 4095), **window))[0].pixels)


@pytest.mark.parametrize("sop_class", [XRayAngiographicImageStorage, XRayRadiofluoroscopicImageStorage])
@pytest.mark.parametrize("relationship", ["LIN", "LOG", "DISP", ""])
@pytest.mark.parametrize("modality", ["table", "rescale"])
@pytest.mark.parametrize("voi", ["window", "table", ""])
def test_beam_intensities_are_not_displayed(
    sop_class: str, relationship: str, modality: str, voi: str, write_dicom: Any, pattern: Any
) -> None:
    """PS3.3 C.8.7.1.1.2: the Modality LUT of XA and RF leads from pixels to X-ray intensity, away from display."""
    display: dict[str, Any] = {
        "window": {"WindowCenter": "2047.5", "WindowWidth": "4096"},
        "table": _voi(_item([4096, 0, 12], _curve(4096, 12).tobytes())),
    }.get(voi, {})
    display |= {"SOPClassUID": sop_class, "Modality": "XA", "PixelIntensityRelationship": relationship}
    table = _item([4096, 0, 16], _curve(4096, 16)[::-1].tobytes())
    scaled = {"RescaleSlope": "16", "RescaleIntercept": "-500", "RescaleType": "US"}
    towards = {"ModalityLUTSequence": Sequence([table])} if modality == "table" else scaled
    words = pattern(0, 4095)
    (found,), (plain,) = load(write_dicom(words, **display, **towards)), load(write_dicom(words, **display))
    assert np.array_equal(found.pixels, plain.pixels)


@pytest.mark.dcmtk
@pytest.mark.parametrize("sop_class", [XRayAngiographicImageStorage, XRayRadiofluoroscopicImageStorage])
@pytest.mark.parametrize("relationship", ["LIN", "LOG", "DISP"])
def test_beam_intensities_as_dcmtk_shows_them(
    sop_class: str, relationship: str, write_dicom: Any, pattern: Any, dcmtk_render: Any, grey_levels: Any
) -> None:
    elements = {"SOPClassUID": sop_class, "Modality": "XA", "PixelIntensityRelationship": relationship}
    elements |= {"RescaleSlope": "16", "RescaleIntercept": "-500", "WindowCenter": "2000", "WindowWidth": "3000"}
    data = write_dicom(pattern(0, 4095), **elements)
    assert grey_levels(load(data)[0].pixels, dcmtk_render(data, "+Wi", "1")) <= 1
