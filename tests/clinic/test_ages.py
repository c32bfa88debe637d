"""An age that leaves the server gives no birth date back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from osteon.clinic.patients.ages import coarse, months
from osteon.outputs.words import age as told


@pytest.mark.parametrize(
    ("age", "shown", "words"),
    [
        (46.88569472963724, 46, "46 years"),
        (17.6, 17, "17 years"),
        (34.0, 34, "34 years"),
        (2.0, 2, "2 years"),
        (1.99, 23 / 12, "23 months"),
        (1.0, 1, "12 months"),
        (11 * (1 / 12), 11 / 12, "11 months"),
        (0.0849, 1 / 12, "1 month"),
        (0.01, 0, "0 months"),
    ],
)
def test_never_rounded_up(age: float, shown: float, words: str) -> None:
    assert coarse(age) == shown
    assert coarse(coarse(age)) == shown
    assert told(age) == words


def test_stated_ages_stay() -> None:
    assert [coarse(float(years)) for years in range(2, 120)] == list(range(2, 120))
    assert [months(one * (1 / 12)) for one in range(24)] == list(range(24))
    assert coarse(None) is months(None) is None


def test_no_birth_date_can_be_told() -> None:
    """All who were born in one year of life look the same."""
    taken = date(2026, 2, 3)
    ages = {coarse((taken - (date(1979, 6, 1) + timedelta(days))).days / 365.25) for days in range(240)}
    assert ages == {46.0}
