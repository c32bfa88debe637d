"""Parsing of ages, sexes, sides, labels and numbers in the spellings of publishers.

What cannot be parsed is unknown, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from osteon.core.labels import UNKNOWN, BodyPart, Laterality, Sex, View

OLDEST: Final = 120.0
"""No patient is older, in years."""

_YEARS: Final[Mapping[str, float]] = {"": 1.0, "Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_AGE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:([YMWD])[A-Z]*)?", re.IGNORECASE)
_SEXES: Final = {
    "F": Sex.FEMALE,
    "FEMALE": Sex.FEMALE,
    "M": Sex.MALE,
    "MALE": Sex.MALE,
    "O": Sex.OTHER,
    "OTHER": Sex.OTHER,
}
_SIDES: Final = {"L": Laterality.LEFT, "LEFT": Laterality.LEFT, "R": Laterality.RIGHT, "RIGHT": Laterality.RIGHT}
_VIEWS: Final = {
    "AP": View.FRONTAL,
    "PA": View.FRONTAL,
    "FRONT": View.FRONTAL,
    "FRONTAL": View.FRONTAL,
    "LL": View.LATERAL,
    "RL": View.LATERAL,
    "LAT": View.LATERAL,
    "SIDE": View.LATERAL,
    "LATERAL": View.LATERAL,
    "OBLIQUE": View.OBLIQUE,
    "OBL": View.OBLIQUE,
}


def age_of(text: str) -> float | None:
    """Years from ``7``, ``7.5``, ``007Y``, ``018M``, ``6 months``; None for anything else and for ages above 120."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        return None
    years = float(found[1].replace(",", ".")) * _YEARS[(found[2] or "").upper()]
    return years if years <= OLDEST else None


def sex_of(text: str) -> Sex | None:
    """F, M or O from a letter or an English word."""
    return _SEXES.get(text.strip().upper())


def side_of(text: str) -> Laterality | None:
    """Left, right or both from a letter or an English word."""
    word = text.strip().upper()
    return Laterality.BOTH if word in {"B", "BOTH", "BILATERAL"} else _SIDES.get(word)


def view_of(text: str) -> View | None:
    """Projection from DICOM's ViewPosition or an English word."""
    return _VIEWS.get(text.strip().upper())


def part_of(text: str) -> BodyPart | None:
    """Region from osteon's own words, in any case."""
    word = text.strip().lower()
    return BodyPart(word) if word in set(BodyPart) else None


def label_of(text: str) -> int:
    """1 or 0 from ``1``, ``0``, ``1.0``, ``yes``, ``false`` ...; everything else, including blank, is unknown."""
    word = text.strip().lower()
    if word in {"yes", "true", "positive", "y"}:
        return 1
    if word in {"no", "false", "negative", "n"}:
        return 0
    number = number_of(word)
    return int(number) if number is not None and number in (0.0, 1.0) else UNKNOWN


def is_unknown(text: str) -> bool:
    """Whether a cell means unknown: blank, ``NA``, ``nan``, ``null``, ``unknown``, ``-1``, ``?``."""
    return text.strip().lower() in {"", "na", "n/a", "#n/a", "nan", "null", "unknown", "-1", "-1.0", "?", "-"}


def meaning(text: str) -> object:
    """The value of a cell for comparison: its label or number however written, otherwise its text."""
    label = label_of(text)
    number = number_of(text)
    return label if label != UNKNOWN else number if number is not None else " ".join(text.casefold().split())


def number_of(text: str) -> float | None:
    """A finite number, with a point or a comma before its decimals, or None."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
