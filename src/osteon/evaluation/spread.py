"""Intervals where the bootstrap has none to give.

Where every case of a small group was called rightly, every resample says so too, and the percentiles would claim a
certainty that eight cases cannot give. A proportion then takes Wilson's interval; an AUROC of 1 or 0 that of a
proportion over the groups of the smaller class, which is wider than the truth, and so does the average precision of a
class all of whose boxes are found first, or none. Other figures without spread have no
interval and are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeGuard

import numpy as np

from osteon.bundle.manifest import Figure
from osteon.evaluation.classification import PROPORTIONS, Confusion
from osteon.evaluation.intervals import wilson
from osteon.evaluation.predictions import Predictions

NOTE = "(the bootstrap has no spread)"


def with_counts(figures: Mapping[str, Figure], prefix: str, cells: Confusion, level: float) -> dict[str, Figure]:
    """The proportions among ``figures`` with the number of cases in their denominator, and Wilson's interval at need.

    Args:
        figures: by name.
        prefix: that stands before ``sensitivity`` and the others.
        cells: counts at the same threshold.
        level: of confidence.
    """
    found: dict[str, Figure] = {}
    for name in PROPORTIONS:
        one = figures.get(prefix + name)
        if one is None:
            continue
        right, of = cells.share(name)
        if one.low < one.high:
            found[prefix + name] = one.model_copy(update={"n": of})
        else:
            closed = wilson(right, of, level)
            found[prefix + name] = closed.model_copy(update={"method": f"{closed.method} {NOTE}"})
    return found


def with_spread(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """The figures that differ among the resamples."""
    return {name: one for name, one in figures.items() if one.low < one.high}


def steady_auroc(figures: Mapping[str, Figure], name: str, table: Predictions, level: float) -> dict[str, Figure]:
    """The AUROC ``name`` with a wider interval, where every resample separates the classes without a fault."""
    one = figures.get(name)
    if not _steady(one):
        return {}
    groups = min(len(np.unique(table.cluster[table.label == value])) for value in (0, 1))
    return {name: _over(one, groups, "of the smaller class", level)}


def steady_precisions(figures: Mapping[str, Figure], groups: Mapping[str, int], level: float) -> dict[str, Figure]:
    """Average precisions of 1 or 0 with a wider interval, where every resample finds all boxes of a class, or none.

    Args:
        figures: by name, ``ap50.<class>`` and ``ap.<class>`` among them.
        groups: by class, the clusters in which a box of it is marked.
        level: of confidence.
    """
    return {
        f"{kind}.{name}": _over(one, count, f"with a marked {name}", level)
        for name, count in groups.items()
        for kind in ("ap50", "ap")
        if _steady(one := figures.get(f"{kind}.{name}"))
    }


def _steady(one: Figure | None) -> TypeGuard[Figure]:
    """Whether a figure is 0 or 1 in every resample."""
    return one is not None and one.low >= one.high and one.value in (0.0, 1.0)


def _over(one: Figure, groups: int, which: str, level: float) -> Figure:
    """A figure of 0 or 1 with the interval of a proportion over so many clusters."""
    closed = wilson(round(one.value * groups), groups, level)
    method = f"{closed.method} over the {groups} clusters {which} {NOTE}"
    return closed.model_copy(update={"method": method, "n": one.n})
