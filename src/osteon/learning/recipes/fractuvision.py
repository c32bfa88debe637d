"""FractuVision: what ``osteon reproduce`` runs of it.

Wang, Siddiqui (2024), *FractuVision: Enhancing Bone Fracture Diagnostics*. Its recipes are in
``fractuvision_classification.py`` (Table 1) and ``fractuvision_detection.py`` (section 5.3).
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Budget, Change, Contrast, Paper, Phantoms
from osteon.learning.recipes.fractuvision_classification import CLASSIFIERS
from osteon.learning.recipes.fractuvision_detection import DETECTORS
from osteon.learning.recipes.statements.fractuvision import STATEMENTS

SMALL_IMAGES: Final = "Small images for the detectors: 192 x 192 in place of 640 x 640."
FEW_EPOCHS: Final = "Detectors: 30 epochs in place of 100."

PERCEPTRONS: Final = ("resnet_mlp", "resnet_mlp_same_split")
"""On the paper's split, and on that of the transformers."""

SMALL: Final = Budget(
    name="small",
    variants=("dinov2_small", "vit_base", *PERCEPTRONS, "yolov8", "detector"),
    seeds=(0,),
    phantoms=Phantoms(kind="hand", layout="fracatlas", cases=500, size=192, seed=1, hidden=0.0),
    changes=(
        Change(
            variants=("dinov2_small", "dinov2_large", "vit_base"),
            settings=(
                "preprocessing.height=112",
                "preprocessing.width=112",
                "cache_side=112",
                "indicated.minimum_side=64",
            ),
            why="Small images: 112 x 112 in place of 224 x 224, a quarter of the tokens.",
        ),
        Change(
            variants=("dinov2_small", "dinov2_large", "vit_base"),
            settings=(
                "phases.0.epochs=8",
                "optimizer.lr=2e-4",
                "optimizer.head_lr=2e-4",
                "schedule.rise=0.1",
                "precision=bf16-mixed",
            ),
            why=(
                "8 epochs at ten times the rate, after a warm-up: where the published weights are not at hand a transformer "
                "starts at random, and the paper's rate would hardly change it."
            ),
        ),
        Change(
            variants=("vit_base",),
            settings=("architecture.model=vit_tiny_patch16_224",),
            why="The tiny ViT stands in for the base: a fifteenth of the parameters.",
        ),
        Change(
            variants=PERCEPTRONS,
            settings=(
                "cache_side=192",
                "indicated.minimum_side=64",
                "pretraining.epochs=20",
                "sampling.images_per_epoch=400",
            ),
            why="20 epochs without labels in place of 100, and fewer images in an epoch with them.",
        ),
        Change(
            variants=("detector",),
            settings=(
                "preprocessing.height=192",
                "preprocessing.width=192",
                "cache_side=192",
                "indicated.minimum_side=64",
            ),
            why=SMALL_IMAGES,
        ),
        Change(variants=("yolov8",), settings=("side=192",), why=SMALL_IMAGES),
        Change(variants=("detector",), settings=("phases.0.epochs=30", "sampling.batch_size=8"), why=FEW_EPOCHS),
        Change(variants=("yolov8",), settings=("epochs=30", "batch_size=8"), why=FEW_EPOCHS),
    ),
    resamples=2000,
    minutes=13.0,
)

FULL: Final = Budget(
    name="full",
    variants=(),
    seeds=(),
    phantoms=Phantoms(kind="hand", layout="fracatlas", cases=3000, size=512, seed=1, hidden=0.0),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="fractuvision",
    title="FractuVision: Enhancing Bone Fracture Diagnostics",
    variants=(*CLASSIFIERS, *DETECTORS),
    contrasts=(
        Contrast(
            question="Does the large network do better than the small (Table 1)?",
            first="dinov2_large",
            others=("dinov2_small",),
            averaged=False,
        ),
        Contrast(
            question="Does a transformer that was pre-trained without labels do better than one pre-trained with them (Table 1)?",
            first="dinov2_small",
            others=("vit_base",),
            averaged=False,
        ),
        Contrast(
            question="Does it do better than the perceptron on a ResNet's embedding (Table 1)?",
            first="dinov2_small",
            others=("resnet_mlp_same_split",),
            averaged=False,
        ),
    ),
    budgets=(SMALL, FULL),
    space=None,
    statements=STATEMENTS,
)
