"""PediURF: what ``osteon reproduce`` runs of it.

Tang, Ou, Li, Xiong, Li, Liu, Liang, Zhao (2025), *A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures
Analysis*. Its recipes are in ``pediurf_classification.py``.
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Budget, Change, Contrast, Paper, Phantoms
from osteon.learning.recipes.pediurf_classification import NETWORKS
from osteon.learning.recipes.statements.pediurf import STATEMENTS

SMALL: Final = Budget(
    name="small",
    variants=("urfnet", "urfnet_concatenation", "mobilenetv2_100", "front", "side"),
    seeds=(0, 1),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=900, size=160, seed=1, hidden=0.8),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=112",
                "preprocessing.width=112",
                "cache_side=128",
                "indicated.minimum_side=64",
            ),
            why="Small images: 112 x 112 in place of 224 x 224.",
        ),
        Change(
            variants=(),
            settings=(
                "phases.0.epochs=10",
                "sampling.batch_size=16",
                "optimizer.name=adamw",
                "optimizer.lr=7e-4",
                "optimizer.head_lr=1e-3",
                "optimizer.weight_decay=0.05",
                "optimizer.clip=1.0",
                'schedule={"rise": 0.1}',
                "averaging=0.95",
                "augmentation.flip_vertical=0",
            ),
            why="10 epochs in place of 200, by AdamW with averaged weights; no image is turned upside down.",
        ),
        Change(
            variants=("urfnet", "urfnet_concatenation", "front", "side"),
            settings=("architecture.model=mobilenetv2_100",),
            why="MobileNetV2 in place of ResNet34 as the backbone of URFNet and of the single views: a tenth of the operations.",
        ),
    ),
    resamples=2000,
    minutes=18.0,
)

FULL: Final = Budget(
    name="full",
    variants=(),
    seeds=(),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=2000, size=512, seed=1, hidden=0.5),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="pediurf",
    title="A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis",
    variants=NETWORKS,
    contrasts=(
        Contrast(
            question="Do two views together tell more than the best network that is shown both, one at a time?",
            first="urfnet",
            others=("mobilenetv2_100", "resnet34", "densenet121", "vit_small_patch16_224"),
            averaged=False,
        ),
        Contrast(
            question="Do they tell more than averaging the probabilities of the best such network over the views?",
            first="urfnet",
            others=("mobilenetv2_100", "resnet34", "densenet121", "vit_small_patch16_224"),
            averaged=True,
        ),
        Contrast(
            question="Does the lateral view add to the frontal?", first="urfnet", others=("front",), averaged=False
        ),
        Contrast(
            question="Does the frontal view add to the lateral?", first="urfnet", others=("side",), averaged=False
        ),
        Contrast(
            question="Does cross-attention tell more than concatenation (Table 3)?",
            first="urfnet",
            others=("urfnet_concatenation",),
            averaged=False,
        ),
    ),
    budgets=(SMALL, FULL),
    space=None,
    statements=STATEMENTS,
)
