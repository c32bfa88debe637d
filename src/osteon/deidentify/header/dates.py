"""Dates and times shifted by whole days (PS3.5 section 6.2: DA, DT, TM)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

_DATE: Final = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")
_TIME: Final = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?")
_DATE_TIME: Final = re.compile(r"(\d{8})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d{1,6})?)?)?)?(?:[+-]\d{4})?")


def shift_date(value: str, days: int) -> str | None:
    """A DA shifted by ``days``; None where it is not a date."""
    found = _DATE.fullmatch(value.strip())
    if found is None:
        return None
    try:
        moved = date(int(found[1]), int(found[2]), int(found[3])) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return moved.strftime("%Y%m%d").zfill(8)


def shift_date_time(value: str, days: int, *, time: bool) -> str | None:
    """A DT shifted by ``days``, with or without its time of day, always without its zone; None where it has no full date."""
    found = _DATE_TIME.fullmatch(value.strip())
    if found is None:
        return None
    moved = shift_date(found[1], days)
    return None if moved is None else moved + ((found[2] or "") if time else "")


def clean_time(value: str) -> str | None:
    """A TM, unchanged; None where it is not a time."""
    plain = value.strip().replace(":", "")
    return plain if _TIME.fullmatch(plain) else None
