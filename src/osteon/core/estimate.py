"""A value with its interval."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from osteon.core.part import Part


class Estimate(Part):
    """A measured figure with its interval, or with the reason why it has none.

    Attributes:
        value: the figure.
        low: lower end of the interval; None where there is none.
        high: upper end; None where there is none.
        method: how the interval was made, e.g. ``95 % cluster bootstrap, 10,000 resamples``, or why there is none.
        n: number of cases behind it.
    """

    value: float
    low: float | None
    high: float | None
    method: str
    n: int

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if (self.low is None) != (self.high is None):
            raise ValueError("expected both ends of an interval, or neither")
        return self

    @property
    def ends(self) -> tuple[float, float] | None:
        """Both ends of the interval; None where there is none.

        Files of earlier versions hold intervals of no width for figures that are equal in every resample: these are
        none either.
        """
        if self.low is None or self.high is None or self.low == self.high:
            return None
        return self.low, self.high

    @property
    def between(self) -> str:
        """The interval in words."""
        ends = self.ends
        return "no interval" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"

    def without_interval(self, reason: str) -> Estimate:
        """The same value without an interval, and why."""
        return self.model_copy(update={"low": None, "high": None, "method": f"no interval: {reason}"})
