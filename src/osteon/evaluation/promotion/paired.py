"""Differences of two bundles on the same images, with intervals over the clusters that both share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.bundle.promotion.plan import Plan
from osteon.bundle.promotion.record import PairedFigure, SubgroupFigures
from osteon.core.errors import DataError
from osteon.evaluation.binary.subgroups import UNSTATED
from osteon.evaluation.predictions.predictions import Predictions
from osteon.stats.bootstrap import paired_difference, replicate
from osteon.stats.checks import Booleans, Floats
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Mean, Named, Statistic

EACH: Final = 5
"""Images of each class from which a subgroup has an AUROC."""

Thresholds = Mapping[str, float]
"""By operating point, of one bundle."""


@dataclass(frozen=True)
class Pair:
    """What both bundles said of the same images, in the same order.

    Attributes:
        candidate: predictions of the candidate.
        live: of the live bundle.
        candidate_points: thresholds of the candidate's own operating points.
        live_points: of the live bundle's own.
    """

    candidate: Predictions
    live: Predictions
    candidate_points: Thresholds
    live_points: Thresholds

    def __post_init__(self) -> None:
        """Check that both are of the same images.

        Raises:
            DataError: they are not.
        """
        if self.candidate.image.tolist() != self.live.image.tolist():
            raise DataError("both bundles must have read the same images", expected="the same images in the same order")

    @property
    def both(self) -> Booleans:
        """Whether an image has a label and both read it, (n,)."""
        return self.candidate.labelled & self.candidate.read & self.live.read

    def select(self, rows: Booleans | NDArray[np.int64]) -> Pair:
        """Some of the images."""
        points = self.candidate_points, self.live_points
        return Pair(self.candidate.select(rows), self.live.select(rows), *points)


def paired_figures(pair: Pair, plan: Plan) -> tuple[PairedFigure, ...]:
    """AUROC, sensitivity and specificity at each operating point, and the share that was read; undefined ones are absent."""
    found: list[PairedFigure] = []
    both = pair.both
    if both.any():
        found += _of_calls(pair.select(both), plan, ("sensitivity", "specificity"))
    read = [predictions.read.astype(np.float64) for predictions in (pair.candidate, pair.live)]
    shares = [Mean("read", values) for values in read]
    return (*found, *_differences(shares[0], shares[1], {"read": np.ones(len(read[0]), bool)}, pair.candidate, plan))


def subgroup_figures(pair: Pair, plan: Plan) -> tuple[tuple[SubgroupFigures, ...], dict[str, int]]:
    """Both bundles in each subgroup with enough images that both read, and how many others there are, by attribute."""
    both = pair.both
    if not both.any():
        return (), {}
    pair = pair.select(both)
    groups: list[SubgroupFigures] = []
    small: dict[str, int] = {}
    for attribute in plan.subgroups:
        values = pair.candidate.attributes.get(attribute)
        if values is None:
            continue
        for value in sorted({text for text in values.tolist() if text and text != UNSTATED}):
            part = pair.select(values == value)
            if len(part.candidate) < plan.minimum:
                small[attribute] = small.get(attribute, 0) + 1
                continue
            figures = _of_calls(part, plan, ("accuracy",), points=("definite",), each=EACH)
            positives = int((part.candidate.label == 1).sum())
            groups.append(SubgroupFigures(
                attribute=attribute, value=value, images=len(part.candidate), positives=positives, figures=figures
            ))  # fmt: skip
    return tuple(groups), small


def _of_calls(
    pair: Pair, plan: Plan, wanted: tuple[str, ...], points: tuple[str, ...] | None = None, each: int = 1
) -> tuple[PairedFigure, ...]:
    """AUROC where each class has enough images, and figures of calls, of images that both read."""
    label = pair.candidate.label
    names = tuple(pair.candidate_points) if points is None else points
    statistics = [
        _panel(label, predictions.probability, {name: at[name] for name in names})
        for predictions, at in ((pair.candidate, pair.candidate_points), (pair.live, pair.live_points))
    ]
    positive = label == 1
    among = {"auroc": np.ones(len(label), bool)} if min(positive.sum(), (~positive).sum()) >= each else {}
    rows = {"sensitivity": positive, "specificity": ~positive, "accuracy": np.ones(len(label), bool)}
    among |= {f"{name}.{figure}": rows[figure] for name in names for figure in wanted}
    return _differences(statistics[0], statistics[1], among, pair.candidate, plan)


def _panel(label: NDArray[np.int8], probability: Floats, points: Thresholds) -> Statistic:
    calls = [Named(name, Decisions(label, probability >= at)) for name, at in points.items()]
    return Joint([Ranking(label, probability), *calls])


def _differences(
    first: Statistic, second: Statistic, among: Mapping[str, Booleans], cases: Predictions, plan: Plan
) -> tuple[PairedFigure, ...]:
    """Figures of both that are defined, each with the cases that it is of."""
    if len(np.unique(cases.cluster)) < 2:
        return ()
    drawn = replicate(
        Joint([Named("first", first), Named("second", second)]),
        clusters=cases.cluster,
        resamples=plan.resamples,
        seed=plan.seed,
    )
    found: list[PairedFigure] = []
    for name, rows in among.items():
        at = [drawn.names.index(f"{which}.{name}") for which in ("first", "second")]
        values = [float(drawn.values[column]) for column in at]
        if not np.isfinite(values).all():
            continue
        groups = _clusters(name, rows, cases)
        gap = paired_difference(drawn, (at[0], at[1]), groups, plan.level)
        found.append(PairedFigure(figure=name, candidate=values[0], live=values[1], difference=gap))
    return tuple(found)


def _clusters(name: str, rows: Booleans, cases: Predictions) -> int:
    """Clusters behind a figure: for an AUROC those of the rarer class."""
    if name != "auroc":
        return len(np.unique(cases.cluster[rows]))
    return min(len(np.unique(cases.cluster[cases.label == value])) for value in (0, 1))
