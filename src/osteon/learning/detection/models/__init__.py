"""The detectors: a file for each."""

from __future__ import annotations

from pathlib import Path

from osteon.core.errors import RecipeError
from osteon.learning.detection.models.detector import Detector
from osteon.learning.detection.models.efficientdet import EfficientNetwork
from osteon.learning.detection.models.faster_rcnn import FasterNetwork
from osteon.learning.detection.models.point import PointNetwork
from osteon.learning.detection.models.retinanet import RetinaNetwork
from osteon.learning.detection.models.sparse_rcnn import SparseNetwork
from osteon.learning.models import start_from
from osteon.learning.recipe import (
    EfficientDetector,
    FasterDetector,
    PointDetector,
    Recipe,
    RetinaDetector,
    SparseDetector,
)


def build(recipe: Recipe, *, empty: bool = False, start: Path | None = None) -> Detector:
    """The detector that a recipe names, with trained weights in its backbone where they can be had.

    Args:
        recipe: of a detector.
        empty: leave the backbone at random, because weights are about to be loaded.
        start: safetensors of a backbone, in place of published weights.

    Raises:
        RecipeError: it is a classifier's recipe.
        DataError: the file cannot be read, or holds the weights of another backbone.
    """
    network = _built(recipe, empty=empty or start is not None)
    if start is not None:
        start_from(network, start)
    return network


def _built(recipe: Recipe, *, empty: bool) -> Detector:
    architecture, detection = recipe.architecture, recipe.detection
    labels, channels = len(recipe.task.labels), recipe.preprocessing.channels
    if detection is None:
        raise RecipeError("this is for detectors", expected="a detector's recipe", got=recipe.name)
    match architecture:
        case PointDetector():
            return PointNetwork(architecture, detection.rule, labels, channels, empty=empty)
        case RetinaDetector():
            return RetinaNetwork(architecture, detection.rule, labels, channels, empty=empty)
        case FasterDetector():
            return FasterNetwork(architecture, detection.rule, labels, channels, empty=empty)
        case EfficientDetector():
            return EfficientNetwork(architecture, detection.rule, labels, channels, empty=empty)
        case SparseDetector():
            return SparseNetwork(architecture, detection.rule, labels, channels, empty=empty)
        case _:
            raise RecipeError("this is for detectors", expected="a detector", got=type(architecture).__name__)


__all__ = ["Detector", "build"]
