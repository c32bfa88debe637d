"""Telling patients apart by what DICOM headers state.

One StudyInstanceUID belongs to one patient (PS3.3 section C.7.2.1), and still two patients occur under one: the wrong patient
chosen at the console, a de-identification that gives the same UID to all. Their images must never be read as one study. What
is to be stored is hashed with a key: hashes can be compared, but not turned back into names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from osteon.imaging.heading import Heading

Identity = Mapping[str, str]
"""What headers state of a patient, or hashes of it, by name; what is not stated is left out."""

_EMPTY: Final = frozenset({"", "unknown", "anonymous", "anonymized", "anonymised", "none", "na", "n a"})
"""Names that do not tell patients apart."""


def patient_identity(heading: Heading, hashed: Callable[[str], str] = str) -> dict[str, str]:
    """What a header states of its patient.

    Args:
        heading: of a file.
        hashed: gives a keyed hash, where the result is to be stored.
    """
    family, given = _name(heading.name)
    stated = {
        "number": heading.patient,
        "issuer": heading.issuer.casefold(),
        "family": family,
        "given": given,
        "born": heading.born,
        "sex": heading.sex if heading.sex in {"F", "M"} else "",
    }
    return {key: hashed(f"{key}:{value}") for key, value in stated.items() if value}


def contradictory(one: Identity, other: Identity) -> bool:
    """Whether two headers cannot belong to the same patient.

    They cannot where PatientID, its issuer, birth date or sex differ, or the name, unless PatientID and birth date agree: then
    it is another spelling. What only one of them states contradicts nothing.
    """
    different = {key for key in one.keys() & other.keys() if one[key] != other[key]}
    agree = all(key in one and one[key] == other.get(key) for key in ("number", "born"))
    return bool(different - {"family", "given"} if agree else different)


def combined(one: Identity, other: Identity) -> dict[str, str]:
    """What two headers of one patient state together; where both state something the first counts."""
    return {**other, **one}


def _name(name: str) -> tuple[str, str]:
    """Family name and first given name of a PatientName; what follows them is often left out."""
    if _plain(name) in _EMPTY:
        return "", ""
    family, _, rest = name.partition("^") if "^" in name else name.partition(",")
    given = _plain(rest.partition("^")[0]).split()
    return _plain(family), given[0] if given else ""


def _plain(name: str) -> str:
    """A name by its letters alone: case, accents and separators differ between machines."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    bare = [letter if letter.isalnum() else " " for letter in letters if not unicodedata.combining(letter)]
    return " ".join("".join(bare).split())
