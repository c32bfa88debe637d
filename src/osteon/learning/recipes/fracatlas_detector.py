"""The detector that Osteon ships: where on a film of FracAtlas the fractures are.

The Osteon developers, 2026. Every number was chosen on the validation part; ``docs/detection.md`` says what was tried.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    BoxRule,
    Claim,
    Detection,
    Phase,
    PointDetector,
    Sampling,
    Selection,
    Task,
)
from osteon.learning.recipes.fracatlas_classifier import CLEAN, RECIPE

DETECTOR: Final = replace(
    RECIPE,  # split, indications and optimiser of the classifier that stands beside it in the bundle
    name="fracatlas/detector",
    summary="MobileNetV2 with a feature pyramid that draws a box round each fracture.",
    task=Task(labels=("fracture",), positive=("fracture",), activation="boxes"),
    # A box covers 0.4 % of a film in the median: 40 pixels across at this size, 25 at that of the classifier.
    preprocessing=Preprocessing(height=640, width=640, fit="letterbox", channels=1, mean=0.5, std=0.5),
    cache_side=640,
    augmentation=replace(CLEAN, zoom=0.35),
    architecture=PointDetector(
        width=1.0,
        pyramid=96,
        blocks=2,
        strides=(8, 16, 32),
        candidates=9,  # Zhang et al. 2020, section 3.2
        cell=8.0,  # the same
        gamma=2.0,  # Li et al. 2020, table 1
        box_weight=2.0,  # the same
    ),
    # Every second film is sound: what is drawn on those is a false alarm that must be unlearnt.
    sampling=Sampling(batch_size=16, images_per_epoch=928, positive_share=0.5),
    loss=None,
    detection=Detection(
        sides=None,
        policy=None,
        smallest=4.0,
        rest=None,
        film="fracture",
        rule=BoxRule(most=100, overlap=0.5, least=0.01, doubt_sensitivity=0.65, definite_precision=0.75, fusion=0.5),
    ),
    phases=(
        Phase(name="small", epochs=12, trainable="all", side=416, rate=1.0, augmentation=None, start=None),
        Phase(name="full", epochs=8, trainable="all", side=None, rate=0.5, augmentation=None, start=None),
        Phase(name="int8", epochs=7, trainable="all", side=None, rate=0.3, augmentation=None, start=None, int8=True),
    ),
    soup=(),
    selection=Selection(metric="val_map50", mode="max", patience=None),
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
)
