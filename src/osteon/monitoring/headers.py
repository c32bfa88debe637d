"""Device and exposure from the header of a file; nothing of the patient is kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import OsteonError

_TEXT: Final = 40
"""Letters of a value that are kept."""


def header_facts(path: Path) -> tuple[dict[str, str], dict[str, float]]:
    """Categories and quantities of a DICOM file: ``manufacturer``, ``photometric``; ``kvp``, ``exposure`` (mAs).

    Empty of a file that is no DICOM, or cannot be read.
    """
    from osteon.imaging.dicom.dataset import open_dataset

    try:
        header = open_dataset(path, pixels=False)
    except (OsteonError, OSError):
        return {}, {}
    texts = {"manufacturer": "Manufacturer", "photometric": "PhotometricInterpretation"}
    numbers = {"kvp": "KVP", "exposure": "Exposure"}
    categories = {name: value for name, keyword in texts.items() if (value := _text(header.get(keyword)))}
    quantities = {
        name: value for name, keyword in numbers.items() if (value := _number(header.get(keyword))) is not None
    }
    return categories, quantities


def _text(value: Any) -> str:
    return " ".join(str(value or "").split())[:_TEXT].strip()


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number > 0 and number < float("inf") else None


def study_time(path: Path) -> datetime | None:
    """When a DICOM file says that it was acquired, by day, at noon UTC; None where it does not."""
    from osteon.imaging.dicom.dataset import open_dataset

    try:
        header = open_dataset(path, pixels=False)
    except (OsteonError, OSError):
        return None
    for keyword in ("AcquisitionDate", "ContentDate", "SeriesDate", "StudyDate"):
        digits = _text(header.get(keyword))
        if len(digits) == len("YYYYMMDD") and digits.isdigit():
            with suppress(ValueError):
                return datetime(int(digits[:4]), int(digits[4:6]), int(digits[6:]), 12, tzinfo=UTC)
    return None
