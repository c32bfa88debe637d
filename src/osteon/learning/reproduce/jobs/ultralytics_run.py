"""YOLOv8 as a run of a reproduction: ultralytics trains it, and its boxes are evaluated as those of any other system."""

from __future__ import annotations

import shutil
from typing import Any

from osteon.data.duplicates.duplicates import with_clusters
from osteon.data.splits.record import load_split
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.context import predictions_context
from osteon.evaluation.report.looks import NOT_ENTERED
from osteon.evaluation.report.run import evaluate_detections
from osteon.learning.inputs.divide import divide
from osteon.learning.inputs.load_cases import read_data
from osteon.learning.recipe import UltralyticsRecipe
from osteon.learning.reproduce.jobs.outputs import TEST, write_results
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.yolo import best_of, detect_yolo, train_yolo, write_data


def ultralytics_run(work: Work, recipe: UltralyticsRecipe, command: str) -> dict[str, Any]:
    """Train and measure; it makes no bundle.

    Args:
        work: the run.
        recipe: with the settings of the budget.
        command: that makes it, for the report.

    Returns:
        The content of ``done.json``.

    Raises:
        RecipeError: ultralytics is not installed.
        DataError: the data cannot be read or divided.
    """
    table = read_data(recipe.dataset, work.data)
    if "cluster" in recipe.split.group:
        table = with_clusters(table, work.data)
    kept = work.run / "split.json"
    if kept.is_file():
        split = load_split(kept)
    else:
        split = divide(table, recipe.split)
        kept.parent.mkdir(parents=True, exist_ok=True)
        split.save(kept)
    data = work.folder / "data"
    if data.exists():
        shutil.rmtree(data)
    prepared = write_data(table, split, work.data, data, only_with_boxes=recipe.only_with_boxes)
    weights = train_yolo(prepared, recipe, work.seed, work.run)
    test = table.select(split.parts["test"])
    test.label(recipe.image_label)
    found = detect_yolo(
        weights, [work.data / image for image in test.images], recipe.side, work.folder / "detections.json"
    )
    settings = Settings(resamples=work.resamples)
    evaluation, _outside = evaluate_detections(
        found, test, work.data, recipe.image_label, settings=settings, look=NOT_ENTERED
    )
    context = predictions_context(recipe.name, evaluation, command=command, table=test, part=TEST)
    write_results(work, evaluation, context, test.images)
    return {
        "selection": recipe.selection.metric,
        **best_of(weights),
        "weights": f"{recipe.model}, of ultralytics (AGPL-3.0)",
    }
