"""Figures of agreement with intervals over studies, or the reason why a figure has no value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.stats.agreement.alpha import Alpha, IntervalAlpha, Scale
from osteon.stats.agreement.boxes import BoxAgreement, FrocPoint
from osteon.stats.agreement.kappa import FleissKappa, PairKappa, Weighting
from osteon.stats.agreement.ratings import MISSING, Ratings
from osteon.stats.agreement.specific import SpecificAgreement
from osteon.stats.bootstrap import figure, replicate
from osteon.stats.checks import cluster_index
from osteon.stats.detection.boxes import Boxes
from osteon.stats.statistic import Joint, Statistic

FEWEST: Final = 5
"""With fewer clusters (studies) the percentiles of a bootstrap say nothing, and no interval is given."""


class Undefined(StrEnum):
    """Why a figure of agreement has no value."""

    NO_PAIRS = "no_pairs"
    """No case was judged twice."""
    ONE_CATEGORY = "one_category"
    """All judgements are the same: agreement beyond chance is 0 / 0."""
    NOBODY = "nobody"
    """Nobody gave this category, or drew such a box."""


@dataclass(frozen=True, slots=True)
class AgreementFigure:
    """A figure, or the reason why it has none; exactly one of both.

    Attributes:
        estimate: value and interval.
        undefined: why there is none.
        n: cases behind it, each judged at least twice.
    """

    estimate: Estimate | None
    undefined: Undefined | None
    n: int


Figures = dict[str, AgreementFigure]


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals are made.

    Attributes:
        resamples: of the clusters.
        seed: of the random numbers.
        level: of confidence.
    """

    resamples: int = 2_000
    seed: int = 0
    level: float = 0.95


def pair_figures(
    ratings: Ratings,
    names: list[str],
    clusters: ArrayLike | None = None,
    resampling: Resampling | None = None,
    *,
    weighting: Weighting = "none",
) -> Figures:
    """``kappa``, ``observed`` and ``specific.<name>`` of two readers.

    Args:
        ratings: of two readers.
        names: of the categories.
        clusters: resampled, (cases,); each case its own without them.
        resampling: how.
        weighting: of kappa.
    """

    def make(kept: Ratings) -> list[Statistic]:
        return [PairKappa(kept, weighting), SpecificAgreement(kept, names)]

    return _of_ratings(ratings, make, clusters, resampling)


def group_figures(
    ratings: Ratings,
    names: list[str],
    clusters: ArrayLike | None = None,
    resampling: Resampling | None = None,
    *,
    scale: Scale = "nominal",
) -> Figures:
    """``kappa`` (Fleiss), ``alpha`` (Krippendorff), ``observed`` and ``specific.<name>`` of all readers together."""

    def make(kept: Ratings) -> list[Statistic]:
        return [FleissKappa(kept), Alpha(kept, scale), SpecificAgreement(kept, names)]

    return _of_ratings(ratings, make, clusters, resampling)


def number_figures(
    values: ArrayLike, clusters: ArrayLike | None = None, resampling: Resampling | None = None
) -> Figures:
    """``alpha`` of measured numbers on an interval scale, (cases, readers), NaN where a reader gave none."""
    array = np.asarray(values, np.float64)
    rows = (~np.isnan(array)).sum(axis=1) >= 2
    if not rows.any():
        return {"alpha": AgreementFigure(None, Undefined.NO_PAIRS, 0)}
    groups = None if clusters is None else np.asarray(clusters)[rows]
    statistic = IntervalAlpha(array[rows])
    return _measured(statistic, statistic.n, groups, resampling, _reason_of_ratings)


def box_figures(
    first: Boxes,
    second: Boxes,
    *,
    images: int,
    iou: float,
    clusters: ArrayLike | None = None,
    resampling: Resampling | None = None,
) -> Figures:
    """``f1`` and ``overlap`` of the boxes of two readers in the images that both read."""
    return _of_boxes(BoxAgreement(first, second, images=images, iou=iou), images, clusters, resampling)


def froc_figures(
    consensus: Boxes,
    reader: Boxes,
    *,
    images: int,
    iou: float,
    clusters: ArrayLike | None = None,
    resampling: Resampling | None = None,
) -> Figures:
    """``sensitivity``, ``false_per_image`` and ``precision`` of a reader's boxes against a consensus."""
    return _of_boxes(FrocPoint(consensus, reader, images=images, iou=iou), images, clusters, resampling)


def _of_boxes(statistic: Statistic, images: int, clusters: ArrayLike | None, resampling: Resampling | None) -> Figures:
    """Figures of the boxes in some images."""
    reason = Undefined.NOBODY if images else Undefined.NO_PAIRS
    return _measured(statistic, images, clusters, resampling, lambda _: reason)


def _of_ratings(
    ratings: Ratings,
    make: Callable[[Ratings], list[Statistic]],
    clusters: ArrayLike | None,
    resampling: Resampling | None,
) -> Figures:
    """Figures of the cases that were judged twice: others say nothing of agreement, and are not resampled."""
    rows = (ratings.codes != MISSING).sum(axis=1) >= 2
    if not rows.any():
        names = [name for part in make(ratings) for name in part.names]
        return {name: AgreementFigure(None, Undefined.NO_PAIRS, 0) for name in names}
    kept = Ratings(ratings.codes[rows], ratings.categories)
    groups = None if clusters is None else np.asarray(clusters)[rows]
    return _measured(Joint(make(kept)), kept.n, groups, resampling, _reason_of_ratings)


def _reason_of_ratings(name: str) -> Undefined:
    return Undefined.NOBODY if name.startswith("specific.") else Undefined.ONE_CATEGORY


def _measured(
    statistic: Statistic,
    n: int,
    clusters: ArrayLike | None,
    resampling: Resampling | None,
    reason: Callable[[str], Undefined],
) -> Figures:
    """Every figure of a statistic; without intervals where there are too few clusters."""
    how = resampling or Resampling()
    if not statistic.n:
        return {name: AgreementFigure(None, reason(name), 0) for name in statistic.names}
    _, count = cluster_index(clusters, statistic.n)
    if count < FEWEST:
        values = statistic(np.ones((1, statistic.n)))[0].tolist()
        words = f"no interval: {count} clusters; at least {FEWEST} are needed"
        return {
            name: AgreementFigure(Estimate(value=value, low=None, high=None, method=words, n=n), None, n)
            if np.isfinite(value)
            else AgreementFigure(None, reason(name), n)
            for name, value in zip(statistic.names, values, strict=True)
        }
    replicates = replicate(statistic, clusters=clusters, resamples=how.resamples, seed=how.seed)
    found: Figures = {}
    for name, value in zip(replicates.names, replicates.values.tolist(), strict=True):
        if not np.isfinite(value):
            found[name] = AgreementFigure(None, reason(name), n)
            continue
        estimate = figure(replicates, name, level=how.level).model_copy(update={"n": n})
        found[name] = AgreementFigure(estimate, None, n)
    return found
