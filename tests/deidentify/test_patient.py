"""However a value may be written by the standard, it is the same patient, and other values are other patients."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

FILM = np.zeros((8, 8), np.uint16)
NAMES = (
    "Doe^John^^",
    "Doe^John^^^",
    "DOE^JOHN",
    "Doe^John=",
    "Doe^John==",
    "Doe^John^^^=^^^^=^^^^",
    "Doe^John ",
    " Doe ^ John",
    "Doe^John=漢字^名=かな^めい",
    "Ｄｏｅ^John",
)
MUSTER = ("Müller^Jörg", "MÜLLER^JÖRG^", "Mu\u0308ller^Jo\u0308rg")


@pytest.fixture
def pseudonym(write_dicom: Callable[..., bytes], clean: Callable[..., Dataset]) -> Callable[..., str]:
    def find(**elements: Any) -> str:
        charset = elements.pop("SpecificCharacterSet", "ISO_IR 192")
        return str(clean(write_dicom(FILM, SpecificCharacterSet=charset, **elements)).PatientID)

    return find


@pytest.mark.parametrize("name", NAMES)
def test_one_name_has_one_pseudonym(name: str, pseudonym: Callable[..., str]) -> None:
    first = pseudonym(PatientID="", PatientName="Doe^John", PatientBirthDate="19600229")
    assert pseudonym(PatientID="", PatientName=name, PatientBirthDate="19600229") == first


@pytest.mark.parametrize("name", MUSTER)
@pytest.mark.parametrize("charset", ["ISO_IR 192", "GB18030", "ISO_IR 100"])
def test_a_name_is_the_same_in_every_character_set(name: str, charset: str, pseudonym: Callable[..., str]) -> None:
    if charset == "ISO_IR 100":
        name = MUSTER[0]
    first = pseudonym(PatientID="", PatientName=MUSTER[0], PatientBirthDate="19600229")
    other = pseudonym(PatientID="", PatientName=name, PatientBirthDate="19600229", SpecificCharacterSet=charset)
    assert other == first


def test_a_character_set_that_is_not_stated(write_dicom: Callable[..., bytes], clean: Callable[..., Dataset]) -> None:
    data = write_dicom(FILM, SpecificCharacterSet="ISO_IR 192", PatientID="", PatientName=MUSTER[0])
    header = dcmread(io.BytesIO(data))
    found = {str(clean(data).PatientID)}
    for encoding in ("latin-1", "utf-8"):
        name = MUSTER[0].encode(encoding)
        packed = (len(name) + len(name) % 2).to_bytes(2, "little") + name + b" " * (len(name) % 2)
        stream = io.BytesIO()
        del header.SpecificCharacterSet
        header.PatientName = "Phantom"
        header.save_as(stream)
        plain = stream.getvalue().replace(b"PN\x08\x00Phantom ", b"PN" + packed)
        found.add(str(clean(plain).PatientID))
        header = dcmread(io.BytesIO(data))
    assert len(found) == 1


@pytest.mark.parametrize("group", ["=漢字^名", "==かな^めい", "=漢字^名^^=かな^めい"])
def test_names_without_an_alphabetic_group(group: str, pseudonym: Callable[..., str]) -> None:
    found = pseudonym(PatientID="", PatientName=group, PatientBirthDate="19600229")
    assert found == pseudonym(PatientID="", PatientName=group + "^^", PatientBirthDate="19600229")
    assert found != pseudonym(PatientID="", PatientName="=山田^太郎", PatientBirthDate="19600229")


@pytest.mark.parametrize("name", ["Doe^Jon", "Doe", "Doe^^John", "^Doe^John", "=Doe^Jane"])
def test_other_names_are_other_patients(name: str, pseudonym: Callable[..., str]) -> None:
    first = pseudonym(PatientID="", PatientName="Doe^John", PatientBirthDate="19600229")
    assert pseudonym(PatientID="", PatientName=name, PatientBirthDate="19600229") != first


@pytest.mark.parametrize("number", ["77", " 77", "77 ", "  77  ", "77\0", "７７"])
@pytest.mark.parametrize("issuer", [{}, {"IssuerOfPatientID": "A"}])
def test_one_number_has_one_pseudonym(number: str, issuer: dict[str, str], pseudonym: Callable[..., str]) -> None:
    assert pseudonym(PatientID=number, **issuer) == pseudonym(PatientID="77", PatientName="Another^Spelling")


@pytest.mark.parametrize("number", ["", " ", '""'])
def test_an_empty_number_is_none(number: str, pseudonym: Callable[..., str]) -> None:
    found = {pseudonym(PatientID=number, PatientName=name, PatientBirthDate="") for name in ("Doe^John", "Roe^Jane")}
    assert len(found) == 2


@pytest.mark.filterwarnings("ignore:Invalid value for VR")
@pytest.mark.parametrize("born", ["1960.02.29", "1960-02-29", "19600229 "])
def test_birth_dates_of_every_form(born: str, pseudonym: Callable[..., str]) -> None:
    first = pseudonym(PatientID="", PatientName="Doe^John", PatientBirthDate="19600229")
    assert pseudonym(PatientID="", PatientName="Doe^John", PatientBirthDate=born) == first
    assert pseudonym(PatientID="", PatientName="Doe^John", PatientBirthDate="19600228") != first
