"""Single values cleaned by the rule of their attribute; values that the rule does not allow are left out."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import UID

from osteon.deidentify.header.allowed import Terms
from osteon.deidentify.header.vocabulary import descriptive_words, is_maker, words
from osteon.deidentify.secret import Secret
from osteon.imaging import anatomy
from osteon.imaging.dicom import header as head
from osteon.imaging.display.lut import read_descriptor

_INTEGERS: Final = frozenset({"US", "SS", "UL", "SL", "UV", "SV", "IS"})
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_ORIENTATION: Final = re.compile(r"[APRLHF]{1,3}")
_UID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_LARGEST_COUNT: Final = 9999
_REGIONS: Final = frozenset({"ARM", "EXTREMITY", "UPPER EXTREMITY", "LOWER EXTREMITY", "WHOLEBODY"})


def terms(values: Sequence[str], allowed: Terms) -> list[str]:
    """The values that are defined terms; others are replaced or left out as `allowed` states."""
    found: list[str] = []
    for index, value in enumerate(values):
        term = value.strip(" \0").upper()
        joined = term.replace(" ", "_")  # as in LINEAR EXACT
        if term in allowed.allowed or joined in allowed.allowed:
            found.append(term if term in allowed.allowed else joined)
        elif index and allowed.rest is not None:
            found.append(allowed.rest)
    return found


def numbers(values: Sequence[str], vr: str) -> list[str | int | float]:
    """The numbers up to the first invalid value, which display ignores with all that follow."""
    found: list[str | int | float] = []
    for value in values:
        if not value.strip(" \0"):
            continue
        parsed = number(value, vr)
        if parsed is None:
            break
        found.append(parsed)
    return found


def windows(item: Dataset, keyword: str) -> list[str | int | float]:
    """WindowCenter or WindowWidth: of each window of which both are numbers."""
    pairs = zip(head.values(item, "WindowCenter"), head.values(item, "WindowWidth"), strict=False)
    index = 0 if keyword == "WindowCenter" else 1
    whole = [pair for pair in pairs if None not in pair]
    return numbers([repr(pair[index]) for pair in whole], "DS")


def descriptor(item: Dataset, keyword: str, *, signed: bool) -> list[int]:
    """The three words of a table's descriptor as US or SS, whose sign display recomputes; empty where it is invalid."""
    found = read_descriptor(item, keyword)
    words = [] if found is None else [found[0] & 0xFFFF, found[1][0], found[2]]
    return [word - 0x10000 if signed and word >= 0x8000 else word for word in words]


def number(value: str, vr: str) -> str | int | float | None:
    """A number as its value representation has it, a decimal comma as a point; None where it is invalid."""
    text = value.strip(" \0").replace(",", ".")
    if not _DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        return None
    if vr in _INTEGERS:
        return int(float(text)) if float(text).is_integer() else None
    if vr == "DS":
        return text if len(text) <= 16 else f"{float(text):.9g}"
    return float(text)


def counter(value: str) -> int | None:
    """An integer of up to four digits."""
    found = number(value, "IS")
    return found if isinstance(found, int) and abs(found) <= _LARGEST_COUNT else None


def uid(value: str, secret: Secret, *, keep: bool = False) -> str:
    """A UID of the standard unchanged, any other replaced by the secret; ``keep`` keeps all well-formed ones."""
    text = value.strip(" \0")
    if is_standard_uid(text) or (keep and _UID.fullmatch(text) and len(text) <= 64):
        return text
    return secret.uid(text)


def is_standard_uid(value: str) -> bool:
    """Whether the standard itself defines this UID."""
    return bool(value) and UID(value).name != value


def body_part(value: str) -> str | None:
    """A body part that osteon knows, in capitals and up to 16 characters as CS has it."""
    text = value.strip(" \0").upper()
    plain = re.fullmatch(r"[A-Z_ ]{2,16}", text) is not None
    if not plain or (text not in _REGIONS and anatomy.part_of_text(text.replace("_", " ")) is None):
        return None
    found = words(text.replace("_", " "))
    return text if text in _REGIONS or descriptive_words(" ".join(found)).split() == found else None


def view(value: str) -> str | None:
    """A projection that osteon knows."""
    text = value.strip(" \0").upper()
    known = re.fullmatch(r"[A-Z]{2,16}", text) is not None and anatomy.view_of_text(text) is not None
    return text if known else None


def orientation(values: Sequence[str]) -> list[str]:
    """Directions of rows and columns; all of them or none."""
    found = [value.strip(" \0").upper() for value in values]
    return found if all(_ORIENTATION.fullmatch(direction) for direction in found) else []


def maker(value: str) -> str | None:
    """The name of a maker of X-ray equipment."""
    text = value.strip(" \0")
    return text if len(text) <= 64 and is_maker(text) else None
