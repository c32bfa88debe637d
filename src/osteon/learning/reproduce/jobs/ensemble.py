"""The run of an ensemble, made of the finished runs of its members."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace

from osteon.core.errors import DataError
from osteon.learning.classification.batches import ValidationSet
from osteon.learning.classification.weight_averaging import measured
from osteon.learning.inputs.image_cache import canvases, no_progress
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.models import assembled, build
from osteon.learning.recipe import EnsembleRecipe, Recipe
from osteon.learning.reproduce.planning.plan import Work
from osteon.learning.runs.begin import begin
from osteon.learning.runs.run import Run, open_run
from osteon.learning.runs.write import write_json, write_weights


def begun(work: Work, recipe: Recipe, settings: Sequence[str]) -> Run:
    """The run of a work, made where it is not there yet."""
    if (work.run / "run.json").is_file():
        # The folder's name is a hash of the numbers; the recipe's sentences may have changed since.
        return open_run(work.run)
    return begin(recipe, settings, work.seed, work.data, work.run, resume=True)


def ensemble_run(work: Work, ensemble: EnsembleRecipe) -> Run:
    """The run of an ensemble: it is not trained, and its figure on the validation part is measured.

    Raises:
        DataError: a member is not trained.
    """
    parts = [open_run(folder / "run") for folder in work.members]
    settings = [f"{key}={value}" for key, value in parts[0].settings.items()]  # it has none of its own
    run = begun(work, ensemble.averaged([part.recipe for part in parts]), settings)
    if run.weights_file.is_file():
        return run
    lacking = [part.recipe.name for part in parts if not part.weights_file.is_file()]
    if lacking:
        raise DataError("a member of the ensemble is not trained", expected="finished runs", got=", ".join(lacking))
    shutil.copy(parts[0].split_file, run.split_file)
    run = replace(run, weights=f"the runs of {', '.join(part.recipe.name for part in parts)}, seed {work.seed}")
    run.save()
    recipe = run.recipe
    network = build(recipe.architecture, len(recipe.task.labels), recipe.preprocessing.channels, empty=True)
    state = assembled([part.weights_file for part in parts])
    network.load_state_dict(state)
    network.eval()
    cases = prepare_cases(run).val
    cached = canvases(cases, recipe.preprocessing, work.cache, no_progress)
    figures = measured(network, ValidationSet(cached.readable(cases), cached, recipe.preprocessing), recipe)
    phase = run.phase_folder(recipe.phases[-1].name)
    phase.mkdir(parents=True, exist_ok=True)
    write_json(phase / "done.json", {"epoch": 0, recipe.selection.metric: figures[recipe.selection.metric]})
    write_weights(state, run.weights_file)
    return run
