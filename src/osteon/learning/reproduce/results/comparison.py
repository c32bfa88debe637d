"""The questions of a paper: one recipe against the best of others on the same cases, paired, with intervals.

Where there is a question of yes or no, ``evaluation.compare`` answers it. Of classes that exclude each other, accuracy and
macro F1 are compared in the same way: a bootstrap over the clusters of cases crossed with the seeds, and an exact
sign-flip test of the right calls, whose unit is the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.comparison import Comparison, Test
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.compare import compare
from osteon.evaluation.compare.panel import columns_of, mean_of_runs
from osteon.evaluation.compare.systems import System
from osteon.evaluation.multiclass.metrics import PerClass, called
from osteon.evaluation.predictions.classes import Classes
from osteon.evaluation.predictions.pooling import pooled
from osteon.evaluation.predictions.predictions import Predictions
from osteon.learning.recipe import Contrast
from osteon.learning.reproduce.results.box_comparison import compare_boxes, rule_effect
from osteon.learning.reproduce.results.differences import differences
from osteon.learning.reproduce.results.outcomes import Variant
from osteon.stats.bootstrap import replicate
from osteon.stats.paired import holm, sign_flip, sign_flip_interval
from osteon.stats.statistic import Joint, Named

FIGURES = ("accuracy", "macro.f1", "macro.auroc")
"""Of classes, that are compared."""

SHOWN = ("classification.auroc", "classification.average_precision", "classification.doubt.accuracy")
"""Of a question of yes or no, that are compared."""


@dataclass(frozen=True)
class Answer:
    """A question and what was found.

    Attributes:
        contrast: the question.
        best: the recipe that the first was compared with; empty where there was no answer.
        pairs: by figure.
        why: why there is no answer; empty where there is.
    """

    contrast: Contrast
    best: str
    pairs: tuple[Comparison, ...]
    why: str = ""

    @property
    def verdict(self) -> str:
        """The answer by the interval of the first figure; questions are put so that a higher figure of the first means yes."""
        if not self.pairs:
            return f"not answered: {self.why}"
        ends = self.pairs[0].difference.ends
        if ends is None:
            return "not decided: there is no interval"
        if ends[0] > 0:
            return "yes"
        return "no, less" if ends[1] < 0 else "not decided: the interval holds 0"


def answers(contrasts: Sequence[Contrast], found: Sequence[Variant], settings: Settings) -> tuple[Answer, ...]:
    """Answer the questions whose recipes have finished runs; P values are adjusted over all of them (Holm)."""
    by_name = {variant.name: variant for variant in found}
    given = tuple(_answer(contrast, by_name, settings) for contrast in contrasts)
    adjusted = iter(holm([pair.test.p for answer in given for pair in answer.pairs if pair.test is not None]))
    return tuple(
        replace(
            answer,
            pairs=tuple(
                pair if pair.test is None else replace(pair, test=replace(pair.test, adjusted=next(adjusted)))
                for pair in answer.pairs
            ),
        )
        for answer in given
    )


def _answer(contrast: Contrast, found: dict[str, Variant], settings: Settings) -> Answer:
    others = [found[name] for name in contrast.others if name in found]
    if contrast.first not in found or not others:
        lacking = contrast.first if contrast.first not in found else " and ".join(contrast.others)
        return Answer(contrast, "", (), f"no finished run of {lacking}")
    best = max(others, key=lambda variant: variant.validation)
    first = found[contrast.first]
    if first.recipe.fuses and (chosen := _chosen(first, others)) is not None:
        best = chosen
    try:
        pairs = compare_variants(first, best, settings, averaged=contrast.averaged)
    except DataError as error:
        return Answer(contrast, best.name, (), error.problem)
    return Answer(contrast, best.name, pairs)


def _chosen(fusion: Variant, others: Sequence[Variant]) -> Variant | None:
    """The detector that a decision fusion took, which its weights name."""
    said = str(fusion.runs[0].done["weights"])
    return next((variant for variant in others if said.endswith(f"/{variant.name}")), None)


def compare_variants(
    first: Variant, second: Variant, settings: Settings, *, averaged: bool = False
) -> tuple[Comparison, ...]:
    """First minus second, figure by figure: of detectors their boxes, of a decision fusion its boxes with and without the rule.

    Args:
        first: a recipe's runs.
        second: of another recipe, on the same cases; images that only one of them reads are left out.
        settings: of the intervals.
        averaged: compare studies, whose images are averaged.

    Raises:
        DataError: they were not measured on the same cases.
    """
    if first.recipe.fuses:
        return rule_effect(first)
    if first.recipe.finds_boxes:
        return compare_boxes(first, second, settings)
    if (first.runs[0].predictions.label >= 0).any():
        systems = [
            System(
                variant.name,
                tuple(run.predictions for run in variant.runs),
                tuple(run.thresholds for run in variant.runs),
            )
            for variant in (first, second)
        ]
        pooling = "mean" if averaged else None
        pairs = compare(systems, settings, common=True, pooling=pooling).between(first.name, second.name)
        return tuple(pairs[name] for name in SHOWN if name in pairs)
    return _classes(first, second, settings, averaged=averaged)


def _classes(first: Variant, second: Variant, settings: Settings, *, averaged: bool) -> tuple[Comparison, ...]:
    tables = _common(first, second, averaged=averaged)
    cases = tables[0][0]
    usable = np.logical_and.reduce([_of(table).usable() for runs in tables for table in runs])
    kept = [[_of(table.select(usable)) for table in runs] for runs in tables]
    clusters = cases.cluster[usable]
    parts = [PerClass(classes) for runs in kept for classes in runs]
    replicates = replicate(
        Joint([Named(str(i), part) for i, part in enumerate(parts)]),
        clusters=clusters,
        resamples=settings.resamples,
        seed=settings.seed,
    )
    names = parts[0].names
    counts = (len(kept[0]), len(kept[1]))
    middle = counts[0] * len(names)
    one, two = (
        mean_of_runs(columns_of(replicates, columns), names, count, settings.seed, stream)
        for stream, (columns, count) in enumerate(zip((slice(0, middle), slice(middle, None)), counts, strict=True))
    )
    return differences(
        (first, second),
        (one, two),
        FIGURES,
        group="classes",
        level=settings.level,
        tests={"accuracy": _right(kept, clusters, settings.level)},
    )


def _common(first: Variant, second: Variant, *, averaged: bool) -> list[list[Predictions]]:
    """Predictions of the runs of both, on the images (or studies) that all of them name, in one order."""
    every = [[run.predictions for run in variant.runs] for variant in (first, second)]
    if averaged:
        every = [[pooled(table, "mean") for table in runs] for runs in every]
    shared = every[0][0].image
    for runs in every:
        for table in runs:
            shared = np.intersect1d(shared, table.image)
    if not len(shared):
        raise DataError("the recipes were not measured on the same cases")
    found: list[list[Predictions]] = []
    for runs in every:
        kept = [table.select(np.flatnonzero(np.isin(table.image, shared))) for table in runs]
        found.append([table.select(np.argsort(table.image, kind="stable")) for table in kept])
    return found


def _right(kept: Sequence[Sequence[Classes]], clusters: np.ndarray, level: float) -> tuple[Test, Estimate]:
    right = [
        np.stack([(called(classes) == (classes.truth == 1)).all(axis=1) for classes in runs]).sum(axis=0)
        for runs in kept
    ]
    counts = len(kept[1]) * right[0] - len(kept[0]) * right[1]
    p = sign_flip(counts, clusters)
    interval = sign_flip_interval(counts, clusters, scale=len(kept[0]) * len(kept[1]), level=level)
    return Test("exact sign-flip test of the right calls", p, p), interval


def _of(table: Predictions) -> Classes:
    if table.classes is None:
        raise DataError("the predictions hold no classes", expected="a bundle of several labels")
    return table.classes
