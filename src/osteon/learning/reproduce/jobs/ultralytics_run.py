"""YOLOv8 as a run of a reproduction: ultralytics trains it, and its boxes are evaluated as those of any other system."""

from __future__ import annotations

import shutil
from typing import Any

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.context import predictions_story
from osteon.evaluation.report.run import evaluate_detections
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.reproduce.jobs.ensemble import begun
from osteon.learning.reproduce.jobs.outputs import TEST, write_results
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.yolo import best_of, detect_yolo, train_yolo, write_data, yolo_of


def ultralytics_run(work: Work, command: str) -> dict[str, Any]:
    """Train and measure; it makes no bundle.

    Args:
        work: the run.
        command: that makes it, for the report.

    Returns:
        The content of ``done.json``.

    Raises:
        RecipeError: ultralytics is not installed.
        DataError: the data cannot be read or divided.
    """
    run = begun(work)
    options = yolo_of(run.recipe, run.seed)
    parts = prepare_cases(run)
    data, trained = work.folder / "data", work.folder / "run"
    if data.exists():
        shutil.rmtree(data)
    weights = train_yolo(write_data(parts.table, parts.split, work.data, data, marked=options.marked), options, trained)
    table, label = with_truth(parts.table.select(parts.test.images), run.recipe)
    found = detect_yolo(
        weights, [work.data / image for image in table.images], options, work.folder / "detections.json"
    )
    evaluation, _outside = evaluate_detections(
        found, table, work.data, label, settings=Settings(resamples=work.resamples)
    )
    write_results(
        work, evaluation, predictions_story(work.recipe.name, evaluation, command=command, table=table, part=TEST)
    )
    return {
        "selection": run.recipe.selection.metric,
        **best_of(weights),
        "weights": f"{options.model}, of ultralytics (AGPL-3.0)",
    }
