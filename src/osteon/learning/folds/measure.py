"""Figures of all images, each as the network of the fold saw it that did not learn from it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.operating import OperatingPoint
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.run_reader import attributes
from osteon.evaluation.predictions.detections import Detections, Mark, detections
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.report.context import ReportContext, evaluation_cautions, predictions_context, unnamed_patients
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.result import Evaluation
from osteon.evaluation.report.run import evaluate_predictions
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.folds.plan import FoldPlan
from osteon.learning.folds.predict import FoldPredictions
from osteon.learning.recipe import Recipe
from osteon.stats.operating import at_sensitivity, at_specificity

SPECIFIC = 0.98
"""The specificity at which sensitivity is compared between cross-validations."""


def out_of_fold(
    table: Table, recipe: Recipe, plan: FoldPlan, folds: Sequence[FoldPredictions]
) -> tuple[Predictions, Detections | None]:
    """The predictions of all folds as one table, with the plan's groups as clusters.

    Args:
        table: all images.
        recipe: of the networks.
        plan: of the folds.
        folds: predictions, in the order of the plan.

    Raises:
        DataError: an image was predicted in no fold, or in two.
    """
    rows = {image: row for row, image in enumerate(table.images)}
    probability, number = np.full(len(table), np.nan), np.full(len(table), -1)
    marks: list[Mark] = []
    for fold, found in enumerate(folds):
        at = np.array([rows[image] for image in found.images], np.intp)
        if (number[at] >= 0).any():
            raise DataError("an image was predicted in two folds")
        probability[at], number[at] = found.probability, fold
        marks += [Mark(int(at[row]), label, Box(*corners), score) for row, label, *corners, score in found.marks or ()]
    truth, label = with_truth(table, recipe)
    said = predictions(
        table.images,
        truth.label(label),
        probability,
        cluster=[f"group {plan.groups[image]}" for image in table.images],
        attributes={**attributes(table), "fold": ["" if fold < 0 else str(fold) for fold in number.tolist()]},
    )
    if recipe.detection is None:
        return said, None
    return said, detections(table, marks, number >= 0, {name.replace(" ", "_") for name in recipe.task.labels})


def measure_folds(said: Predictions, boxes: Detections | None, settings: Settings) -> Evaluation:
    """Figures with intervals over the plan's groups, overall and by part.

    The operating points are those of these very predictions: a comparison at equal specificity or sensitivity, not an estimate
    of a point that was fixed before.
    """
    known = said.complete()
    wanted = {
        "sensitivity_95": at_sensitivity(known.label, known.probability, 0.95),
        "specificity_95": at_specificity(known.label, known.probability, 0.95),
        "specificity_98": at_specificity(known.label, known.probability, SPECIFIC),
    }
    points = {name: _worded(point) for name, point in wanted.items()}
    return evaluate_predictions(said, points, boxes=boxes, settings=settings)


def write_folds(evaluation: Evaluation, table: Table, name: str, out: Path, command: str, folds: int) -> None:
    """Write the folder that ``osteon evaluate`` would write, which ``osteon compare`` takes.

    Raises:
        OSError: it cannot be written.
    """
    context = predictions_context(name, evaluation, command=command, table=table)
    cautions = (
        f"Out of fold: {folds} networks, each on the images of its fold; one network of them all is not measured.",
        "The operating points were chosen on these predictions.",
        *unnamed_patients(table),
        *evaluation_cautions(evaluation),
    )
    write_evaluation(
        evaluation,
        ReportContext(context.title, context.subtitle, context.about, cautions, context.errors, context.checklist),
        out,
    )


def _worded(point: OperatingPoint) -> OperatingPoint:
    return point.model_copy(update={"rule": point.rule.replace("on validation", "on these out-of-fold predictions")})
