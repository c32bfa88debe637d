"""Intervals where the bootstrap has none to give.

Where every case of a small group was called rightly, every resample says so too, and the percentiles would claim a
certainty that eight cases cannot give. A proportion then takes Wilson's interval; an AUROC of 1 or 0 that of a
proportion over the groups of the smaller class, which is wider than the truth, and so does the average precision of a
class all of whose boxes are found first, or none. Other figures without spread, such as the
AUROC of a system that says the same of every case, keep their value, which is certain, and say that their interval has no
width.
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

STEADY = "the same in every resample: the interval has no width"

ROUNDING = 1e-12
"""Below this the ends of an interval differ by rounding alone."""


def with_counts(figures: Mapping[str, Estimate], prefix: str, cells: Confusion, level: float) -> dict[str, Estimate]:
    """The proportions among ``figures`` with the number of cases in their denominator, and Wilson's interval at need.

    Args:
        figures: by name.
        prefix: that stands before ``sensitivity`` and the others.
        cells: counts at the same threshold.
        level: of confidence.
    """
    found: dict[str, Estimate] = {}
    for name in PROPORTIONS:
        one = figures.get(prefix + name)
        if one is None:
            continue
        right, of = cells.share(name)
        if has_spread(one):
            found[prefix + name] = one.model_copy(update={"n": of})
        else:
            closed = wilson(right, of, level)
            found[prefix + name] = closed.model_copy(update={"method": f"{closed.method} {NOTE}"})
    return found


def with_steady(figures: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """The figures; those that are the same in every resample say so, and their interval is the value itself."""
    return {name: one if has_spread(one) else _without_width(one) for name, one in figures.items()}


def has_spread(one: Estimate) -> bool:
    """Whether a figure differs among the resamples by more than rounding."""
    return one.high - one.low > ROUNDING


def _without_width(one: Estimate) -> Estimate:
    method = one.method if STEADY in one.method else f"{one.method}; {STEADY}"
    return one.model_copy(update={"low": one.value, "high": one.value, "method": method})


def steady_auroc(figures: Mapping[str, Estimate], name: str, table: Predictions, level: float) -> dict[str, Estimate]:
    """The AUROC ``name`` with a wider interval, where every resample separates the classes without a fault."""
    one = figures.get(name)
    if not _steady(one):
        return {}
    groups = min(len(np.unique(table.cluster[table.label == value])) for value in (0, 1))
    return {name: _over(one, groups, "of the smaller class", level)}


def steady_precisions(figures: Mapping[str, Estimate], groups: Mapping[str, int], level: float) -> dict[str, Estimate]:
    """Average precisions of 1 or 0 with a wider interval, where every resample finds all boxes of a class, or none.

    Args:
        figures: by name, ``ap50.<class>`` and ``ap.<class>`` among them.
        groups: by class, the clusters in which a box of it is marked.
        level: of confidence.
    """
    found = {
        f"{kind}.{name}": _over(one, count, f"with a marked {name}", level)
        for name, count in groups.items()
        for kind in ("ap50", "ap")
        if _steady(one := figures.get(f"{kind}.{name}"))
    }
    least = min((count for count in groups.values() if count), default=0)
    for name in ("map", "map50", "map75"):
        one = figures.get(name)
        if least and _steady(one):
            found[name] = _over(one, least, "of the rarest class", level)
    return found


def _steady(one: Estimate | None) -> TypeGuard[Estimate]:
    """Whether a figure is 0 or 1 in every resample."""
    return one is not None and not has_spread(one) and one.value in (0.0, 1.0)


def _over(one: Estimate, groups: int, which: str, level: float) -> Estimate:
    """A figure of 0 or 1 with the interval of a proportion over so many clusters."""
    closed = wilson(round(one.value * groups), groups, level)
    method = f"{closed.method} over the {groups} clusters {which} {NOTE}"
    return closed.model_copy(update={"method": method, "n": one.n})
