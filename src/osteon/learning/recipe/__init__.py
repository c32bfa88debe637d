"""What a recipe is: frozen records, one for each decision that affects a result.

Recipe              a network that Osteon trains: nothing has a default, what stands in its file is what runs
EnsembleRecipe      the mean of networks that are trained each by itself
FusionRecipe        a classifier and a detector that work together
UltralyticsRecipe   a YOLO, which ultralytics trains

``osteon.learning.runs.overrides`` changes a field of it for ``--set``, and the run keeps the changed recipe.
"""

from __future__ import annotations

from osteon.learning.recipe.composite import AnyRecipe, EnsembleRecipe, FusionRecipe
from osteon.learning.recipe.data import Augmentation, ImageSelection, Sampling, SplitRule, Task
from osteon.learning.recipe.detection import (
    Anchors,
    BoxRule,
    Detection,
    DetectorArchitecture,
    EfficientDetector,
    FasterDetector,
    PointDetector,
    RetinaDetector,
    SparseDetector,
)
from osteon.learning.recipe.network import (
    STRIDE,
    Architecture,
    Classification,
    EmbeddedMlp,
    Ensemble,
    MixedViews,
    MobileNetClassifier,
    MobileNetLocator,
    PairedResNet,
    Standard,
)
from osteon.learning.recipe.paper import (
    Axis,
    Budget,
    Change,
    Choices,
    Contrast,
    Paper,
    Phantoms,
    Range,
    Space,
    Statement,
    Value,
)
from osteon.learning.recipe.recipe import Recipe
from osteon.learning.recipe.training import (
    Constant,
    LinearDecay,
    Loss,
    Milestones,
    OneCycle,
    Optimizer,
    Phase,
    Pretraining,
    ReduceOnPlateau,
    Schedule,
    Selection,
    StepDecay,
)
from osteon.learning.recipe.ultralytics import UltralyticsRecipe
from osteon.learning.recipe.use import Claim, Indicated, OperatingRule

__all__ = [
    "STRIDE",
    "Anchors",
    "AnyRecipe",
    "Architecture",
    "Augmentation",
    "Axis",
    "BoxRule",
    "Budget",
    "Change",
    "Choices",
    "Claim",
    "Classification",
    "Constant",
    "Contrast",
    "Detection",
    "DetectorArchitecture",
    "EfficientDetector",
    "EmbeddedMlp",
    "Ensemble",
    "EnsembleRecipe",
    "FasterDetector",
    "FusionRecipe",
    "ImageSelection",
    "Indicated",
    "LinearDecay",
    "Loss",
    "Milestones",
    "MixedViews",
    "MobileNetClassifier",
    "MobileNetLocator",
    "OneCycle",
    "OperatingRule",
    "Optimizer",
    "PairedResNet",
    "Paper",
    "Phantoms",
    "Phase",
    "PointDetector",
    "Pretraining",
    "Range",
    "Recipe",
    "ReduceOnPlateau",
    "RetinaDetector",
    "Sampling",
    "Schedule",
    "Selection",
    "Space",
    "SparseDetector",
    "SplitRule",
    "Standard",
    "Statement",
    "StepDecay",
    "Task",
    "UltralyticsRecipe",
    "Value",
]
