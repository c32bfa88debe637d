"""The patient of an object: pseudonym, date shift and age."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from pydicom.dataset import Dataset

from osteon.deidentify.header.vocabulary import words
from osteon.deidentify.secret import Secret
from osteon.imaging.dicom import header as head

_AGE: Final = re.compile(r"\d{3}[DWMY]")
_OLDEST: Final = 89
_NAMES: Final = (
    "PatientName",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "ReferringPhysicianName",
    "PerformingPhysicianName",
    "NameOfPhysiciansReadingStudy",
    "OperatorsName",
    "RequestingPhysician",
    "ResponsiblePerson",
    "PhysiciansOfRecord",
    "ConsultingPhysicianName",
)


@dataclass(frozen=True)
class Patient:
    """A patient, by irreversible identifiers.

    Attributes:
        pseudonym: for the patient number.
        days: shift of the dates.
        names: words in capitals of the names in the file; they never count as descriptive.
    """

    pseudonym: str
    days: int
    names: frozenset[str]


def read_patient(header: Dataset, secret: Secret) -> Patient:
    """The patient of an object: by PatientID; without one by name and birth date; without these by the study.

    One secret is for one source of patient numbers: equal numbers give equal pseudonyms, whatever IssuerOfPatientID is,
    which files of the same archive may state or omit. Values are compared in a normal form: see ``plain_text``,
    ``plain_name`` and ``plain_date``.
    """
    number = plain_text(head.text(header, "PatientID"))
    name, born = plain_name(head.text(header, "PatientName")), plain_date(head.text(header, "PatientBirthDate"))
    study = head.text(header, "StudyInstanceUID") or head.text(header, "SOPInstanceUID")
    if number:
        key = f"number {number}"
    elif name or born:
        key = f"person {name} {born}"
    else:
        key = f"study {study}"
    names = {word.upper() for keyword in _NAMES for text in head.texts(header, keyword) for word in words(text)}
    parts = {part for word in names for part in word.split("-") if len(part) > 1}
    return Patient(secret.pseudonym("patient", key), secret.days(key), frozenset(parts))


def plain_text(value: str) -> str:
    """A text without padding and spaces around it, its characters in their composed form (Unicode NFKC).

    UTF-8 in a file that does not declare it is read as such, and ``""``, with which HL7 deletes a value, is empty.
    """
    with contextlib.suppress(UnicodeError):
        value = value.encode("latin-1").decode("utf-8")
    plain = unicodedata.normalize("NFKC", value).strip(" \0\t\r\n")
    return "" if plain == '""' else plain


def plain_name(value: str) -> str:
    """A name in one spelling: the first of its groups that is not empty, without case, padding and empty components.

    Trailing empty components and groups and their delimiters may be left out (PS3.5 section 6.2.1.1), spaces around a
    component do not count, and files of one patient may have the ideographic and phonetic groups or not.
    """
    for group in value.split("="):
        components = [" ".join(plain_text(part).casefold().split()) for part in group.split("^")]
        while components and not components[-1]:
            components.pop()
        if components:
            return "^".join(components)
    return ""


def plain_date(value: str) -> str:
    """Year, month and day of a date, also of one with points as in ACR-NEMA or with hyphens."""
    return "".join(re.findall(r"\d", value))[:8]


def read_age(header: Dataset, *, cap: bool) -> str | None:
    """PatientAge as AS: as stated, otherwise from birth and study date; None where it is unknown.

    Args:
        header: the original.
        cap: write ages above 89 years as 090Y.
    """
    stated = head.text(header, "PatientAge").upper()
    years = head.age(header)
    if years is None:
        return None
    if cap and years > _OLDEST and int(years) > _OLDEST:
        return "090Y"
    if _AGE.fullmatch(stated) and int(stated[:3]) > 0:
        return stated
    if years >= 2:
        return f"{int(years):03d}Y"
    return f"{int(years * 12):03d}M"
