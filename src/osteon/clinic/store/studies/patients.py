"""Telling patients apart by what headers say, without keeping what they say.

One StudyInstanceUID belongs to one patient (PS3.3 section C.7.2.1), and still two patients come under one: a console
where the wrong patient was chosen, a de-identification that gives the same UID to all. Their images must never be read as one
study. What tells them apart is kept as keyed hashes, which are compared and cannot be turned back into names.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from osteon.imaging.heading import Heading

Marks = Mapping[str, str]
"""Hashes of what headers state, by name; what is not stated is not there."""

_EMPTY: Final = frozenset({"", "unknown", "anonymous", "anonymized", "anonymised", "none", "na", "n a"})
"""Names that say nothing of who it is."""


def marks(heading: Heading, hashed: Callable[[str], str]) -> dict[str, str]:
    """What tells a patient from others.

    Args:
        heading: of a file.
        hashed: gives a keyed hash.
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
    return {key: hashed(f"{key}:{value}")[:24] for key, value in stated.items() if value}


def contradict(one: Marks, other: Marks) -> bool:
    """Whether two headers cannot be of the same patient.

    A different number, issuer of numbers, birth date or sex says so. A different name does, unless number and birth
    date agree: then it is spelled in another way. What only one of them states contradicts nothing.
    """
    different = {key for key in one.keys() & other.keys() if one[key] != other[key]}
    agree = all(key in one and one[key] == other.get(key) for key in ("number", "born"))
    return bool(different - {"family", "given"} if agree else different)


def together(one: Marks, other: Marks) -> dict[str, str]:
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
