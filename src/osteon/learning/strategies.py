"""What training needs of a task, classification or detection, behind one interface."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from torch.utils.data import DataLoader

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.classification.batches import TrainingSet, ValidationSet
from osteon.learning.classification.module import Training
from osteon.learning.classification.weight_averaging import measured
from osteon.learning.detection.batches import TrainingBoxes, ValidationBoxes
from osteon.learning.detection.models import Detector
from osteon.learning.detection.models import build as build_detector
from osteon.learning.detection.module import BoxTraining
from osteon.learning.detection.validation import measured_boxes, true_boxes
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import (
    TrainingDataset,
    ValidationDataset,
    distributed_validation_loader,
    training_loader,
)
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.models import Network, Trained, build
from osteon.learning.recipe import Augmentation, Recipe
from osteon.learning.training.module_base import Learning

Train = TypeVar("Train", bound=TrainingDataset[Any])
Val = TypeVar("Val", bound=ValidationDataset[Any])


class TaskStrategy(Protocol):
    """What training needs of a task."""

    @property
    def network(self) -> Trained:
        """What is trained."""
        ...

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """One phase as Lightning trains it."""
        ...

    def training(
        self, preprocessing: Preprocessing, augmentation: Augmentation, seed: int, phase: int
    ) -> DataLoader[Any]:
        """Batches of augmented cases of the training part."""
        ...

    def validation(self, batch_size: int) -> DataLoader[Any]:
        """Batches of unchanged cases, in order; each of several processes loads its part."""
        ...

    def figures(self) -> dict[str, float]:
        """Figures of the network as it is, on the whole validation part."""
        ...


@dataclass(frozen=True)
class _Data(Generic[Train, Val]):
    """The datasets of a task."""

    train: Train
    val: Val

    def training(
        self, preprocessing: Preprocessing, augmentation: Augmentation, seed: int, phase: int
    ) -> DataLoader[Any]:
        """See ``TaskStrategy``."""
        data = replace(self.train, preprocessing=preprocessing, augmentation=augmentation)
        return training_loader(data, seed, phase)

    def validation(self, batch_size: int) -> DataLoader[Any]:
        """See ``TaskStrategy``."""
        return distributed_validation_loader(self.val, batch_size)


@dataclass(frozen=True)
class ClassificationStrategy(_Data[TrainingSet, ValidationSet]):
    """Classification of images, or of studies."""

    network: Network

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """See ``TaskStrategy``."""
        return Training(self.network, recipe, phase, seed, len(self.val))

    def figures(self) -> dict[str, float]:
        """See ``TaskStrategy``."""
        return measured(self.network, self.val, self.train.recipe)


@dataclass(frozen=True)
class DetectionStrategy(_Data[TrainingBoxes, ValidationBoxes]):
    """Detection of boxes."""

    network: Detector

    def module(self, recipe: Recipe, phase: int, seed: int) -> Learning:
        """See ``TaskStrategy``."""
        return BoxTraining(self.network, recipe, phase, seed, true_boxes(self.val), len(self.val))

    def figures(self) -> dict[str, float]:
        """See ``TaskStrategy``."""
        return measured_boxes(self.network, self.val, self.train.recipe.task.labels)


Part = tuple[Cases, Canvases]
"""Cases of a part and their decoded images."""


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


def strategy_of(recipe: Recipe, network: Network | Detector, train: Part, val: Part) -> TaskStrategy:
    """How a network of a recipe is trained on its cases."""
    options = recipe, recipe.preprocessing, recipe.augmentation
    if isinstance(network, Detector):
        boxes = TrainingBoxes(*train, *options), ValidationBoxes(*val, recipe.preprocessing)
        return DetectionStrategy(*boxes, network)
    return ClassificationStrategy(TrainingSet(*train, *options), ValidationSet(*val, recipe.preprocessing), network)
