"""Identifiers are planted everywhere, and none is found after."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from osteon.core.errors import InputError
from osteon.deidentify import Cleaned, Dates, Options, Secret, deidentify
from osteon.deidentify.header.allowed import RULES
from osteon.deidentify.header.profile import tags
from osteon.deidentify.header.retained import DEVICE, INSTITUTION
from osteon.imaging import load

pytestmark = pytest.mark.long

Clean = Callable[..., Dataset]


@pytest.fixture(scope="module")
def cleaned(planted_object: bytes, secret: Secret) -> Cleaned:
    """What is left of the object without any option."""
    return deidentify(planted_object, Options(), secret)


def test_they_are_planted_everywhere(planted_object: bytes) -> None:
    header = dcmread(io.BytesIO(planted_object))
    assert planted_object.count(b"CNRY") > 10_000
    assert len(header) > 4_500  # of the 5,091 attributes of the dictionary; the others cannot be in a data set
    assert planted_object[:128] == b"CNRY" * 32


def test_they_are_planted_in_the_smaller_object(shallow_object: bytes, planted_object: bytes) -> None:
    assert shallow_object.count(b"CNRY") > 5_000
    header, full = dcmread(io.BytesIO(shallow_object)), dcmread(io.BytesIO(planted_object))
    assert header.keys() == full.keys()
    region, full_region = (one.AnatomicRegionSequence[0] for one in (header, full))
    assert region.keys() == full_region.keys()
    assert len(region.AnatomicRegionModifierSequence[0]) > 25


def test_nothing_is_found_after(
    planted_object: bytes, cleaned: Cleaned, traces: Callable[[bytes], list[bytes]]
) -> None:
    assert len(traces(planted_object)) >= 9
    assert traces(cleaned.data) == []
    assert cleaned.data[:128] == bytes(128)
    assert "CNRY" not in repr(cleaned)


@pytest.mark.parametrize(
    "options",
    [
        Options(keep_patient=True),
        Options(keep_private=True),
        Options(clean_descriptors=True),
        Options(clean_graphics=True),
        Options(clean_pixels=True),
    ],
    ids=["patient", "private", "descriptors", "graphics", "pixels"],
)
def test_nothing_is_found_with_options(
    options: Options, shallow_object: bytes, secret: Secret, traces: Callable[[bytes], list[bytes]]
) -> None:
    left = traces(deidentify(shallow_object, options, secret).data)
    allowed = {b"077Y", b"77319977"} if options.keep_patient else set[bytes]()  # age, size and weight
    assert set(left) <= allowed


def test_nothing_is_found_with_all_options(
    planted_object: bytes, secret: Secret, traces: Callable[[bytes], list[bytes]]
) -> None:
    options = Options(
        keep_patient=True, keep_private=True, clean_descriptors=True, clean_graphics=True, clean_pixels=True
    )
    left = traces(deidentify(planted_object, options, secret).data)
    assert set(left) <= {b"077Y", b"77319977"}  # age, size and weight


def test_what_is_retained_is_only_that(
    shallow_object: bytes, clean: Clean, where: Callable[[Dataset], set[str]]
) -> None:
    from pydicom.datadict import keyword_for_tag

    device = where(clean(shallow_object, keep_device=True))
    assert device
    assert device <= {keyword_for_tag(tag) for tag in DEVICE}
    institution = where(clean(shallow_object, keep_institution=True))
    assert {"InstitutionName", "InstitutionAddress"} <= institution
    codes = {"CodeValue", "CodingSchemeDesignator", "CodeMeaning"}
    assert institution <= {keyword_for_tag(tag) for tag in INSTITUTION} | codes


def test_dates_appear_only_shifted(shallow_object: bytes, secret: Secret) -> None:
    for dates in (Dates.SHIFT, Dates.SHIFT_DAYS):
        data = deidentify(shallow_object, Options(dates=dates), secret).data
        assert b"19310317" not in data
        assert b"CNRY" not in data
        assert (b"031759" in data) == (dates is Dates.SHIFT)


def test_retained_uids_are_only_uids(shallow_object: bytes, clean: Clean, where: Callable[[Dataset], set[str]]) -> None:
    header = clean(shallow_object, keep_uids=True)
    assert where(header) == set()
    assert str(header.StudyInstanceUID).startswith("1.2.826.0.1.99731.")
    kept = {element.VR for element in header.iterall() if "99731" in str(element.value) and element.VR != "SQ"}
    assert kept == {"UI"}


def test_only_listed_attributes_stay(cleaned: Cleaned) -> None:
    added = {0x00120062, 0x00120063, 0x00120064, 0x00280303, 0x00280301, 0x7FE00010, 0x00080102}
    codes = {0x00080100, 0x00080102, 0x00080104}
    for element in dcmread(io.BytesIO(cleaned.data)).iterall():
        assert int(element.tag) in set(RULES) | tags() | added | codes, element.tag
        assert not element.tag.is_private


def test_pixels_stay_and_what_follows_them_goes(planted_object: bytes, cleaned: Cleaned) -> None:
    assert len(dcmread(io.BytesIO(cleaned.data)).PixelData) == 64 * 48 * 2
    assert np.array_equal(load(cleaned.data)[0].pixels, load(planted_object)[0].pixels)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"])
def test_other_encodings(
    syntax: str, plant: Callable[..., bytes], secret: Secret, traces: Callable[[bytes], list[bytes]]
) -> None:
    data = plant(syntax)
    cleaned = deidentify(data, Options(), secret)
    assert traces(cleaned.data) == []
    assert np.array_equal(load(cleaned.data)[0].pixels, load(data)[0].pixels)


def test_messages_hold_nothing(write_dicom: Any, secret: Secret) -> None:
    for broken in (
        {"Modality": "CNRY"},
        {"SOPClassUID": "1.2.826.0.1.99731.5"},
        {"PhotometricInterpretation": "CNRY"},
        {"Rows": 31297},
        {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"},
    ):
        with pytest.raises(InputError) as caught:
            deidentify(write_dicom(np.zeros((8, 8), np.uint16), **broken), Options(), secret)
        assert "CNRY" not in str(caught.value)
        assert "99731" not in str(caught.value)
        assert caught.value.__cause__ is None
