"""Intervals where the bootstrap cannot give one: no spread between resamples, or too few clusters to draw from.

Where every case of a small group was classified correctly, so is every resample, and percentiles would have no width,
which eight cases do not justify. And a single positive case is the same one in every resample that holds any:
percentiles would tell of the negatives alone. A proportion then gets Wilson's interval, with the clusters in its
denominator as cases; an AUROC of 1 or 0 that of a proportion over the clusters of the smaller class, which is
conservative, and so does the average precision of a class whose boxes are all ranked first, or all missed. Other
figures keep their value, and say in the place of a method why they have no interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.evaluation.predictions.predictions import Predictions, Texts
from osteon.stats.classification import confusion
from osteon.stats.intervals import wilson, wilson_over_clusters

NO_SPREAD: Final = "(the bootstrap has no spread)"

TOO_FEW: Final = "(too few clusters for the bootstrap)"

FEWEST: Final = 5
"""With fewer clusters than these that have positive, or negative, cases a figure of both has no interval."""


OF_ALL_CASES: Final = ("brier", "ece", "log_loss", "brier_change", "accuracy")
"""Means over all cases: they need many cases, not many of either class."""


def with_counts(
    figures: Mapping[str, Estimate], prefix: str, labels: ArrayLike, calls: ArrayLike, clusters: Texts, level: float
) -> dict[str, Estimate]:
    """The proportions among ``figures`` with the number of cases in their denominator, and Wilson's interval where needed.

    Args:
        figures: by name.
        prefix: before ``sensitivity`` and the others.
        labels: 0 or 1, (n,).
        calls: 0 or 1, (n,).
        clusters: of the cases, (n,).
        level: of confidence.
    """
    truth, called = np.asarray(labels, bool), np.asarray(calls, bool)
    cells = confusion(truth, called)
    among = {"sensitivity": truth, "specificity": ~truth, "ppv": called, "npv": ~called}
    among["accuracy"] = np.ones(len(truth), bool)
    found: dict[str, Estimate] = {}
    for name, rows in among.items():
        estimate = figures.get(prefix + name)
        if estimate is not None:
            found[prefix + name] = proportion(estimate, *cells.share(name), clusters[rows], level)
    return found


def proportion(estimate: Estimate, right: int, of: int, clusters: Texts, level: float) -> Estimate:
    """A proportion with the number of cases behind it, and Wilson's interval where the bootstrap has none to give.

    Args:
        estimate: with the bootstrap's interval.
        right: cases in the numerator.
        of: cases in the denominator.
        clusters: of the cases in the denominator.
        level: of confidence.
    """
    groups = len(np.unique(clusters))
    if estimate.ends is not None and groups >= FEWEST:
        return estimate.model_copy(update={"n": of})
    closed = wilson_over_clusters(right, of, groups, level)
    note = NO_SPREAD if estimate.ends is None else TOO_FEW
    return closed.model_copy(update={"method": f"{closed.method} {note}"})


def reason_against(clusters: Mapping[str, int]) -> str:
    """Why there are too few clusters for an interval; empty where there are enough.

    Args:
        clusters: how many there are of each kind that a figure needs, by what they hold, e.g. ``positive cases``.
    """
    few = [f"{count} with {kind}" for kind, count in clusters.items() if count < FEWEST]
    return f"too few clusters, {' and '.join(few)}; at least {FEWEST} are needed" if few else ""


def clusters_with(table: Predictions) -> dict[str, int]:
    """How many clusters hold positive, and negative, cases, for :func:`reason_against`."""
    kinds = {"positive cases": 1, "negative cases": 0}
    return {kind: len(np.unique(table.cluster[table.label == value])) for kind, value in kinds.items()}


@dataclass(frozen=True)
class Guard:
    """Why figures of a table have no interval, if its clusters are too few.

    Attributes:
        either: reason for figures that need both classes; empty where there are enough.
        every: reason for figures that need many cases of any kind.
    """

    either: str
    every: str

    def reason(self, name: str) -> str:
        """Why a figure has no interval, by its name; empty where there are enough clusters for it."""
        last = name.rpartition(".")[2]
        return self.every if last in OF_ALL_CASES or name.startswith("abstention.") else self.either

    def applied(self, name: str, estimate: Estimate) -> Estimate:
        """The figure, without its interval where there are too few clusters for it."""
        reason = self.reason(name)
        return estimate.without_interval(reason) if reason else estimate


@dataclass(frozen=True)
class BoxGuard:
    """Why figures of boxes have no interval, if the clusters with annotated boxes are too few.

    Attributes:
        classes: reason for the average precision of each annotated class; empty where there are enough.
        means: reason for means over the classes, which are no surer than their least sure class.
        boxes: reason for figures of all boxes: FROC, precision, recall, F1.
    """

    classes: Mapping[str, str]
    means: str
    boxes: str

    def reason(self, name: str) -> str:
        """Why a figure has no interval, by its name (``map50``, ``ap50.<class>``, ``froc`` ...); empty where it may."""
        if name.startswith("ap"):
            return self.classes.get(name.partition(".")[2], "")
        return self.means if name.startswith("map") else self.boxes

    def applied(self, name: str, estimate: Estimate) -> Estimate:
        """The figure, without its interval where there are too few clusters for it."""
        reason = self.reason(name)
        return estimate.without_interval(reason) if reason else estimate


def box_guard(groups: Mapping[str, int], annotated: int) -> BoxGuard:
    """The guard of the figures of boxes.

    Args:
        groups: by class, the clusters in which a box of it is annotated; 0 where none is.
        annotated: clusters in which any box is.
    """
    classes = {name: reason_against({f"an annotated {name}": count}) for name, count in groups.items() if count}
    means = next((reason for reason in classes.values() if reason), "")
    return BoxGuard(classes, means, reason_against({"annotated boxes": annotated}))


def guard(table: Predictions) -> Guard:
    """The guard of the figures of a table with known labels."""
    return Guard(reason_against(clusters_with(table)), reason_against({"cases": len(np.unique(table.cluster))}))


def degenerate_auroc(
    figures: Mapping[str, Estimate], name: str, table: Predictions, level: float
) -> dict[str, Estimate]:
    """The AUROC ``name`` with a wider interval, where every resample separates the classes perfectly."""
    estimate = figures.get(name)
    if not _is_degenerate(estimate):
        return {}
    return {name: _over(estimate, min(clusters_with(table).values()), "of the smaller class", level)}


def degenerate_precisions(
    figures: Mapping[str, Estimate], groups: Mapping[str, int], level: float, span: str = ""
) -> dict[str, Estimate]:
    """Average precisions of 1 or 0 with a wider interval, where every resample finds all boxes of a class, or none.

    Args:
        figures: by name, ``ap50.<class>`` and ``ap.<class>`` among them.
        groups: by class, the clusters in which a box of it is annotated.
        level: of confidence.
        span: of the IoU, after ``map`` and ``ap``.
    """
    found = {
        f"{kind}.{name}": _over(estimate, count, f"with an annotated {name}", level)
        for name, count in groups.items()
        for kind in ({"ap50", "ap"} if not span else {f"ap{span}"})
        if _is_degenerate(estimate := figures.get(f"{kind}.{name}"))
    }
    least = min((count for count in groups.values() if count), default=0)
    for name in ("map", "map50", "map75") if not span else (f"map{span}",):
        estimate = figures.get(name)
        if least and _is_degenerate(estimate):
            found[name] = _over(estimate, least, "of the rarest class", level)
    return found


def _is_degenerate(estimate: Estimate | None) -> TypeGuard[Estimate]:
    """Whether a figure is 0 or 1 in every resample."""
    return estimate is not None and estimate.ends is None and estimate.value in (0.0, 1.0)


def _over(estimate: Estimate, groups: int, which: str, level: float) -> Estimate:
    """A figure of 0 or 1 with the interval of a proportion over `groups` clusters."""
    closed = wilson(round(estimate.value * groups), groups, level)
    method = f"{closed.method} over the {groups} clusters {which} {NO_SPREAD}"
    return closed.model_copy(update={"method": method, "n": estimate.n})
