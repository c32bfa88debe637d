"""The networks that Osteon ships: what ``osteon reproduce fracatlas`` runs.

The classifier is in ``fracatlas_classifier.py``, the detector in ``fracatlas_detector.py``, variants in ``fracatlas_lite.py``.
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Budget, Change, Paper, Phantoms
from osteon.learning.recipes.fracatlas_classifier import RECIPE
from osteon.learning.recipes.fracatlas_detector import DETECTOR
from osteon.learning.recipes.fracatlas_lite import VARIANTS

SMALL: Final = Budget(
    name="small",
    variants=("fracatlas",),
    seeds=(0, 1),
    phantoms=Phantoms(kind="forearm", layout="fracatlas", cases=800, size=224, seed=1, hidden=0.0),
    changes=(
        Change(
            variants=("fracatlas",),
            settings=(
                "preprocessing.height=192",
                "preprocessing.width=192",
                "cache_side=224",
                "phases.0.side=128",
                "indicated.minimum_side=64",
            ),
            why="Small images: 192 x 192 in place of 448 x 448, and 128 in the first phase.",
        ),
        Change(
            variants=("fracatlas",),
            settings=(
                "phases.0.epochs=8",
                "phases.1.epochs=4",
                "phases.2.epochs=4",
                "phases.2.augmentation=null",
                "sampling.images_per_epoch=480",
                "sampling.batch_size=16",
                "averaging=0.97",
            ),
            why="16 short epochs in place of 35, and no degraded images: there is little detail to lose at this size.",
        ),
        Change(
            variants=("detector",),
            settings=(
                "preprocessing.height=224",
                "preprocessing.width=224",
                "cache_side=224",
                "phases.0.side=160",
                "indicated.minimum_side=64",
            ),
            why="Small images for the detector: 224 x 224 in place of 640 x 640, and 160 in the first phase.",
        ),
        Change(
            variants=("detector",),
            settings=(
                "phases.0.epochs=8",
                "phases.1.epochs=4",
                "sampling.images_per_epoch=480",
                "sampling.batch_size=8",
                "averaging=0.97",
            ),
            why="12 short epochs in place of 20.",
        ),
    ),
    resamples=2000,
    minutes=6.0,
)

FULL: Final = Budget(
    name="full",
    variants=("fracatlas", "detector"),
    seeds=(),
    phantoms=Phantoms(kind="hand", layout="fracatlas", cases=3000, size=512, seed=1, hidden=0.0),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="fracatlas",
    title="The networks that Osteon ships",
    variants=(RECIPE, DETECTOR, *VARIANTS),
    contrasts=(),
    budgets=(SMALL, FULL),
    space=None,
)
