"""Intervals where the bootstrap has no spread.

Where every case of a small group was classified correctly, so is every resample, and the percentiles would have no
width, which eight cases do not justify. A proportion then gets Wilson's interval; an AUROC of 1 or 0 that of a
proportion over the clusters of the smaller class, which is conservative, and so does the average precision of a class
whose boxes are all ranked first, or all missed. Other figures without spread, such as the AUROC of a system with
constant output, keep their value, with a note that their interval has no width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.predictions.predictions import Predictions
from osteon.stats.classification import PROPORTIONS, Confusion
from osteon.stats.intervals import wilson

NOTE = "(the bootstrap has no spread)"

NO_WIDTH = "the same in every resample: the interval has no width"

ROUNDING = 1e-12
"""Below this the ends of an interval differ by rounding alone."""


def with_counts(figures: Mapping[str, Estimate], prefix: str, cells: Confusion, level: float) -> dict[str, Estimate]:
    """The proportions among ``figures`` with the number of cases in their denominator, and Wilson's interval where it is needed.

    Args:
        figures: by name.
        prefix: before ``sensitivity`` and the others.
        cells: counts at the same threshold.
        level: of confidence.
    """
    found: dict[str, Estimate] = {}
    for name in PROPORTIONS:
        estimate = figures.get(prefix + name)
        if estimate is None:
            continue
        right, of = cells.share(name)
        if has_spread(estimate):
            found[prefix + name] = estimate.model_copy(update={"n": of})
        else:
            closed = wilson(right, of, level)
            found[prefix + name] = closed.model_copy(update={"method": f"{closed.method} {NOTE}"})
    return found


def with_zero_width(figures: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The figures; those that are equal in every resample are marked so, and their interval is the value itself."""
    return {name: estimate if has_spread(estimate) else _without_width(estimate) for name, estimate in figures.items()}


def has_spread(estimate: Estimate) -> bool:
    """Whether a figure differs among the resamples by more than rounding."""
    return estimate.high - estimate.low > ROUNDING


def _without_width(estimate: Estimate) -> Estimate:
    method = estimate.method if NO_WIDTH in estimate.method else f"{estimate.method}; {NO_WIDTH}"
    return estimate.model_copy(update={"low": estimate.value, "high": estimate.value, "method": method})


def degenerate_auroc(
    figures: Mapping[str, Estimate], name: str, table: Predictions, level: float
) -> dict[str, Estimate]:
    """The AUROC ``name`` with a wider interval, where every resample separates the classes perfectly."""
    estimate = figures.get(name)
    if not _is_degenerate(estimate):
        return {}
    groups = min(len(np.unique(table.cluster[table.label == value])) for value in (0, 1))
    return {name: _over(estimate, groups, "of the smaller class", level)}


def degenerate_precisions(
    figures: Mapping[str, Estimate], groups: Mapping[str, int], level: float
) -> dict[str, Estimate]:
    """Average precisions of 1 or 0 with a wider interval, where every resample finds all boxes of a class, or none.

    Args:
        figures: by name, ``ap50.<class>`` and ``ap.<class>`` among them.
        groups: by class, the clusters in which a box of it is annotated.
        level: of confidence.
    """
    found = {
        f"{kind}.{name}": _over(estimate, count, f"with an annotated {name}", level)
        for name, count in groups.items()
        for kind in ("ap50", "ap")
        if _is_degenerate(estimate := figures.get(f"{kind}.{name}"))
    }
    least = min((count for count in groups.values() if count), default=0)
    for name in ("map", "map50", "map75"):
        estimate = figures.get(name)
        if least and _is_degenerate(estimate):
            found[name] = _over(estimate, least, "of the rarest class", level)
    return found


def _is_degenerate(estimate: Estimate | None) -> TypeGuard[Estimate]:
    """Whether a figure is 0 or 1 in every resample."""
    return estimate is not None and not has_spread(estimate) and estimate.value in (0.0, 1.0)


def _over(estimate: Estimate, groups: int, which: str, level: float) -> Estimate:
    """A figure of 0 or 1 with the interval of a proportion over `groups` clusters."""
    closed = wilson(round(estimate.value * groups), groups, level)
    method = f"{closed.method} over the {groups} clusters {which} {NOTE}"
    return closed.model_copy(update={"method": method, "n": estimate.n})
