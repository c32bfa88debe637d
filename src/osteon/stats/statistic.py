"""What the bootstrap needs of a figure: it is computed from weights of the cases, for many sets of weights at once.

A resample with replacement is a vector of counts; a figure that is written for weighted cases needs no case to be
copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.stats.checks import Floats

Counts = NDArray[np.int32]


class Statistic(Protocol):
    """One or several figures of the same cases.

    ``statistic(weights)`` takes float64 weights of shape (resamples, n) and returns float64 (resamples, len(names)),
    with NaN where a figure is undefined for those weights.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the figures, in the order of the columns."""
        ...

    @property
    def n(self) -> int:
        """Number of cases."""
        ...

    def __call__(self, weights: Floats) -> Floats:
        """The figures for each row of weights."""
        ...


def counted(weights: Floats) -> Floats | Counts:
    """Weights as int32 where all of them are whole numbers, as resamples are; running sums of these are much faster.

    Sums must stay below 2^31, which the weights of a resample do: they sum to the number of cases.
    """
    # What does not fit becomes some other number, and the comparison says so.
    with np.errstate(invalid="ignore"):
        whole = weights.astype(np.int32)
    return whole if np.array_equal(whole, weights) else weights


class Joint:
    """Several statistics of the same cases, computed on the same resamples."""

    def __init__(self, parts: Sequence[Statistic]) -> None:
        """Put statistics side by side.

        Raises:
            DataError: there are no statistics, or they count different cases, or a name occurs twice.
        """
        self._parts = tuple(parts)
        sizes = sorted({part.n for part in self._parts})
        if len(sizes) != 1:
            raise DataError("the statistics are not of the same cases", expected="one number of cases", got=f"{sizes}")
        self.n: int = sizes[0]
        self.names: tuple[str, ...] = tuple(name for part in self._parts for name in part.names)
        if len(set(self.names)) != len(self.names):
            raise DataError("two statistics have the same name", got=", ".join(sorted(self.names)))

    def __call__(self, weights: Floats) -> Floats:
        """The figures of all parts, side by side."""
        return np.concatenate([part(weights) for part in self._parts], axis=1)


class Named:
    """The figures of a statistic under longer names, so that two models or two groups can stand side by side."""

    def __init__(self, prefix: str, statistic: Statistic) -> None:
        """Put ``prefix.`` before each name."""
        self._statistic = statistic
        self.n: int = statistic.n
        self.names: tuple[str, ...] = tuple(f"{prefix}.{name}" for name in statistic.names)

    def __call__(self, weights: Floats) -> Floats:
        """The statistic's own figures."""
        return self._statistic(weights)


class Within:
    """A statistic of a part of the cases; the others have no weight in it."""

    def __init__(self, statistic: Statistic, rows: Sequence[int] | np.ndarray, n: int) -> None:
        """Restrict to ``rows`` of ``n`` cases; ``statistic`` was made from those rows, in that order.

        Raises:
            DataError: the statistic counts other cases than ``rows``.
        """
        self._rows = np.asarray(rows, np.int64)
        if len(self._rows) != statistic.n:
            raise DataError("the statistic is not of these rows", expected=f"{len(self._rows)}", got=f"{statistic.n}")
        self._statistic = statistic
        self.n: int = n
        self.names: tuple[str, ...] = statistic.names

    def __call__(self, weights: Floats) -> Floats:
        """The statistic's figures from the weights of its rows."""
        return self._statistic(np.take(weights, self._rows, axis=1))


class Difference:
    """First minus second of two statistics with the same names: a gap between groups, or between two models."""

    def __init__(self, first: Statistic, second: Statistic) -> None:
        """Pair them.

        Raises:
            DataError: names or numbers of cases differ.
        """
        if first.n != second.n or first.names != second.names:
            raise DataError("these statistics cannot be compared", expected=f"{first.names}", got=f"{second.names}")
        self._first, self._second = first, second
        self.n: int = first.n
        self.names: tuple[str, ...] = first.names

    def __call__(self, weights: Floats) -> Floats:
        """First minus second, for each row of weights."""
        return self._first(weights) - self._second(weights)


class Mean:
    """The weighted mean of a number per case (an energy, a Dice, a hit)."""

    def __init__(self, name: str, values: Floats) -> None:
        """Take one value per case, float64 (n,)."""
        self._values = values
        self.n: int = len(values)
        self.names: tuple[str, ...] = (name,)

    def __call__(self, weights: Floats) -> Floats:
        """The mean for each row of weights; NaN where all weights are 0."""
        total = weights.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return ((weights @ self._values) / total)[:, None]
