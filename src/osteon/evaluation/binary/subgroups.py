"""The same figures in parts of the cases (age, sex, body part, view ...), and the gap between a part and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.spread import clusters_with, degenerate_auroc, reason_against, with_counts
from osteon.evaluation.predictions.predictions import Predictions, Texts
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.checks import Booleans
from osteon.stats.classification import PROPORTIONS, Decisions
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Difference, Joint, Named, Statistic, Within

SMALL: Final = 30
"""A group with fewer positive, or negative, cases gets a warning."""

AGE_BANDS: Final = ((0, 2), (2, 6), (6, 12), (12, 18), (18, 40), (40, 65), (65, 200))
"""Years, from the first to below the second: infants, children, adolescents, adults, the elderly."""

UNSTATED: Final = "not stated"


@dataclass(frozen=True)
class Subgroup:
    """A part of the cases.

    Attributes:
        attribute: column of the subgroups, e.g. ``body_part``.
        value: of these cases in that column.
        n: number of cases.
        positives: number of positive cases.
        figures: of these cases; undefined ones are absent.
        gaps: figures of these cases minus those of all others.
        warning: why the figures are unreliable, or empty.
    """

    attribute: str
    value: str
    n: int
    positives: int
    figures: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    gaps: Mapping[str, Estimate] = field(default_factory=dict[str, Estimate])
    warning: str = ""


def age_bands(ages: Sequence[float | None]) -> Texts:
    """Bands of ages in years, as text; ``UNSTATED`` where an age is not known."""
    return np.array([_band(age) for age in ages])


def _band(age: float | None) -> str:
    for first, end in AGE_BANDS:
        if age is not None and first <= age < end:
            return f"{first:02d}-{end - 1:02d} y" if end < 200 else f"{first} y and over"
    return UNSTATED


def subgroups(
    table: Predictions,
    attribute: str,
    thresholds: Mapping[str, float],
    *,
    resamples: int = 10_000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[Subgroup, ...]:
    """Figures of each group of a column, the largest group first.

    Args:
        table: with known labels and probabilities only.
        attribute: a column of ``table.attributes``.
        thresholds: operating points by name; each gives ``<name>.sensitivity`` and so on.
        resamples: of the clusters.
        seed: of the random numbers.
        level: of confidence.

    Raises:
        DataError: there is no such column, or a label or probability is missing.
    """
    if attribute not in table.attributes:
        raise DataError("no such attribute", expected=", ".join(table.attributes) or "an attribute", got=attribute)
    values = table.attributes[attribute]
    names, sizes = np.unique(np.where(values == "", UNSTATED, values), return_counts=True)
    groups: list[Subgroup] = []
    for value in names[np.argsort(-sizes, kind="stable")].tolist():
        # Bands of ages are called so, other columns are empty.
        inside = np.isin(values, ("", UNSTATED)) if value == UNSTATED else values == value
        groups.append(_group(table, attribute, value, inside, thresholds, resamples, seed, level))
    return tuple(groups)


def _group(
    table: Predictions,
    attribute: str,
    value: str,
    inside: Booleans,
    thresholds: Mapping[str, float],
    resamples: int,
    seed: int,
    level: float,
) -> Subgroup:
    n, positives = int(inside.sum()), int(table.label[inside].sum())
    if len(np.unique(table.cluster)) < 2:
        return Subgroup(attribute, value, n, positives, warning="one patient or cluster: no intervals")
    own = statistics(table, inside, thresholds)
    parts: list[Statistic] = [Named("own", own)]
    if not inside.all():
        parts.append(Named("gap", Difference(own, statistics(table, ~inside, thresholds))))
    replicates = replicate(Joint(parts), clusters=table.cluster, resamples=resamples, seed=seed)
    found = {name: figure(replicates, name, level=level) for name in defined(replicates)}
    figures = {
        name.removeprefix("own."): estimate.model_copy(update={"n": n})
        for name, estimate in found.items()
        if name.startswith("own.")
    }
    part = table.select(inside)
    for name, at in thresholds.items():
        figures |= with_counts(figures, f"{name}.", part.label, part.probability >= at, part.cluster, level)
    figures |= degenerate_auroc(figures, "auroc", part, level)
    if reason_against(clusters_with(part)):
        kept = tuple(f"{name}.{share}" for name in thresholds for share in PROPORTIONS)
        figures, found = {name: estimate for name, estimate in figures.items() if name in kept}, {}
    gaps = {name.removeprefix("gap."): estimate for name, estimate in found.items() if name.startswith("gap.")}
    return Subgroup(attribute, value, n, positives, figures, gaps, _warning(n, positives))


def _warning(n: int, positives: int) -> str:
    few = [f"{count} {name}" for name, count in (("positive", positives), ("negative", n - positives)) if count < SMALL]
    return f"small group: {' and '.join(few)}" if few else ""


def statistics(table: Predictions, rows: Booleans, thresholds: Mapping[str, float]) -> Statistic:
    """AUROC, average precision and, at each threshold, the figures of calls, of some rows among all."""
    label, probability = table.label[rows], table.probability[rows]
    at = [Named(name, Decisions(label, probability >= threshold)) for name, threshold in thresholds.items()]
    return Within(Joint([Ranking(label, probability), *at]), np.flatnonzero(rows), len(table))
