"""Several runs of one system that differ in their seed: mean and standard deviation, and intervals for the mean.

Two questions, two intervals. How far may the mean over seeds be off, on these very cases? Student's t over the runs; of
figures with bounds on the log odds, so that it stays within them. And how far on other cases and other seeds? Both are
resampled, crossed: in each resample the same clusters of cases are drawn for all runs, and runs are drawn from the runs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import guard
from osteon.evaluation.compare.panel import mean_of_runs, worded
from osteon.evaluation.predictions.predictions import Predictions
from osteon.stats.bootstrap import ROUNDING, Replicates, defined, figure
from osteon.stats.calibration import sigmoid
from osteon.stats.checks import column

SIGNED: Final = ("kappa", "in_the_large")
"""Figures between -1 and 1, beside differences of figures between 0 and 1."""

SHARE: Final = re.compile(
    r"(auroc|average_precision|sensitivity|specificity|[pn]pv|f1|f1_of_means|accuracy|balanced_accuracy|precision|recall"
    r"|exact_match|brier|ece|aurc|coverage|abstained|flipped|m?ap\d*(_\d+)?|froc|(ppv|npv|froc)_at_.*)"
    r"(_bca|_delong|_wilson)?"
)
"""Last words of the names of figures between 0 and 1."""


@dataclass(frozen=True)
class SeedSummary:
    """One figure over several runs.

    Attributes:
        values: of each run, in order.
        mean: of them.
        sd: sample standard deviation (n - 1); None for a single run.
        over_seeds: the mean with Student's interval; None for a single run.
        interval: the mean with the interval over cases and seeds; None where predictions were not at hand.
        n: number of cases.
    """

    values: tuple[float, ...]
    mean: float
    sd: float | None
    over_seeds: Estimate | None
    interval: Estimate | None
    n: int

    def __str__(self) -> str:
        """``0.943 ± 0.004 (5 seeds)``, or the interval where there is one run."""
        if self.sd is not None:
            return f"{self.mean:.3f} ± {self.sd:.3f} ({len(self.values)} seeds)"
        if self.interval is not None:
            return f"{self.mean:.3f} ({self.interval.between})"
        return f"{self.mean:.3f}"


def summarise(runs: Sequence[Mapping[str, Estimate]], *, level: float = 0.95) -> dict[str, SeedSummary]:
    """Mean, standard deviation and Student's interval of every figure that all runs have.

    A figure that some run lacks is left out, for a mean over the others would flatter; :func:`incomplete` names them.

    Args:
        runs: the figures of each run, by name, as ``figures.json`` holds them.
        level: of confidence.

    Raises:
        DataError: there is no run, or a value is NaN or infinite.
    """
    if not runs:
        raise DataError("there is nothing to summarise", expected="the figures of at least one run", got="none")
    found: dict[str, SeedSummary] = {}
    for name in runs[0]:
        if all(name in run for run in runs):
            single = runs[0][name] if len(runs) == 1 else None
            values = [run[name].value for run in runs]
            bounds = bounds_of(name, values)
            found[name] = summary(
                values, n=min(run[name].n for run in runs), interval=single, level=level, bounds=bounds
            )
    return found


def incomplete(runs: Sequence[Mapping[str, Estimate]]) -> dict[str, int]:
    """Figures that some runs lack, with the number of runs that have them."""
    names = dict.fromkeys(name for run in runs for name in run)
    counts = {name: sum(name in run for run in runs) for name in names}
    return {name: count for name, count in counts.items() if count < len(runs)}


def summary(
    values: Sequence[float],
    *,
    n: int,
    interval: Estimate | None = None,
    level: float = 0.95,
    bounds: tuple[float, float] | None = None,
) -> SeedSummary:
    """Mean, standard deviation and Student's interval of one figure over runs.

    Args:
        values: of each run.
        n: number of cases.
        interval: over cases and seeds, where it is known.
        level: of confidence.
        bounds: of what the figure can be; None where it has none. A figure with bounds gets its interval on the log odds
            of its place between them.

    Raises:
        DataError: there is no value, or one that is NaN or infinite.
    """
    from scipy.special import stdtrit

    array = column(list(values), "values")
    mean, count = float(array.mean()), len(array)
    if count == 1:
        return SeedSummary(tuple(array.tolist()), mean, None, None, interval, n)
    sd = float(array.std(ddof=1))
    half = float(stdtrit(count - 1, (1 + level) / 2)) * sd / count**0.5
    method = f"{level * 100:g} % Student's t over {count} seeds"
    if bounds is not None:
        method += ", on the log odds"
    if count == 2:
        method += "; two seeds say hardly anything of their spread"
    student = Estimate(value=mean, low=None, high=None, method=method, n=n)
    if sd <= ROUNDING:
        student = student.without_interval(f"the same in all {count} seeds")
    else:
        low, high = (mean - half, mean + half) if bounds is None else _within(mean, half, bounds)
        student = student.model_copy(update={"low": low, "high": high})
    return SeedSummary(tuple(array.tolist()), mean, sd, student, interval, n)


def _within(mean: float, half: float, bounds: tuple[float, float]) -> tuple[float, float]:
    """Ends of an interval on the log odds of the place between the bounds, by the delta method."""
    first, last = bounds
    place = (mean - first) / (last - first)
    odds = math.log(place / (1 - place))
    reach = half / (last - first) / (place * (1 - place))
    low, high = sigmoid(np.array([odds - reach, odds + reach])).tolist()
    return first + (last - first) * low, first + (last - first) * high


def bounds_of(name: str, values: Sequence[float]) -> tuple[float, float] | None:
    """Between what a figure can lie, by its name; None where it has no bounds, or is not known."""
    last = name.rpartition(".")[2]
    signed = last in SIGNED or last.endswith(("_gap", "_change")) or ".change." in name
    bounds = (-1.0, 1.0) if signed else (0.0, 1.0)
    known = signed or SHARE.fullmatch(last) or SHARE.fullmatch(name.split(".")[-2] if "." in name else "")
    return bounds if known and all(bounds[0] <= value <= bounds[1] for value in values) else None


def of_runs(
    replicates: Replicates, names: Sequence[str], runs: int, settings: Settings, cases: Predictions
) -> dict[str, SeedSummary]:
    """Summaries from replicates whose columns are the figures of one run after the other.

    Args:
        replicates: (resamples, runs * len(names)).
        names: of the figures of a run.
        runs: how many.
        settings: of the intervals.
        cases: with their labels and clusters.
    """
    known = guard(cases)
    merged = mean_of_runs(replicates, names, runs, settings.seed)
    values = replicates.values.reshape(runs, len(names))
    found: dict[str, SeedSummary] = {}
    for column_, name in enumerate(names):
        if np.isfinite(values[:, column_]).all() and name in defined(merged):
            one = figure(merged, name, level=settings.level)
            own = values[:, column_].tolist()
            bounds = bounds_of(name, own)
            interval = known.applied(name, _confined(worded(one, runs), bounds))
            found[name] = summary(own, n=one.n, interval=interval, level=settings.level, bounds=bounds)
    return found


def _confined(one: Estimate, bounds: tuple[float, float] | None) -> Estimate:
    if bounds is None or one.ends is None:
        return one
    # Stretched resamples may pass the ends of what the figure can be.
    return one.model_copy(update={"low": max(bounds[0], one.ends[0]), "high": min(bounds[1], one.ends[1])})
