"""Begin a run, or take up the one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from osteon.core.errors import RecipeError
from osteon.data.splits.record import load_split
from osteon.learning.recipe import Recipe
from osteon.learning.recipe.possible import check_possible
from osteon.learning.runs.identity import same_numbers
from osteon.learning.runs.run import Run, open_run


def begin(
    recipe: Recipe,
    settings: Sequence[str],
    seed: int | None,
    data: Path,
    folder: Path,
    *,
    resume: bool,
    start: Path | None = None,
    split: Path | None = None,
    teacher: Path | None = None,
) -> Run:
    """Make a run's folder, or open the one that is there.

    Args:
        recipe: with the settings applied.
        settings: as given on the command line, for the record.
        seed: None takes the recipe's.
        data: folder of the dataset.
        folder: RUN.
        resume: continue the run that is there.
        start: safetensors of a backbone, or the folder of a finished run, whose backbone it starts from; None takes published
            weights.
        split: a split that was made before, as ``osteon data split`` writes it; None takes the dataset's own, or makes one by
            the recipe's rule.
        teacher: predictions that the run learns from besides labels, where its recipe wants them.

    Raises:
        DataError: the split cannot be read, or the folder cannot be made.
        RecipeError: a run is there and ``resume`` is not asked for, or it is asked for with another recipe.
    """
    run = Run(
        folder=folder,
        recipe=recipe,
        settings=dict(setting.split("=", 1) for setting in settings),
        seed=recipe.seeds[0] if seed is None else seed,
        data=str(data.resolve()),
        start=str(start.resolve()) if start else "",
        teacher=str(teacher.resolve()) if teacher else "",
    )
    check_possible(recipe, run.teacher)
    if (folder / "run.json").is_file():
        if not resume:
            raise RecipeError(
                f"there is a run in {folder} already", hint="Continue it with --resume, or choose another folder."
            )
        there = open_run(folder)
        began = (there.seed, there.start, there.teacher)
        if not same_numbers(there.recipe, run.recipe) or began != (run.seed, run.start, run.teacher):
            raise RecipeError(
                "the run that is there was started with other settings",
                expected=f"recipe {there.recipe.name}, seed {there.seed}, --set {there.settings}",
                hint="Resume with the same settings, or choose another folder.",
            )
        if split is not None and (not run.split_file.is_file() or load_split(split) != load_split(run.split_file)):
            raise RecipeError(
                "the run that is there has another split",
                hint="Resume without --split-file, or choose another folder.",
            )
        return replace(there, data=run.data)
    made = None if split is None else load_split(split)
    run.save()
    if made is not None:
        made.save(run.split_file)
    return run
