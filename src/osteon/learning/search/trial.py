"""One trial: a run of the recipe at a point of the space, stopped early where it does poorly on the validation part."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import lightning
from lightning.pytorch.callbacks import Callback
from optuna.exceptions import TrialPruned
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial

from osteon.core.errors import DataError, OsteonError, RecipeError
from osteon.learning.inputs.image_cache import no_progress
from osteon.learning.recipe import Recipe
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.search.plan import Search
from osteon.learning.search.space import settings, suggest
from osteon.learning.search.standing import PROBLEM, WORKER, hand_back, original, standing, this_machine
from osteon.learning.train import TrainerOptions, train

SETTINGS: Final = "settings"
"""Attribute of a trial: its point as ``--set`` takes it."""

OWN_FAULT: Final = (RecipeError, RuntimeError, ArithmeticError, ValueError)
"""Errors that a point may cause: settings that do not go together, too little memory, figures that are NaN."""


class SurplusError(Exception):
    """Two workers began the last trial at the same time: this one is not needed."""


class Watch(Callback):
    """Report the validation figure of every epoch, and stop a trial that does poorly.

    Epochs are counted through all phases, so that trials are compared at the same stage of training.

    Attributes:
        begun: whether training has begun.
    """

    def __init__(self, trial: Trial, recipe: Recipe, known: Iterable[int]) -> None:
        super().__init__()
        self.begun = False
        self._trial = trial
        self._metric = recipe.selection.metric
        self._known = set(known)
        self._first: dict[str, int] = {}
        done = 0
        for phase in recipe.phases:
            self._first[phase.name] = done
            done += phase.epochs

    def on_fit_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:  # noqa: ARG002
        """Note that training begins."""
        self.begun = True

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:  # noqa: ARG002
        """Report, and stop if the pruner decides so.

        Raises:
            TrialPruned: the figure is worse than the median of the trials before at this epoch.
        """
        checkpoints: Any = trainer.checkpoint_callback
        value = trainer.callback_metrics.get(self._metric)
        if value is None or trainer.sanity_checking:
            return
        step = self._first[Path(checkpoints.dirpath).name] + trainer.current_epoch
        if step not in self._known and math.isfinite(float(value)):
            self._trial.report(float(value), step)
            self._known.add(step)
        if self._trial.should_prune():
            raise TrialPruned


def run_trial(search: Search, study: Study, trial: Trial) -> float:
    """Do a trial, or the rest of one that was lost.

    Returns:
        The best figure of the last phase on the validation part, by the recipe's selection.

    Raises:
        TrialPruned: it does poorly.
        SurplusError: enough trials are under way.
        OsteonError: data or recipe are not as they must be.
    """
    trial.set_user_attr(WORKER, [this_machine(), os.getpid()])
    trials = study.get_trials(deepcopy=False)
    mine = next(one for one in trials if one.number == trial.number)
    now = standing(trials)
    if sum(other.number < trial.number for other in (*now.ended, *now.running)) >= search.trials:
        hand_back(study, mine)
        raise SurplusError
    point = settings(search.dimensions, suggest(trial, search.dimensions))
    trial.set_user_attr(SETTINGS, list(point))
    folder = search.folder(original(mine))
    try:
        value = _trained(search, trial, mine, point, folder)
    except TrialPruned:
        drop_checkpoints(folder)
        raise
    except OWN_FAULT as error:
        trial.set_user_attr(PROBLEM, str(error) if isinstance(error, OsteonError) else _words(error))
        drop_checkpoints(folder)
        raise
    except (OsteonError, KeyboardInterrupt, SystemExit):
        # Nothing is wrong with the point: the next worker tries it. Lightning turns the user's interrupt into an exit.
        hand_back(study, next(one for one in study.get_trials(deepcopy=False) if one.number == trial.number))
        raise
    drop_checkpoints(folder)
    return value


def _trained(search: Search, trial: Trial, mine: FrozenTrial, point: tuple[str, ...], folder: Path) -> float:
    recipe = apply(search.recipe, point)
    run = begin(recipe, (*search.settings, *point), search.seed, search.source.root, folder, resume=True)
    watch = Watch(trial, recipe, mine.intermediate_values)
    options = TrainerOptions(
        cache=search.cache, track=no_progress, progress=False, threads=search.threads, callbacks=(watch,)
    )
    try:
        run = train(run, options)
    except DataError as error:
        if not watch.begun:
            raise
        # All images are decoded before the first step: later errors come from the network's numbers.
        raise ArithmeticError(error.problem) from error
    figures = run.kept()
    value = float(figures.get(search.metric, math.nan))
    if not math.isfinite(value):
        raise ArithmeticError(f"{search.metric} is not a number")
    return value


def drop_checkpoints(folder: Path) -> None:
    """Remove what a finished run no longer needs; its weights stay."""
    for path in (*folder.glob("phases/*/*.ckpt"), *folder.glob("phases/*/*.safetensors")):
        path.unlink(missing_ok=True)


def drop_weights(folder: Path) -> None:
    """Remove the weights of a run that is not the best; its logs stay."""
    (folder / "weights.safetensors").unlink(missing_ok=True)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:200]}"
