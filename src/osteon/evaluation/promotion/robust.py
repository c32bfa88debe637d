"""Both bundles on the same corrupted images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.bundle.promotion.plan import Plan
from osteon.bundle.promotion.record import PairedFigure, RobustnessFigures
from osteon.core.errors import DataError
from osteon.evaluation.html.section import Track
from osteon.evaluation.inference.sampling import balanced
from osteon.evaluation.predictions.predictions import Predictions
from osteon.evaluation.robustness.corruptions import CORRUPTIONS
from osteon.evaluation.robustness.robustness import Condition, ask
from osteon.stats.bootstrap import Replicates, paired_difference, replicate
from osteon.stats.checks import Floats
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Named, Statistic, Within


def conditions_of(plan: Plan) -> list[Condition]:
    """The conditions that a plan names.

    Raises:
        DataError: there is no such corruption.
    """
    known = {one.name: one for one in CORRUPTIONS}
    found: list[Condition] = []
    for name in plan.conditions:
        corruption, _, level = name.partition(".")
        if corruption not in known:
            raise DataError("the plan names an unknown corruption", expected=", ".join(known), got=corruption)
        found.append(Condition(known[corruption], float(level or 1)))
    return found


def robustness(
    candidate: Bundle, live: Bundle, root: Path, cases: Predictions, plan: Plan, track: Track
) -> RobustnessFigures | None:
    """Let both read the same corrupted images, half of them positive as far as there are.

    Args:
        candidate: to be promoted.
        live: that reads now.
        root: folder of the images.
        cases: of all test sets, as the candidate read them.
        plan: names conditions and how many images.
        track: shows progress.

    Returns:
        None where there is only one class.
    """
    rows = balanced(cases, plan.robustness_images, plan.seed)
    chosen = cases.select(rows) if len(rows) else cases.select(np.zeros(1, np.int64))
    if len(np.unique(chosen.label)) < 2 or len(np.unique(chosen.cluster)) < 2:
        return None
    conditions = conditions_of(plan)
    said = [ask(bundle, root, chosen, conditions, track, seed=plan.seed).probability for bundle in (candidate, live)]
    return _figures(chosen, conditions, said[0], said[1], plan)


def _figures(
    cases: Predictions, conditions: Sequence[Condition], first: Floats, second: Floats, plan: Plan
) -> RobustnessFigures:
    """AUROC of both in each condition, of the images that both still read, and the mean over conditions."""
    parts: list[Statistic] = []
    names: list[str] = []
    for condition, one, other in zip(conditions, first, second, strict=True):
        rows = np.flatnonzero(np.isfinite(one) & np.isfinite(other))
        if len(np.unique(cases.label[rows])) < 2:
            continue
        name = f"{condition.corruption.name}.{condition.level:g}"
        names.append(name)
        for which, probability in (("first", one), ("second", other)):
            ranking = Within(Ranking(cases.label[rows], probability[rows]), rows, len(cases))
            parts.append(Named(f"{which}.{name}", ranking))
    if not parts:
        return RobustnessFigures(images=len(cases), conditions=(), mean=None)
    drawn = replicate(Joint(parts), clusters=cases.cluster, resamples=plan.resamples, seed=plan.seed)
    columns = [[drawn.names.index(f"{which}.{name}.auroc") for name in names] for which in ("first", "second")]
    groups = min(len(np.unique(cases.cluster[cases.label == value])) for value in (0, 1))
    each = tuple(
        _paired(name, drawn, (one, other), groups, plan.level)
        for name, one, other in zip(names, columns[0], columns[1], strict=True)
    )
    means = Replicates(
        ("first", "second"),
        np.array([drawn.values[column].mean() for column in columns]),
        np.stack([drawn.draws[:, column].mean(axis=1) for column in columns], axis=1),
        None,
        drawn.n,
        drawn.clusters,
        drawn.clustered,
    )
    mean = _paired("mean.auroc", means, (0, 1), groups, plan.level)
    return RobustnessFigures(images=len(cases), conditions=each, mean=mean)


def _paired(name: str, drawn: Replicates, columns: tuple[int, int], groups: int, level: float) -> PairedFigure:
    gap = paired_difference(drawn, columns, groups, level)
    return PairedFigure(
        figure=name, candidate=float(drawn.values[columns[0]]), live=float(drawn.values[columns[1]]), difference=gap
    )
