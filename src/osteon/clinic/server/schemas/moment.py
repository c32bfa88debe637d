"""Moments as requests state them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

_EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
_EXPECTED: Final = "expected a date or time such as 2026-02-03 or 2026-02-03T09:30:00Z"


def _written(value: Any) -> Any:
    """Refuse bare numbers: ``2020`` would be taken as seconds since 1970."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) or (isinstance(value, str) and "-" not in value.strip().lstrip("+-")):
        raise ValueError(_EXPECTED)
    return value


def _after_day(value: Any) -> Any:
    """A day means its end."""
    if isinstance(value, str) and len(value) == len("2026-02-03"):
        try:
            return datetime.fromisoformat(value).replace(tzinfo=UTC) + timedelta(days=1)
        except (ValueError, OverflowError):
            return value
    return value


def _placed(value: datetime) -> datetime:
    """In UTC, and within what every database holds."""
    moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    if not _EARLIEST <= moment <= _LATEST:
        raise ValueError("expected a date between 1900 and 2200")
    return moment.astimezone(UTC)


Moment = Annotated[datetime, BeforeValidator(_written), AfterValidator(_placed)]
"""A moment of ISO 8601, in UTC where it states no zone."""

Until = Annotated[datetime, BeforeValidator(_after_day), BeforeValidator(_written), AfterValidator(_placed)]
"""The same as an end: a day means the end of that day."""
