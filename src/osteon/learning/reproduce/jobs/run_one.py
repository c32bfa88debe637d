"""One run from the data to its figures: train, export, evaluate; steps that are done already are skipped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.operating import OperatingPoints
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.context import bundle_context
from osteon.evaluation.report.looks import NOT_ENTERED
from osteon.evaluation.report.run import evaluate_table, with_sections
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.compute.distributed import in_turn, place
from osteon.learning.export_run import export_run
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.recipe import EnsembleRecipe, FusionRecipe, Recipe, UltralyticsRecipe
from osteon.learning.reproduce.jobs.ensemble import begun, ensemble_run
from osteon.learning.reproduce.jobs.fusion import best_detector, export_fusion
from osteon.learning.reproduce.jobs.outputs import TEST, options, write_results
from osteon.learning.reproduce.jobs.threshold import by_youden, read_validation, threshold_section
from osteon.learning.reproduce.jobs.ultralytics_run import ultralytics_run
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.runs.run import Run
from osteon.learning.runs.write import write_json
from osteon.learning.train import TrainerOptions, train

T = TypeVar("T")


def reproduce_one(work: Work, threads: int, command: str) -> None:
    """Do a run, or the steps of it that are not done.

    In several processes that are ``distributed.joined``, all train, and the first exports and evaluates.

    Args:
        work: the run.
        threads: of PyTorch.
        command: that makes it, for the model card and the report.

    Raises:
        OsteonError: data, recipe or bundle are not as they must be.
    """
    if work.done.is_file():
        return
    seconds: dict[str, float] = {}
    match work.recipe:
        case UltralyticsRecipe() as recipe:
            done = _timed(seconds, "all", lambda: in_turn(lambda: ultralytics_run(work, recipe, command)))
        case Recipe() | EnsembleRecipe() | FusionRecipe() as recipe:
            done = _own_run(work, recipe, threads, command, seconds)
    if place().first:
        write_json(work.done, {"seconds": {name: round(value, 1) for name, value in seconds.items()}, **done})


def _own_run(
    work: Work, recipe: Recipe | EnsembleRecipe | FusionRecipe, threads: int, command: str, seconds: dict[str, float]
) -> dict[str, Any]:
    """A run that ends in a bundle; the content of its ``done.json``."""
    run = _timed(seconds, "train", lambda: _trained(work, recipe, threads))
    bundle = _timed(seconds, "export", lambda: in_turn(lambda: _exported(work, run, command)))
    _timed(seconds, "evaluate", lambda: in_turn(lambda: _evaluate(work, run, bundle, command)))
    kept = run.kept()
    metric = run.recipe.selection.metric
    weights = run.weights
    if recipe.fuses:
        weights = f"the finished bundles of {bundle.manifest.provenance.recipe}"
    return {"selection": metric, "validation": kept.get(metric), "epoch": kept.get("epoch"), "weights": weights}


def _timed(seconds: dict[str, float], name: str, do: Callable[[], T]) -> T:
    clock = time.perf_counter()
    result = do()
    seconds[name] = time.perf_counter() - clock
    return result


def _trained(work: Work, recipe: Recipe | EnsembleRecipe | FusionRecipe, threads: int) -> Run:
    """The finished run; of a decision fusion that of its best detector."""
    match recipe:
        case FusionRecipe():
            return best_detector(work)
        case EnsembleRecipe():
            return in_turn(lambda: ensemble_run(work, recipe))
        case Recipe():
            run = in_turn(lambda: begun(work, recipe, work.settings))
            return train(run, TrainerOptions(cache=work.cache, track=no_progress, progress=False, threads=threads))


def _exported(work: Work, run: Run, command: str) -> Bundle:
    if work.bundle.is_file():
        return open_bundle(str(work.bundle))
    work.folder.mkdir(parents=True, exist_ok=True)
    draft = work.folder / "draft.osteon"
    if work.recipe.fuses:
        export_fusion(work, run, draft, command)
    else:
        export_run(run, draft, options(work, command))
    draft.replace(work.bundle)
    return open_bundle(str(work.bundle))


def _evaluate(work: Work, run: Run, bundle: Bundle, command: str) -> None:
    if work.evaluation.is_dir():
        return
    parts = prepare_cases(run)
    table, label = with_truth(parts.table.select(parts.test.images), run.recipe)
    answering = always_answering(bundle)
    settings = Settings(resamples=work.resamples)
    # The command enters the look, where all machines' runs end.
    # A decision fusion is called at Youden's threshold of both networks; a classifier has its own before calibration besides.
    youden = by_youden(run.recipe)
    validation = read_validation(bundle, parts, run.recipe) if youden and work.recipe.fuses else None
    found = evaluate_table(
        answering, table, parts.test.root, label, validation=validation, settings=settings, look=NOT_ENTERED
    )
    if youden and not run.recipe.finds_boxes:
        section = threshold_section(bundle, parts, run.recipe, settings)
        found = with_sections(found, () if section is None else (section,))
    report_context = bundle_context(answering, table, parts.test.root, found, part=TEST, command=command)
    write_results(work, found, report_context, table.images)


def always_answering(bundle: Bundle) -> Bundle:
    """The bundle as papers measure it: one that names a site, and may abstain, answers every case."""
    if not bundle.manifest.assumes_fracture:
        return bundle
    points = bundle.manifest.operating_points
    always = OperatingPoints(doubt=points.doubt.model_copy(update={"threshold": 0.0}), definite=points.definite)
    return replace(bundle, manifest=bundle.manifest.model_copy(update={"operating_points": always}))
