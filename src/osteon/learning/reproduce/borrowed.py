"""YOLOv8 as a run of a reproduction: ultralytics trains it, and its boxes are measured as those of other systems."""

from __future__ import annotations

import shutil
from typing import Any

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.context import predictions_context
from osteon.evaluation.report.run import evaluate_detections
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.reproduce.joined import begun
from osteon.learning.reproduce.plan import Work
from osteon.learning.reproduce.record import TEST, write_whole
from osteon.learning.yolo import best_of, detect_yolo, train_yolo, write_data, yolo_of


def borrowed(work: Work, command: str) -> dict[str, Any]:
    """Train and measure; it makes no bundle.

    Args:
        work: the run.
        command: that makes it, for the report.

    Returns:
        What ``done.json`` says.

    Raises:
        RecipeError: ultralytics is not installed.
        DataError: the data cannot be read or divided.
    """
    run = begun(work)
    how = yolo_of(run.recipe, run.seed)
    parts = prepare_cases(run)
    data, trained = work.folder / "data", work.folder / "run"
    if data.exists():
        shutil.rmtree(data)
    weights = train_yolo(write_data(parts.table, parts.split, work.data, data, marked=how.marked), how, trained)
    table, label = with_truth(parts.table.select(parts.test.images), run.recipe)
    found = detect_yolo(weights, [work.data / image for image in table.images], how, work.folder / "detections.json")
    evaluation, _outside = evaluate_detections(
        found, table, work.data, label, settings=Settings(resamples=work.resamples)
    )
    write_whole(
        work, evaluation, predictions_context(work.recipe.name, evaluation, command=command, table=table, part=TEST)
    )
    return {
        "selection": run.recipe.selection.metric,
        **best_of(weights),
        "weights": f"{how.model}, of ultralytics (AGPL-3.0)",
    }
