"""One figure of two systems: the difference, its intervals, and the test of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from osteon.core.estimate import Estimate

CALLS: Final = ("sensitivity", "specificity", "f1", "accuracy")
"""Figures of calls in which systems are compared."""

LOWER_IS_BETTER: Final = ("brier", "ece")


@dataclass(frozen=True)
class Test:
    """A significance test of a difference.

    Attributes:
        name: of the test.
        p: two-sided.
        adjusted: p after Holm's correction over all tests of the comparison.
        details: counts and other p values of the same cases, by name.
    """

    name: str
    p: float
    adjusted: float
    details: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True)
class Comparison:
    """One figure of two systems on the same cases.

    Attributes:
        first: name of the first system.
        second: name of the second.
        figure: what is compared, e.g. ``classification.auroc``.
        values: of both systems; the mean over seeds where there are several.
        difference: first minus second. With a test, its interval is that which agrees with the test; without one, the
            percentile interval of the paired cluster bootstrap.
        others: the same difference with other intervals: ``bca``, ``percentile``.
        test: None where only intervals are known, or the test is undefined.
    """

    first: str
    second: str
    figure: str
    values: tuple[float, float]
    difference: Estimate
    others: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    test: Test | None = None


def reversed_comparison(comparison: Comparison) -> Comparison:
    """The comparison as second minus first."""
    details = dict(comparison.test.details) if comparison.test is not None else {}
    if "only_first" in details:
        details["only_first"], details["only_second"] = details["only_second"], details["only_first"]
    return replace(
        comparison,
        first=comparison.second,
        second=comparison.first,
        values=(comparison.values[1], comparison.values[0]),
        difference=_negative(comparison.difference),
        others={name: _negative(estimate) for name, estimate in comparison.others.items()},
        test=None if comparison.test is None else replace(comparison.test, details=details),
    )


def _negative(estimate: Estimate) -> Estimate:
    low, high = estimate.low, estimate.high
    ends = {"low": None if high is None else -high, "high": None if low is None else -low}
    return estimate.model_copy(update={"value": -estimate.value, **ends})


def point_and_name(figure: str) -> tuple[str, str]:
    """The operating point, empty where there is none, and the last word of a figure's name."""
    point, _, name = figure.partition(".")[2].rpartition(".")
    return point, name


def compared_figures(points: Sequence[str]) -> tuple[str, ...]:
    """Names of the figures in which systems are compared, in order."""
    head = ("classification.auroc", "classification.average_precision", "calibration.brier", "calibration.ece")
    return (*head, *(f"classification.{point}.{name}" for point in points for name in CALLS))
