"""A value with its interval."""

from __future__ import annotations

from osteon.core.part import Part


class Estimate(Part):
    """A measured figure with its interval.

    Attributes:
        value: the figure.
        low: lower end of the interval.
        high: upper end.
        method: how the interval was made, e.g. ``95 % cluster bootstrap, 10,000 resamples``.
        n: number of cases behind it.
    """

    value: float
    low: float
    high: float
    method: str
    n: int

    @property
    def between(self) -> str:
        """The interval in words; one of no width, because every resample gave the same value, says so."""
        return "no width" if self.low == self.high else f"{self.low:.3f} to {self.high:.3f}"
