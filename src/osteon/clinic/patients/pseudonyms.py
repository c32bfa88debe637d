"""What senders call a patient or a study: which words are reserved, and which look like a name."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError

LONGEST: Final = 64
"""Letters of a pseudonym."""

LABEL: Final = 120
"""Letters of a label."""

_LOOKALIKES: Final = str.maketrans("\u0420\u0440\u03a1\u03c1\u2c63\u1d29", "PpPpPp")
"""Letters that are drawn like P."""

_MADE: Final = re.compile(r"P-[A-Z2-7]{6,}")
"""Pseudonyms as the store makes them."""

_NAMED: Final = re.compile(r"\^|\b(?:mr|mrs|ms|dr|prof|herr|frau|mme|sig)\b\.?", re.IGNORECASE)
_LISTED: Final = re.compile(r"([^\W\d_]{2,}),\s*([^\W\d_]{2,})")
"""Two words with a comma between, as in lists of names."""

_BORN: Final = re.compile(r"\b(?:19|20)\d{2}[-./]?[01]\d[-./]?[0-3]\d\b|\b[0-3]?\d[-./][01]?\d[-./](?:19|20)?\d{2}\b")


def check_pseudonym(pseudonym: str) -> None:
    """Refuse what a sender may not call a patient.

    Pseudonyms that begin with ``P-`` are made by the store from the patient's number: a sender who chose one could put an
    image under another patient's.

    Raises:
        InputError: it has the reserved form, also in letters that only look like it.
    """
    if _seen(pseudonym).startswith("P-"):
        raise InputError(FaultCode.PSEUDONYM_RESERVED)


def check_label(label: str) -> None:
    """Refuse a label that looks like a pseudonym of the store; others may begin with ``P-``, as P-A does.

    Raises:
        InputError: it does.
    """
    if _MADE.fullmatch(_seen(label)):
        raise InputError(FaultCode.LABEL_LIKE_PSEUDONYM)


def _seen(words: str) -> str:
    """Words as an eye takes them: dashes and letters that look alike are alike, and what is not seen is not there."""
    plain = unicodedata.normalize("NFKC", words).translate(_LOOKALIKES)
    shown = [letter for letter in plain if unicodedata.category(letter)[0] != "C" and not letter.isspace()]
    dashed = "".join("-" if unicodedata.category(item) == "Pd" or item in "\u2212_~" else item for item in shown)
    return dashed.upper()


def resembles_name(words: str) -> bool:
    """Whether a pseudonym may be a person's name or hold a birth date: there is no digit in it, or it is built like one."""
    letters = sum(letter.isalpha() for letter in words)
    digits = any(letter.isdigit() for letter in words)
    return bool((letters >= 2 and not digits) or built_like_name(words))


def built_like_name(words: str) -> bool:
    """Whether words are built like a name (``Last, First``, ``Last^First``, with a title) or hold a date."""
    listed = any(item[1][0].isupper() and item[2][0].isupper() for item in _LISTED.finditer(words))
    return bool(listed or _NAMED.search(words) or _BORN.search(words))
