"""Settings of a paper beside those of its recipes: leaves of a recipe, and quantities that follow from several of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp
from typing import Final

import torch

from osteon.core.errors import RecipeError
from osteon.evaluation.detection.metrics import CONFIDENCE, IOU
from osteon.learning.detection.calibrate import ALONE
from osteon.learning.recipe import AnyRecipe, Choices, EnsembleRecipe, Paper, Recipe, Standard, StepDecay
from osteon.learning.runs.overrides import leaves
from osteon.learning.training.schedule import optimizer_of
from osteon.stats.detection.average_precision import RECALLS
from osteon.stats.detection.boxes import COCO_THRESHOLDS

LAST_LAYERS: Final = {"last 30": 30.0}
"""Layers of the backbone that a phase trains, by what recipes call them."""


def setting_of(paper: Paper, recipe: AnyRecipe, name: str) -> float:
    """A number of a recipe.

    Args:
        paper: whose recipe it is.
        recipe: that holds it.
        name: a key that ``--set`` takes, or one of :data:`DERIVED`.

    Raises:
        RecipeError: the recipe has no number of that name.
    """
    if name in DERIVED:
        return float(DERIVED[name](paper, recipe))
    value = leaves(recipe).get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecipeError(
            f"{recipe.name} has no number of the name {name}", expected="a number", got=type(value).__name__
        )
    return float(value)


def is_searched(paper: Paper, key: str, value: float) -> bool:
    """Whether a value stands in the paper's search space."""
    axes = () if paper.space is None else paper.space.axes
    return any(isinstance(axis, Choices) and key in axis.keys and value in axis.values for axis in axes)


def _trained(recipe: AnyRecipe) -> Recipe:
    if not isinstance(recipe, Recipe):
        raise RecipeError(f"{recipe.name} has no training of its own", expected="a recipe that osteon train trains")
    return recipe


def _steps_of(recipe: AnyRecipe, epochs: int) -> float:
    sampling = _trained(recipe).sampling
    if sampling.images_per_epoch is None:
        raise RecipeError(f"the steps of {recipe.name} depend on the data", expected="images_per_epoch")
    return epochs * sampling.images_per_epoch / sampling.batch_size


def _epochs(_paper: Paper, recipe: AnyRecipe) -> float:
    return sum(phase.epochs for phase in _trained(recipe).phases)


def _steps(_paper: Paper, recipe: AnyRecipe) -> float:
    return _steps_of(recipe, sum(phase.epochs for phase in _trained(recipe).phases))


def _decay(recipe: AnyRecipe) -> StepDecay:
    schedule = _trained(recipe).schedule
    if not isinstance(schedule, StepDecay):
        raise RecipeError(f"the rate of {recipe.name} is not lowered in steps", expected="StepDecay")
    return schedule


def _of_adam(recipe: AnyRecipe, name: str) -> object:
    """A value that the optimiser takes by default."""
    weight = torch.nn.Parameter(torch.zeros(1))
    return optimizer_of([{"params": [weight], "lr": 1.0}], _trained(recipe).optimizer).defaults[name]


def _beta(recipe: AnyRecipe, index: int) -> float:
    betas = _of_adam(recipe, "betas")
    if not isinstance(betas, tuple):
        raise RecipeError(f"the optimiser of {recipe.name} has no betas", expected="adam or adamw")
    return float(betas[index])


def _members(recipe: AnyRecipe) -> int:
    if not isinstance(recipe, EnsembleRecipe):
        raise RecipeError(f"{recipe.name} has no members", expected="an ensemble")
    return len(recipe.members)


def _subset(recipe: AnyRecipe, *, positive: bool) -> float:
    sampling = _trained(recipe).sampling
    whole, share = sampling.images_per_epoch or 0, sampling.positive_share or 0.0
    return round(whole * (share if positive else 1 - share))


DERIVED: Final[Mapping[str, Callable[[Paper, AnyRecipe], float]]] = {
    "all_epochs": _epochs,
    "steps": _steps,
    "first_decay_step": lambda _paper, recipe: _steps_of(recipe, _decay(recipe).every),
    "decay": lambda _paper, recipe: 1 / _decay(recipe).factor,
    "rate_after_decay": lambda _paper, recipe: _trained(recipe).optimizer.lr * _decay(recipe).factor,
    "adam_epsilon": lambda _paper, recipe: float(str(_of_adam(recipe, "eps"))),
    "adam_first_beta": lambda _paper, recipe: _beta(recipe, 0),
    "adam_second_beta": lambda _paper, recipe: _beta(recipe, 1),
    "seeds": lambda _paper, recipe: len(recipe.seeds),
    "labels": lambda _paper, recipe: len(recipe.task.labels),
    "members": lambda _paper, recipe: _members(recipe),
    "last_layers": lambda _paper, recipe: max(
        LAST_LAYERS.get(phase.trainable, 0.0) for phase in _trained(recipe).phases
    ),
    "baselines": lambda paper, _recipe: sum(
        isinstance(one, Recipe) and isinstance(one.architecture, Standard) and bool(one.claims)
        for one in paper.variants
    ),
    "smallest_gain": lambda _paper, recipe: exp(-_trained(recipe).augmentation.gain),
    "largest_gain": lambda _paper, recipe: exp(_trained(recipe).augmentation.gain),
    "smallest_contrast": lambda _paper, recipe: exp(-_trained(recipe).augmentation.contrast),
    "largest_contrast": lambda _paper, recipe: exp(_trained(recipe).augmentation.contrast),
    "largest_zoom": lambda _paper, recipe: exp(_trained(recipe).augmentation.zoom) - 1,
    "subset_positive": lambda _paper, recipe: _subset(recipe, positive=True),
    "subset_negative": lambda _paper, recipe: _subset(recipe, positive=False),
    "resamples": lambda paper, _recipe: next(one.resamples for one in paper.budgets if one.name == "full"),
    "fusion_confidence": lambda _paper, _recipe: ALONE,
    "confusion_iou": lambda _paper, _recipe: IOU,
    "confusion_confidence": lambda _paper, _recipe: CONFIDENCE,
    "map50_iou": lambda _paper, _recipe: COCO_THRESHOLDS[0],
    "map_highest_iou": lambda _paper, _recipe: COCO_THRESHOLDS[-1],
    "recall_levels": lambda _paper, _recipe: len(RECALLS),
    "recall_step": lambda _paper, _recipe: float(RECALLS[1] - RECALLS[0]),
}
"""Quantities that follow from several leaves, or that evaluations have fixed."""
