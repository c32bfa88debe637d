"""The detectors: one file each, one builder each."""

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
    DecisionFusion,
    EfficientDetector,
    FasterDetector,
    PointDetector,
    Recipe,
    RetinaDetector,
    SparseDetector,
    YoloDetector,
)


def build(recipe: Recipe, *, empty: bool = False, start: Path | None = None) -> Detector:
    """The detector that a recipe names, with trained weights in its trunk where they can be had.

    Args:
        recipe: of a detector.
        empty: leave the trunk at random, because weights are about to be loaded.
        start: safetensors of a trunk, in place of published weights.

    Raises:
        RecipeError: it is a classifier's recipe.
        DataError: the file cannot be read, or holds the weights of another trunk.
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
        case YoloDetector():
            raise RecipeError(
                f"{recipe.name} is trained by ultralytics", hint="osteon reproduce fractuvision --only yolov8"
            )
        case DecisionFusion():
            raise RecipeError(
                f"{recipe.name} is put together from finished runs",
                hint="osteon reproduce makes it; so does osteon export of a detector with --beside CLASSIFIER.",
            )
        case _:
            raise RecipeError("this is for detectors", expected="a detector", got=type(architecture).__name__)


__all__ = ["Detector", "build"]
