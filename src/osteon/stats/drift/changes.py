"""Evidence that shares have changed at some day since the watch began, from counts a day.

One e-process that starts on the first day would lose capital through all quiet days. Here an equal part of the capital
begins to bet on each of ``horizon`` days, so that a change late in the year is found nearly as fast as an early one; the
mean of e-processes is one again. (Shin, Ramdas and Rinaldo, E-detectors, N. Engl. J. Stat. Data Sci. 2:229, 2024, take their
sum instead, which bounds the time to a false alarm; this one bounds the probability of any within the horizon.)
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.core.errors import DataError
from osteon.stats.checks import Floats
from osteon.stats.drift.betting import FRACTIONS, log_mean

HORIZON: Final = 365
"""Days after which the watch starts again."""


class ChangeProcess:
    """The capital of many streams of shares, a day after the other.

    Args:
        low: smallest share of each stream that is no change, shape (...).
        high: largest, likewise.
        horizon: days that the capital is divided among.

    Raises:
        DataError: the ends are not ``0 <= low <= high <= 1``, or the horizon is not positive.
    """

    def __init__(self, low: ArrayLike, high: ArrayLike, horizon: int = HORIZON) -> None:
        lows, highs = np.asarray(low, np.float64), np.asarray(high, np.float64)
        if horizon < 1 or lows.shape != highs.shape or not np.all((lows >= 0) & (lows <= highs) & (highs <= 1)):
            raise DataError(
                "what counts as no change is not a range of shares",
                expected="0 <= low <= high <= 1 and a positive horizon",
                got=f"{lows} to {highs}, {horizon} days",
            )
        fractions = np.array(FRACTIONS)
        floor = 1e-12
        with np.errstate(divide="ignore"):
            # Hits and misses multiply the capital of each bet; bets that the share rises come first, then that it falls.
            above, below = np.maximum(highs, floor)[..., None], np.maximum(1 - lows, floor)[..., None]
            hit = np.concatenate(
                [np.log1p(fractions * (1 - above) / above), np.log1p(-fractions * np.ones_like(below))], -1
            )
            miss = np.concatenate(
                [np.log1p(-fractions * np.ones_like(above)), np.log1p(fractions * (1 - below) / below)], -1
            )
        # A rise above 1 or a fall below 0 cannot be: these halves are kept and not bet.
        shape = highs.shape + fractions.shape
        full, none = np.broadcast_to((highs >= 1)[..., None], shape), np.broadcast_to((lows <= 0)[..., None], shape)
        idle = np.concatenate([full, none], -1)
        self._hit, self._miss = np.where(idle, 0.0, hit), np.where(idle, 0.0, miss)
        self._horizon = horizon
        self._day = 0
        self._betting = np.full(self._hit.shape, -np.inf)

    def add(self, hits: ArrayLike, cases: ArrayLike) -> Floats:
        """Take a day in.

        Args:
            hits: cases with the property, shape (...), or one that precedes it (e.g. simulations).
            cases: all, likewise; 0 where nothing came.

        Returns:
            Logarithm of the capital at the end of the day, shape as ``hits``.

        Raises:
            DataError: the horizon is over.
        """
        if self._day >= self._horizon:
            raise DataError("the horizon is over", expected=f"at most {self._horizon} days", hint="Begin a new watch.")
        self._day += 1
        there: NDArray[np.float64] = np.asarray(hits, np.float64)[..., None]
        absent = np.asarray(cases, np.float64)[..., None] - there
        begun = np.logaddexp(self._betting, -np.log(self._horizon))
        self._betting = begun + there * self._hit + absent * self._miss
        waiting = 1 - self._day / self._horizon
        total = np.logaddexp(self._betting, np.log(waiting)) if waiting > 0 else self._betting
        return log_mean(total)


def log_capital_by_day(hits: ArrayLike, cases: ArrayLike, low: float, high: float, horizon: int = HORIZON) -> Floats:
    """The logarithm of the capital of one stream at the end of each day; beyond the horizon it starts again.

    Args:
        hits: (days,).
        cases: (days,).
        low: see :class:`ChangeProcess`.
        high: likewise.
        horizon: likewise.

    Raises:
        DataError: lengths differ, or see :class:`ChangeProcess`.
    """
    there, every = np.atleast_1d(np.asarray(hits, np.float64)), np.atleast_1d(np.asarray(cases, np.float64))
    if there.shape != every.shape or np.any((there < 0) | (there > every)):
        raise DataError("hits and cases do not belong together", expected="0 <= hits <= cases on each day")
    found = np.empty(len(there))
    for day in range(len(there)):
        if day % horizon == 0:
            process = ChangeProcess(low, high, horizon)
        found[day] = process.add(there[day], every[day])  # pyright: ignore[reportPossiblyUnboundVariable]
    return found


def change_day(hits: ArrayLike, cases: ArrayLike) -> int:
    """The day from which a share was most likely another one: where the likelihood of two shares is largest.

    Args:
        hits: (days,).
        cases: (days,).

    Returns:
        Index of the first day of the second share; 0 where one share explains all as well.
    """
    there, every = np.asarray(hits, np.float64), np.asarray(cases, np.float64)
    first, first_cases = np.cumsum(there), np.cumsum(every)
    before = _log_likelihood(first[:-1], first_cases[:-1])
    after = _log_likelihood(first[-1] - first[:-1], first_cases[-1] - first_cases[:-1])
    together = _log_likelihood(first[-1:], first_cases[-1:])[0]
    gains = before + after - together
    return int(np.argmax(gains)) + 1 if gains.size and gains.max() > 0 else 0


def _log_likelihood(hits: Floats, cases: Floats) -> Floats:
    """The largest log likelihood of a share."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(cases > 0, hits / np.maximum(cases, 1), 0.0)
        parts = hits * np.log(share), (cases - hits) * np.log1p(-share)
    return np.nan_to_num(parts[0], nan=0.0) + np.nan_to_num(parts[1], nan=0.0)
