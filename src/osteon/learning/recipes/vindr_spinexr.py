"""VinDr-SpineXR: what ``osteon reproduce`` runs of it.

Nguyen, Pham, Nguyen, Nguyen, Huynh, Dao, Vu (2021), *VinDr-SpineXR: A deep learning framework for spinal lesions detection
and classification from radiographs*. Its recipes are in ``vindr_spinexr_classification.py`` (Table 3) and
``vindr_spinexr_detection.py`` (Tables 4 and 5).
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Budget, Change, Contrast, Paper, Phantoms
from osteon.learning.recipes.statements.vindr_spinexr import STATEMENTS
from osteon.learning.recipes.vindr_spinexr_classification import CLASSIFIERS, CLASSIFIERS_BY_CODE
from osteon.learning.recipes.vindr_spinexr_detection import DETECTORS, SPARSE_RCNN_BY_CODE

CLASSIFIED: Final = ("densenet121", "densenet169", "densenet201")
ANCHORED: Final = ("faster_rcnn", "retinanet", "efficientdet_d0")
RESNETS: Final = ("faster_rcnn", "retinanet", "sparse_rcnn")
BOXES: Final = (*ANCHORED, "sparse_rcnn", "point")

SMALL: Final = Budget(
    name="small",
    variants=(*CLASSIFIED, "ensemble", *BOXES, "framework"),
    seeds=(0,),
    phantoms=Phantoms(kind="spine", layout="spinexr", cases=800, size=256, seed=1, hidden=0.0),
    changes=(
        Change(
            variants=CLASSIFIED,
            settings=(
                "preprocessing.height=96",
                "preprocessing.width=96",
                "cache_side=112",
                "indicated.minimum_side=64",
            ),
            why="Small images for the classifiers: 96 x 96 in place of 224 x 224.",
        ),
        Change(
            variants=CLASSIFIED,
            settings=(
                "phases.0.epochs=8",
                "sampling.images_per_epoch=320",
                "sampling.batch_size=16",
                "optimizer.name=adamw",
                "optimizer.lr=1e-3",
                "optimizer.head_lr=1e-3",
                "optimizer.weight_decay=0.05",
                "optimizer.clip=1.0",
                'schedule={"rise": 0.1}',
                "averaging=0.95",
                "precision=bf16-mixed",
            ),
            why="Classifiers: 160 steps in place of 10,000, by AdamW with averaged weights, in half precision.",
        ),
        Change(
            variants=BOXES,
            settings=(
                "detection.sides=null",  # before the input is made smaller than these
                "detection.policy=null",
                "preprocessing.height=224",
                "preprocessing.width=224",
                "cache_side=224",
                "indicated.minimum_side=64",
            ),
            why=(
                "Small images for the detectors: 224 pixels in place of 1,216, of one size and flipped only, for what starts at "
                "random has enough to learn."
            ),
        ),
        Change(
            variants=RESNETS,
            settings=("architecture.model=resnet18", "architecture.pyramid=64"),
            why="ResNet18 and 64 channels in the pyramid in place of ResNet50 and 256.",
        ),
        Change(
            variants=("faster_rcnn",),
            settings=(
                "architecture.hidden=256",
                "architecture.rpn_batch_size=128",
                "architecture.roi_batch_size=64",
                "architecture.candidates=[400,200]",
                "architecture.proposals=[200,100]",
            ),
            why="A quarter of the units, and an eighth of the proposals in an image that is a fifth as long.",
        ),
        Change(
            variants=("sparse_rcnn",),
            settings=(
                "architecture.proposals=60",
                "architecture.stages=3",
                "architecture.dynamic=16",
                "architecture.hidden=256",
            ),
            why="60 proposals, refined three times: half of the paper's stages, and layers that fit the narrow pyramid.",
        ),
        Change(
            variants=ANCHORED,
            settings=("architecture.anchors.side=1.5",),
            why="Smaller anchors, as the smallest lesions of these images are a dozen pixels across.",
        ),
        Change(
            variants=BOXES,
            settings=(
                "phases.0.epochs=6",
                "sampling.images_per_epoch=600",
                "sampling.batch_size=4",
                "optimizer.name=adamw",
                "optimizer.lr=1e-3",
                "optimizer.head_lr=1e-3",
                "optimizer.weight_decay=0.05",
                "optimizer.clip=1.0",
                'schedule={"rise": 0.1}',
                "averaging=0.95",
                "precision=bf16-mixed",
            ),
            why="Detectors: 900 steps of 4 images in place of 50,000 of 16, by AdamW with averaged weights, in half precision.",
        ),
        Change(
            variants=("sparse_rcnn",),
            settings=("optimizer.lr=5e-4", "optimizer.head_lr=5e-4", "optimizer.clip_by=norm"),
            why="Half of that rate for Sparse R-CNN, whose attention diverges at more, and gradients clipped by their norm.",
        ),
    ),
    resamples=2000,
    minutes=35.0,
)

FULL: Final = Budget(
    name="full",
    variants=(),
    seeds=(),
    phantoms=Phantoms(kind="spine", layout="spinexr", cases=2000, size=1280, seed=1, hidden=0.0),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="vindr_spinexr",
    title="VinDr-SpineXR: A deep learning framework for spinal lesions detection and classification from radiographs",
    variants=(*CLASSIFIERS, *DETECTORS, *CLASSIFIERS_BY_CODE, SPARSE_RCNN_BY_CODE),
    contrasts=(
        Contrast(
            question="Does the ensemble do better than the best of its members (Table 3)?",
            first="ensemble",
            others=("densenet121", "densenet169", "densenet201"),
            averaged=False,
        ),
        Contrast(
            question="Does Sparse R-CNN find more than the best other detector (Table 4)?",
            first="sparse_rcnn",
            others=("faster_rcnn", "retinanet", "efficientdet_d0"),
            averaged=False,
        ),
        Contrast(
            question="Does the classifier's decision raise the average precision of the detector (Table 5)?",
            first="framework",
            others=("sparse_rcnn", "faster_rcnn", "retinanet", "efficientdet_d0"),
            averaged=False,
        ),
    ),
    budgets=(SMALL, FULL),
    space=None,
    statements=STATEMENTS,
)
