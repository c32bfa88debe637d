"""``osteon train --folds``: the folds one after the other, each a run of its own, and the figures at the end.

OUT/
  folds/             the plan, see ``plan``
  fold-0/ ...        the run of each fold, and ``out_of_fold.json`` once it is done
  predictions.parquet, figures.json, evaluation.json, report.html ...   of all images
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from osteon.core.errors import DataError
from osteon.data.splits.record import load_split
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.result import Evaluation
from osteon.learning.folds.measure import measure_folds, out_of_fold, write_folds
from osteon.learning.folds.plan import FoldPlan, divide_in_folds, load_plan, split_file
from osteon.learning.folds.predict import FoldPredictions, predict_fold
from osteon.learning.inputs.image_cache import canvases
from osteon.learning.inputs.load_cases import cases_of, grouped_table, read_data
from osteon.learning.recipe import Recipe
from osteon.learning.runs.begin import begin
from osteon.learning.runs.run import Run
from osteon.learning.runs.write import write_json
from osteon.learning.train import TrainerOptions, train

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CrossValidation:
    """What is trained fold by fold.

    Attributes:
        recipe: with the settings applied.
        settings: as given on the command line, for the record.
        seed: of the runs; None takes the recipe's.
        data: folder of the dataset.
        folder: OUT.
        folds: how many.
        start: weights of a backbone that each fold starts from.
        plan: folder of another cross-validation whose folds are taken, so that both can be compared; None divides anew.
    """

    recipe: Recipe
    settings: Sequence[str]
    seed: int | None
    data: Path
    folder: Path
    folds: int
    start: Path | None = None
    plan: Path | None = None


def cross_validate(
    work: CrossValidation, options: TrainerOptions, *, resume: bool, command: str, intervals: Settings | None = None
) -> Evaluation:
    """Train all folds and measure them together; what is done already is not done again.

    Args:
        work: to do.
        options: of the training.
        resume: go on where an earlier call ended.
        command: that makes these figures.
        intervals: how they are made.

    Raises:
        DataError: the data cannot be read or divided, or there are other folds than asked for.
        RecipeError: something is there and ``resume`` is not asked for, or it has other settings.
    """
    if load_plan(work.folder) is not None and not resume:
        raise DataError(
            f"there is a cross-validation in {work.folder} already",
            hint="Continue it with --resume, or choose another folder.",
        )
    table = read_data(work.recipe.dataset, work.data)
    plan = _planned(work, table)
    found = [_fold(work, options, table, number) for number in range(work.folds)]
    said, boxes = out_of_fold(table, work.recipe, plan, found)
    evaluation = measure_folds(said, boxes, intervals or Settings(resamples=2000))
    write_folds(evaluation, table, work.recipe.name, work.folder, command, work.folds)
    return evaluation


def _planned(work: CrossValidation, table: Table) -> FoldPlan:
    """The folds: those that are there, those of another cross-validation, or new ones."""
    plan = load_plan(work.folder)
    if plan is None and work.plan is not None:
        plan = load_plan(work.plan)
        if plan is None:
            raise DataError(
                "there is no cross-validation to take the folds of",
                expected="a folder that osteon train --folds made",
                got=str(work.plan),
            )
    if plan is None:
        filled, rule = grouped_table(table, work.data, work.recipe.split)
        plan = divide_in_folds(filled, rule, work.folds)
    if len(plan.splits) != work.folds:
        raise DataError("the folds that are there are others", expected=str(len(plan.splits)), got=str(work.folds))
    plan.check(table)
    plan.save(work.folder)
    return plan


def _fold(work: CrossValidation, options: TrainerOptions, table: Table, number: int) -> FoldPredictions:
    """Train one fold and predict its test part, or take what is there."""
    folder = work.folder / f"fold-{number}"
    done = folder / "out_of_fold.json"
    run = begin(
        work.recipe,
        work.settings,
        work.seed,
        work.data,
        folder,
        resume=True,
        start=work.start,
        split=split_file(work.folder, number),
    )
    if done.is_file():
        return FoldPredictions.of(json.loads(done.read_text("utf-8")))
    run = train(run, options)
    found = _predicted(run, table, work.data, options)
    write_json(done, found.record())
    _log.info("fold %d of %d is done", number + 1, work.folds)
    return found


def _predicted(run: Run, table: Table, root: Path, options: TrainerOptions) -> FoldPredictions:
    recipe, parts = run.recipe, load_split(run.split_file).parts
    ready = []
    for part in ("val", "test"):
        cases = cases_of(table.select(parts[part]), root, recipe, part)
        decoded = canvases(cases, recipe.preprocessing, options.cache, options.track)
        ready.append((decoded.readable(cases), decoded))
    return predict_fold(run, *ready)
