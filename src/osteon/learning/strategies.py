"""The two ways to learn, films as a whole or boxes in them, behind one face for the training loop."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from torch.utils.data import DataLoader

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.classification.batches import TrainingSet, ValidationSet, dealt_batches, training_batches
from osteon.learning.classification.module import Training
from osteon.learning.classification.weight_averaging import measured
from osteon.learning.detection.batches import TrainingFilms, ValidationFilms, dealt_films, training_films
from osteon.learning.detection.models import Detector
from osteon.learning.detection.models import build as build_detector
from osteon.learning.detection.module import BoxTraining
from osteon.learning.detection.validation import measured_boxes, true_boxes
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.models import Network, Trained, build
from osteon.learning.recipe import Augmentation, Recipe
from osteon.learning.training.module_base import Learning


class Way(Protocol):
    """What training needs of a kind of network."""

    @property
    def network(self) -> Trained:
        """What learns."""
        ...

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """One phase as Lightning trains it."""
        ...

    def training(self, how: Preprocessing, what: Augmentation, seed: int, phase: int) -> DataLoader[Any]:
        """Batches of changed cases, of some size and changes."""
        ...

    def validation(self, batch_size: int) -> DataLoader[Any]:
        """Batches of unchanged cases, in order; of several processes each shows its part."""
        ...

    def figures(self) -> dict[str, float]:
        """Figures of the network as it is, on the whole validation part."""
        ...


@dataclass(frozen=True)
class Classifying:
    """Films, or studies, as a whole."""

    network: Network
    train: TrainingSet
    val: ValidationSet

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """See ``Way``."""
        return Training(self.network, recipe, phase, seed, len(self.val))

    def training(self, how: Preprocessing, what: Augmentation, seed: int, phase: int) -> DataLoader[Any]:
        """See ``Way``."""
        return training_batches(replace(self.train, how=how, what=what), seed, phase)

    def validation(self, batch_size: int) -> DataLoader[Any]:
        """See ``Way``."""
        return dealt_batches(self.val, batch_size)

    def figures(self) -> dict[str, float]:
        """See ``Way``."""
        return measured(self.network, self.val, self.train.recipe)


@dataclass(frozen=True)
class Detecting:
    """Boxes."""

    network: Detector
    train: TrainingFilms
    val: ValidationFilms

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """See ``Way``."""
        return BoxTraining(self.network, recipe, phase, seed, true_boxes(self.val), len(self.val))

    def training(self, how: Preprocessing, what: Augmentation, seed: int, phase: int) -> DataLoader[Any]:
        """See ``Way``."""
        return training_films(replace(self.train, how=how, what=what), seed, phase)

    def validation(self, batch_size: int) -> DataLoader[Any]:
        """See ``Way``."""
        return dealt_films(self.val, batch_size)

    def figures(self) -> dict[str, float]:
        """See ``Way``."""
        return measured_boxes(self.network, self.val, self.train.recipe.task.labels)


Part = tuple[Cases, Canvases]
"""Cases of a part and their decoded films."""


def network_of(recipe: Recipe, *, start: Path | None = None, empty: bool = False) -> Network | Detector:
    """The network that a recipe names, of either kind.

    Args:
        recipe: names it.
        start: safetensors of its backbone, in place of published weights.
        empty: leave the backbone at random, because weights are about to be loaded.

    Raises:
        RecipeError: the catalogue has no network of that name.
        DataError: the file cannot be read, or holds the weights of another backbone.
    """
    if recipe.detection is not None:
        return build_detector(recipe, start=start, empty=empty)
    channels = recipe.preprocessing.channels
    return build(recipe.architecture, len(recipe.task.labels), channels, start=start, empty=empty)


def way_of(recipe: Recipe, network: Network | Detector, train: Part, val: Part) -> Way:
    """How a network of a recipe learns from its cases."""
    how, what = recipe.preprocessing, recipe.augmentation
    if isinstance(network, Detector):
        return Detecting(network, TrainingFilms(*train, recipe, how, what), ValidationFilms(*val, how))
    return Classifying(network, TrainingSet(*train, recipe, how, what), ValidationSet(*val, how))
