"""New UIDs, pseudonyms, dates and ages: the same over files, in order, and not to be turned back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from osteon.core.errors import InputError, StoreError
from osteon.deidentify import Dates, Secret
from osteon.deidentify.header.codes import is_public, verhoeff
from osteon.deidentify.header.dates import clean_time, shift_date, shift_date_time
from osteon.deidentify.header.vocabulary import descriptive_words

Clean = Callable[..., Dataset]
FILM = np.zeros((8, 8), np.uint16)


@given(st.text(alphabet="0123456789.", min_size=1, max_size=64))
def test_new_uids_are_valid(old: str) -> None:
    new = Secret(bytes(32)).uid(old)
    assert len(new) <= 64
    number = uuid.UUID(int=int(new.removeprefix("2.25.")))
    assert (number.version, number.variant) == (8, uuid.RFC_4122)
    assert new == Secret(bytes(32)).uid(old)
    assert new != Secret(bytes(31) + b"1").uid(old)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.text())
def test_intervals_stay(first: date, second: date, patient: str) -> None:
    days = Secret(bytes(32)).days(patient)
    assert -3652 <= days <= -1
    moved = [shift_date(one.strftime("%Y%m%d").zfill(8), days) for one in (first, second)]
    there = [datetime.strptime(str(one), "%Y%m%d").date() for one in moved]  # noqa: DTZ007
    assert there[1] - there[0] == second - first
    assert there[0] == first + timedelta(days=days)


@given(st.text(max_size=30))
def test_what_is_no_date_is_not_kept(text: str) -> None:
    for found in (shift_date(text, -1), shift_date_time(text, -1, time=True), clean_time(text)):
        assert found is None or set(found) <= set("0123456789.")


def test_date_times_lose_their_zone() -> None:
    assert shift_date_time("20240229101112.5+0100", 1, time=True) == "20240301101112.5"
    assert shift_date_time("20240229101112", 1, time=False) == "20240301"
    assert shift_date_time("2024", 1, time=True) is None


def test_uids_agree_over_files_and_references(write_dicom: Callable[..., bytes], clean: Clean) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    reference.ReferencedSOPInstanceUID = "1.2.3.4"
    first = clean(write_dicom(FILM, SOPInstanceUID="1.2.3.4", StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1"))
    second = clean(
        write_dicom(
            FILM, SOPInstanceUID="1.2.3.5", StudyInstanceUID="1.2.3", ReferencedImageSequence=Sequence([reference])
        )
    )
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SOPInstanceUID == second.ReferencedImageSequence[0].ReferencedSOPInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert second.ReferencedImageSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.1"
    assert first.PatientID == second.PatientID != "P1"


def test_date_shift_is_one_for_a_patient(write_dicom: Callable[..., bytes], clean: Clean) -> None:
    def taken(patient: str, day: str) -> Dataset:
        return clean(write_dicom(FILM, PatientID=patient, StudyDate=day, StudyTime="101112"), dates=Dates.SHIFT)

    one, later, other = taken("A", "20240101"), taken("A", "20240310"), taken("B", "20240101")
    gap = datetime.strptime(later.StudyDate, "%Y%m%d") - datetime.strptime(one.StudyDate, "%Y%m%d")  # noqa: DTZ007
    assert gap.days == 69
    assert one.StudyDate != other.StudyDate
    assert one.StudyTime == "101112"
    assert one.LongitudinalTemporalInformationModified == "MODIFIED"


@pytest.mark.parametrize(
    ("elements", "expected"),
    [
        ({"PatientAge": "034Y"}, "034Y"),
        ({"PatientAge": "018M"}, "018M"),
        ({"PatientAge": "095Y"}, "090Y"),
        ({"PatientBirthDate": "20200101", "StudyDate": "20260601"}, "006Y"),
        ({"PatientBirthDate": "19200101", "StudyDate": "20260601"}, "090Y"),
        ({"PatientBirthDate": "20260101", "StudyDate": "20260601"}, "004M"),
        ({}, None),
    ],
)
def test_ages(elements: dict[str, str], expected: str | None, write_dicom: Any, clean: Clean) -> None:
    assert clean(write_dicom(FILM, **elements), keep_patient=True).get("PatientAge") == expected
    assert "PatientAge" not in clean(write_dicom(FILM, **elements))


def test_exact_ages(write_dicom: Any, clean: Clean) -> None:
    assert clean(write_dicom(FILM, PatientAge="095Y"), keep_patient=True, cap_age=False).PatientAge == "095Y"


def test_descriptions_keep_known_words_less_names(write_dicom: Any, clean: Clean) -> None:
    image = write_dicom(
        FILM, StudyDescription="Left WRIST ap Dr. Miller 2V", PatientName="Hand^Peter", SeriesDescription="HAND PA"
    )
    header = clean(image, clean_descriptors=True)
    assert header.StudyDescription == "Left WRIST ap"
    assert header.SeriesDescription == "PA"
    assert "StudyDescription" not in clean(image)


@given(st.text())
def test_descriptions_hold_letters_only(text: str) -> None:
    assert all(character.isalpha() or character in " -" for character in descriptive_words(text))


def test_codes_of_public_schemes_only() -> None:
    assert is_public("399348003", "SCT")
    assert verhoeff("399348003")
    assert not is_public("399348004", "SCT")
    assert is_public("R-10206", "SRT")
    assert not is_public("4711", "99HOSPITAL")
    assert not is_public("MILLER", "SCT")


def test_safe_private_blocks(write_dicom: Any, clean: Clean) -> None:
    import io

    from pydicom import dcmread

    header = dcmread(io.BytesIO(write_dicom(FILM)))
    block = header.private_block(0x0019, "MAKER", create=True)
    block.add_new(0x01, "DS", "1.5")
    block.add_new(0x02, "LO", "Miller")
    block.add_new(0x03, "DS", "2.5")
    declared = Dataset()
    declared.PrivateGroupReference, declared.PrivateCreatorReference = 0x0019, "MAKER"
    declared.BlockIdentifyingInformationStatus = "MIXED"
    declared.NonidentifyingPrivateElements = [0x01, 0x02]
    header.PrivateDataElementCharacteristicsSequence = Sequence([declared])
    stream = io.BytesIO()
    header.save_as(stream)
    kept = clean(stream.getvalue(), keep_private=True)
    assert [element.value for element in kept if element.tag.is_private] == ["MAKER", "1.5"]
    assert not any(element.tag.is_private for element in clean(stream.getvalue()))


def test_what_was_done_is_declared(write_dicom: Any, clean: Clean) -> None:
    header = clean(write_dicom(FILM), keep_patient=True, keep_uids=True, dates=Dates.SHIFT, clean_pixels=True)
    assert header.PatientIdentityRemoved == "YES"
    assert [item.CodeValue for item in header.DeidentificationMethodCodeSequence] == [
        "113100", "113101", "113107", "113108", "113110",
    ]  # fmt: skip
    assert all(len(text) <= 64 for text in header.DeidentificationMethod)


def test_secret_file_is_made_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    made = Secret.from_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert made == Secret.from_file(path)
    assert "key" not in repr(made)
    path.chmod(0o644)
    with pytest.raises(StoreError, match="others may read"):
        Secret.from_file(path)


def test_secret_is_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSTEON_DEIDENTIFY_SECRET", "short")
    with pytest.raises(InputError, match="too short"):
        Secret.from_environment()
    monkeypatch.delenv("OSTEON_DEIDENTIFY_SECRET")
    assert Secret.from_environment() is None
