"""Ages as they leave the server: an age to the day, with the day of the image, gives the birth date back."""

from __future__ import annotations

from math import floor
from typing import Final

YOUNG: Final = 2.0
"""Years below which months are told."""

_SLIP: Final = 1e-6
"""Twelfths of a year are no binary fractions: 11 of them must stay 11."""


def coarse(age: float | None) -> float | None:
    """An age in whole years, below two years in whole months (as a part of a year); never rounded up."""
    if age is None:
        return None
    return float(floor(age + _SLIP)) if age >= YOUNG else floor(age * 12 + _SLIP) / 12


def months(age: float | None) -> int | None:
    """Whole months of an age below two years; None for others."""
    return None if age is None or age >= YOUNG else floor(age * 12 + _SLIP)
