"""All figures of a table of predictions: discrimination, calls at operating points, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.spread import degenerate_auroc, guard, with_counts
from osteon.evaluation.predictions.predictions import Predictions
from osteon.stats.bootstrap import Replicates, defined, figure, replicate
from osteon.stats.checks import both_classes
from osteon.stats.classification import PROPORTIONS, Decisions, confusion_at
from osteon.stats.intervals import delong, wilson
from osteon.stats.prevalence import PREVALENCES, AtPrevalence
from osteon.stats.ranking import Ranking
from osteon.stats.recalibration.slope import Intercept, Slope
from osteon.stats.reliability import Reliability
from osteon.stats.statistic import Joint, Named, Statistic
from osteon.stats.utility import Selective


@dataclass(frozen=True)
class Settings:
    """Settings of the confidence intervals.

    Attributes:
        resamples: of the clusters.
        seed: of the random numbers.
        level: of confidence.
        prevalences: for which predictive values are given, in addition to that of the cases.
    """

    resamples: int = 10_000
    seed: int = 0
    level: float = 0.95
    prevalences: tuple[float, ...] = PREVALENCES


@dataclass(frozen=True)
class Measured:
    """Figures of one table.

    Attributes:
        figures: by name.
        undefined: names of figures without a value or an interval.
    """

    figures: Mapping[str, Estimate]
    undefined: tuple[str, ...]


def measure(table: Predictions, thresholds: Mapping[str, float], settings: Settings) -> Measured:
    """Figures of the rows with a known label and a probability.

    Names: ``classification.auroc``, ``classification.<point>.sensitivity``, ``calibration.ece`` and so on; intervals
    are percentiles of the cluster bootstrap. ``..._bca``, ``..._delong`` and ``..._wilson`` are the same figures with
    another kind of interval. A figure that needs both classes has no interval where one has too few clusters.

    Args:
        table: predictions.
        thresholds: operating points by name, fixed on other cases.
        settings: of the intervals.

    Raises:
        DataError: no row is complete, there is only one class, or only one cluster.
    """
    table = table.complete()
    both_classes(table.label == 1, np.ones(len(table)), "an evaluation")
    label, probability = table.label, table.probability
    parts: list[Statistic] = [
        Named("classification", Ranking(label, probability)),
        Named("calibration", Reliability(label, probability)),
        Named("calibration", Intercept(label, probability)),
        Named("abstention", Selective(label, probability, middle(thresholds))),
    ]
    if np.ptp(probability) > 0:
        parts.append(Named("calibration", Slope(label, probability)))
    parts += [Named(f"classification.{name}", Decisions(label, probability >= at)) for name, at in thresholds.items()]
    if settings.prevalences:
        parts += [
            Named(f"classification.{name}", AtPrevalence(label, probability >= at, settings.prevalences))
            for name, at in thresholds.items()
        ]
    replicates = replicate(
        Joint(parts), clusters=table.cluster, resamples=settings.resamples, seed=settings.seed, jackknife=True
    )
    figures = {name: figure(replicates, name, level=settings.level) for name in defined(replicates)}
    figures |= _bca(replicates, settings)
    figures |= _closed(table, thresholds, settings)
    for name, at in thresholds.items():
        prefix = f"classification.{name}."
        figures |= with_counts(figures, prefix, label, probability >= at, table.cluster, settings.level)
    figures |= degenerate_auroc(figures, "classification.auroc", table, settings.level)
    figures = _guarded(figures, table)
    return Measured(dict(sorted(figures.items())), tuple(name for name in replicates.names if name not in figures))


def _guarded(figures: Mapping[str, Estimate], table: Predictions) -> dict[str, Estimate]:
    """Without the intervals that too few clusters of either class, or of all cases, do not give.

    Proportions are left: theirs are Wilson's where the bootstrap has none to give.
    """
    known = guard(table)
    closed = (*PROPORTIONS, "accuracy")
    return {
        name: estimate
        if name.rpartition(".")[2] in closed or name.endswith("_wilson")
        else known.applied(name, estimate)
        for name, estimate in figures.items()
    }


def middle(thresholds: Mapping[str, float]) -> float:
    """The threshold of calls for the risk: *definite* where there is one, otherwise 0.5."""
    at = thresholds.get("definite", 0.5)
    return at if 0 < at < 1 else 0.5


def _bca(replicates: Replicates, settings: Settings) -> dict[str, Estimate]:
    return {
        f"{name}_bca": figure(replicates, name, level=settings.level, method="bca")
        for name in ("classification.auroc", "classification.average_precision")
        if name in defined(replicates)
    }


def _closed(table: Predictions, thresholds: Mapping[str, float], settings: Settings) -> dict[str, Estimate]:
    """Intervals with a closed form; absent where they are undefined."""
    found: dict[str, Estimate] = {}
    # Perfectly separated classes have no DeLong interval; that of the bootstrap is given as well.
    with suppress(DataError):
        found["classification.auroc_delong"] = delong(
            table.label, table.probability, clusters=table.cluster, level=settings.level
        )
    for name, at in thresholds.items():
        cells = confusion_at(table.label, table.probability, at)
        for share in PROPORTIONS:
            right, of = cells.share(share)
            if of:
                found[f"classification.{name}.{share}_wilson"] = wilson(right, of, settings.level)
    return found
