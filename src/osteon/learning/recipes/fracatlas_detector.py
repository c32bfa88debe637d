"""The detector that Osteon ships: where in an image of FracAtlas the fractures are.

The Osteon developers, 2026. Its numbers were chosen on the validation part, after figures of the test part had been published for
earlier versions (``docs/evidence/ledger.jsonl``); ``docs/detection.md`` says what was tried.
"""

from __future__ import annotations

from typing import Final

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Augmentation,
    BoxRule,
    Claim,
    Detection,
    ImageSelection,
    OneCycle,
    OperatingRule,
    Optimizer,
    Phase,
    PointDetector,
    Recipe,
    Sampling,
    Selection,
    Task,
)
from osteon.learning.recipes.fracatlas_classifier import INDICATED, SPLIT

ARCHITECTURE: Final = PointDetector(
    width=1.0,
    pyramid=96,
    blocks=2,
    strides=(8, 16, 32),
    candidates=9,  # Zhang et al. 2020, section 3.2
    cell=8.0,  # the same
    gamma=2.0,  # Li et al. 2020, table 1
    box_weight=2.0,  # the same
)

# A box covers 0.4 % of an image in the median: 40 pixels across at this size, 25 at that of the classifier.
PREPROCESSING: Final = Preprocessing(height=640, width=640, fit="letterbox", channels=1, mean=0.5, std=0.5)

AUGMENTATION: Final = Augmentation(
    rotation=25.0,
    zoom=0.35,
    shift=0.08,
    shear=0.1,
    flip_horizontal=0.5,
    flip_vertical=0.3,
    tone_share=1.0,
    gain=0.0,
    brightness=0.12,
    contrast=0.28,
    gamma=0.35,
    blur_share=0.2,
    blur=1.1,
    noise_share=0.2,
    noise=0.03,
    shrink_share=0.0,
    shrink=1.0,
    jpeg_share=0.0,
    jpeg=95,
)

DETECTION: Final = Detection(
    sides=None,
    policy=None,
    smallest=4.0,
    other_label=None,
    image_label="fracture",
    rule=BoxRule(
        max_detections=100,
        nms_iou=0.5,
        score_threshold=0.01,
        doubt_sensitivity=0.65,
        definite_precision=0.75,
        fusion=0.5,
    ),
)

OPTIMIZER: Final = Optimizer(name="adamw", lr=6e-4, head_lr=2e-3, momentum=0.0, weight_decay=0.05, clip=5.0)
SCHEDULE: Final = OneCycle(warm_up=0.15)
AVERAGING: Final = 0.995
SELECTION: Final = Selection(metric="val_map50", mode="max", patience=None)

DETECTOR: Final = Recipe(
    name="fracatlas/detector",
    summary="MobileNetV2 with a feature pyramid that draws a box round each fracture.",
    source="The Osteon developers, 2026",
    dataset="fracatlas",
    split=SPLIT,  # as indicated, of the classifier that works with it in the bundle
    images=ImageSelection(views=(), together=False),
    task=Task(labels=("fracture",), positive=("fracture",), activation="boxes"),
    preprocessing=PREPROCESSING,
    cache_side=640,
    augmentation=AUGMENTATION,
    architecture=ARCHITECTURE,
    # Every second image shows no fracture: a box in one of those is a false alarm that must be unlearnt.
    sampling=Sampling(batch_size=16, images_per_epoch=928, positive_share=0.5),
    loss=None,
    detection=DETECTION,
    optimizer=OPTIMIZER,
    schedule=SCHEDULE,
    pretraining=None,
    phases=(
        Phase(name="small", epochs=12, trainable="all", side=416, rate=1.0, augmentation=None, start=None),
        Phase(name="full", epochs=8, trainable="all", side=None, rate=0.5, augmentation=None, start=None),
        Phase(name="int8", epochs=7, trainable="all", side=None, rate=0.3, augmentation=None, start=None, int8=True),
    ),
    soup=(),
    mirrored=False,
    averaging=AVERAGING,
    selection=SELECTION,
    operating=OperatingRule(doubt_sensitivity=0.95, definite_specificity=0.95),
    indicated=INDICATED,
    precision="bf16-mixed",
    seeds=(0, 1, 2, 3, 4),
    claims=(
        Claim(
            "detection.map50",
            0.479,
            None,
            "FracDet-v11 on FracAtlas, the highest of a common setting, another test part",
        ),
        Claim("detection.map50", 0.413, None, "RT-DETR in the same table"),
        Claim("detection.map50", 0.400, None, "YOLOv8s in the same table"),
    ),
    unstated=(),
    deviations=(),
)
