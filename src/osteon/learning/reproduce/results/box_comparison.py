"""Two recipes of detectors on the same images: the difference of their average precision, on the same resamples."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.binary.comparison import Comparison
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.panel import mean_of_runs
from osteon.evaluation.detection.metrics import affordable, matched
from osteon.learning.reproduce.results.differences import differences
from osteon.learning.reproduce.results.outcomes import Outcome, Variant
from osteon.stats.bootstrap import Replicates, replicate
from osteon.stats.detection.average_precision import CHUNK, AveragePrecision

FIGURES: Final = ("map50", "map")


def compare_boxes(first: Variant, second: Variant, settings: Settings) -> tuple[Comparison, ...]:
    """First minus second, figure by figure; all boxes of the detectors, before thresholds.

    Args:
        first: a detector's runs.
        second: another's, on the same images.
        settings: of the intervals.

    Raises:
        DataError: one of them has no boxes, or they were not measured on the same images.
    """
    # As many resamples for both, whichever of them gives out more boxes: only then are they the same resamples.
    given = (run.boxes for variant in (first, second) for run in variant.runs)
    most = max((len(boxes.found) for boxes in given if boxes is not None), default=0)
    settings = replace(settings, resamples=affordable(settings, most))
    one, two = (_mean(variant, settings, stream) for stream, variant in enumerate((first, second)))
    if not np.array_equal(first.runs[0].predictions.image, second.runs[0].predictions.image):
        raise DataError("the recipes were not measured on the same images")
    return differences((first, second), (one, two), FIGURES, group="detection", level=settings.level)


def rule_effect(variant: Variant) -> tuple[Comparison, ...]:
    """What the decision rule changes in a detector's boxes, from the evaluation of the bundle that holds both.

    Args:
        variant: a decision fusion.

    Raises:
        DataError: the rule changed nothing that could be measured.
    """
    figures = variant.figures
    found: list[Comparison] = []
    for name in FIGURES:
        parts = [figures.get(f"fusion.{part}.{name}") for part in ("rule", "detector", "change")]
        rule, alone, change = parts
        if rule is None or alone is None or change is None:
            continue
        gap = change.interval or change.over_seeds
        if gap is not None:
            values = (rule.mean, alone.mean)
            found.append(Comparison("with the rule", "detector alone", f"detection.{name}", values, gap))
    if not found:
        raise DataError("the rule changed no box that counts")
    return tuple(found)


def _mean(variant: Variant, settings: Settings, stream: int) -> Replicates:
    """Average precision of the runs of a recipe: the mean over them, resampled with the images."""
    replicates = [_of(run, settings) for run in variant.runs]
    joint = replace(
        replicates[0],
        names=tuple(name for one in replicates for name in one.names),
        values=np.concatenate([one.values for one in replicates]),
        draws=np.concatenate([one.draws for one in replicates], axis=1),
        left_out=None,
    )
    return mean_of_runs(joint, FIGURES, len(replicates), settings.seed, stream)


def _of(run: Outcome, settings: Settings) -> Replicates:
    if run.boxes is None:
        raise DataError("the run has no boxes", expected="an evaluation of boxes", got=run.work.name)
    if not run.boxes.read.all():
        raise DataError("the run did not read all images", expected="boxes of every image", got=run.work.name)
    statistic = AveragePrecision(matched(run.boxes), run.boxes.names)
    whole = replicate(
        statistic,
        clusters=run.predictions.cluster,
        resamples=settings.resamples,
        seed=settings.seed,
        chunk=CHUNK,
    )
    columns = [whole.names.index(name) for name in FIGURES]
    return replace(whole, names=FIGURES, values=whole.values[columns], draws=whole.draws[:, columns], left_out=None)
