"""The budget ``table`` of PediURF: every row of its Table 2, each with its five seeds, at the smallest size that still runs.

The networks start at random and see phantoms in which a pixel is 4 mm wide: they learn nothing, and the order of the rows says
nothing about them. It shows that every row trains, exports, reads and is measured.
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Budget, Change, Phantoms

ROWS: Final = (
    "urfnet", "urfnet_concatenation",
    "alexnet", "vgg16", "vgg19", "resnet18", "resnet34", "resnet50", "densenet121", "densenet169",
    "mobilenetv2_100", "mobilenetv3_small_100", "efficientnet_b0", "efficientnet_b1",
    "vit_tiny_patch16_224", "vit_small_patch16_224", "vit_base_patch16_224", "vit_large_patch16_224",
    "deit_tiny_patch16_224", "deit_small_patch16_224", "deit_base_patch16_224",
    "efficientformer_l1", "efficientformer_l3",
)  # fmt: skip
"""Of Table 2, and the concatenation of Table 3."""

LARGEST: Final = ("vgg16", "vgg19", "vit_base_patch16_224", "vit_large_patch16_224", "deit_base_patch16_224")

TABLE: Final = Budget(
    name="table",
    variants=ROWS,
    seeds=(0, 1, 2, 3, 4),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=240, size=160, seed=1, hidden=0.5),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=64",
                "preprocessing.width=64",
                "cache_side=72",
                "indicated.minimum_side=32",
            ),
            why="Tiny images: 64 x 64 in place of 224 x 224; transformers see 16 patches in place of 196.",
        ),
        Change(
            variants=(),
            settings=(
                "phases.0.epochs=2",
                "sampling.batch_size=16",
                "optimizer.name=adamw",
                "optimizer.lr=3e-4",
                "optimizer.head_lr=1e-3",
                "optimizer.weight_decay=0.05",
                "optimizer.clip=1.0",
                'schedule={"rise": 0.1}',
                "augmentation.flip_vertical=0",
            ),
            why="2 epochs in place of 200, by AdamW with batches of 16; no image is turned upside down.",
        ),
        Change(
            variants=LARGEST,
            settings=(
                "preprocessing.height=32",
                "preprocessing.width=32",
                "cache_side=40",
                "phases.0.epochs=1",
                "sampling.images_per_epoch=64",
            ),
            why="32 x 32 and 4 steps for the five largest networks: they would take most of the time.",
        ),
    ),
    resamples=1000,
    minutes=45.0,
)
