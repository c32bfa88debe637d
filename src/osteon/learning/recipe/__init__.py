"""What a recipe is: frozen records, one for each decision that moves a result.

A recipe has no defaults behind it, inherits from nothing and is merged with nothing: what stands in its file is what runs.
``osteon.learning.runs.overrides`` changes a leaf of it for ``--set``, and the run keeps the changed recipe.
"""

from __future__ import annotations

from osteon.learning.recipe.data import Augmentation, Films, Sampling, SplitRule, Task
from osteon.learning.recipe.detection import (
    Anchors,
    BoxRule,
    DecisionFusion,
    Detection,
    DetectorArchitecture,
    EfficientDetector,
    FasterDetector,
    PointDetector,
    RetinaDetector,
    SparseDetector,
    YoloDetector,
)
from osteon.learning.recipe.network import (
    Architecture,
    Classification,
    EmbeddedMlp,
    Ensemble,
    MobileNetClassifier,
    MobileNetLocator,
    PairedResNet,
    Standard,
)
from osteon.learning.recipe.paper import Budget, Change, Contrast, Paper, Phantoms
from osteon.learning.recipe.recipe import STRIDE, Recipe
from osteon.learning.recipe.search import Axis, Choices, Range, Space, Value
from osteon.learning.recipe.training import (
    Constant,
    LinearDecay,
    Loss,
    OneCycle,
    Optimizer,
    Phase,
    Pretraining,
    ReduceOnPlateau,
    Schedule,
    Selection,
    StepDecay,
)
from osteon.learning.recipe.use import Claim, Indicated, OperatingRule

__all__ = [
    "STRIDE",
    "Anchors",
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
    "DecisionFusion",
    "Detection",
    "DetectorArchitecture",
    "EfficientDetector",
    "EmbeddedMlp",
    "Ensemble",
    "FasterDetector",
    "Films",
    "Indicated",
    "LinearDecay",
    "Loss",
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
    "StepDecay",
    "Task",
    "Value",
    "YoloDetector",
]
