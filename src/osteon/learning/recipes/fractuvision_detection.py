"""Where fractures are: YOLOv8, as FractuVision fine-tuned it, and Osteon's own detector in its place.

Wang, Siddiqui (2024), *FractuVision: Enhancing Bone Fracture Diagnostics*. Numbers carry the section that they come from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    BoxRule,
    Claim,
    Constant,
    Detection,
    Optimizer,
    Phase,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Task,
    YoloDetector,
)
from osteon.learning.recipes.fracatlas_detector import DETECTOR
from osteon.learning.recipes.fractuvision_classification import DINOV2_SMALL

CLAIMS: Final = (
    Claim("detection.map50", 0.53, None, "5.3"),
    Claim("detection.map", 0.22, None, "5.3"),
    # Of 91 fractures 50 are found and 41 missed, with 15 false alarms (Figure 3).
    Claim("detection.precision", 0.77, None, "5.3: IoU 0.45, confidence 0.25"),
    Claim("detection.recall", 0.55, None, "5.3: IoU 0.45, confidence 0.25"),
)

YOLOV8: Final = replace(
    DINOV2_SMALL,
    name="fractuvision/yolov8",
    summary="YOLOv8, fine-tuned on films with a fracture. It needs ultralytics (AGPL-3.0), the extra osteon[yolo].",
    # 5.3: the publisher's lists, which name films with a fracture only. The shares are theirs, of all 717.
    split=SplitRule(
        train=0.80,
        val=0.09,
        test=0.11,
        group=("cluster",),
        stratify=("label_fracture",),
        keep=("train", "val", "test"),
        seed=0,
        kept=None,
    ),
    task=Task(labels=("fracture",), positive=("fracture",), activation="boxes"),
    preprocessing=Preprocessing(height=640, width=640, fit="letterbox", channels=3, mean=0.0, std=1.0),
    cache_side=640,
    architecture=YoloDetector(model="yolov8s.pt"),
    sampling=Sampling(batch_size=16, images_per_epoch=None, positive_share=None),
    loss=None,
    detection=Detection(
        sides=None,
        policy=None,
        smallest=4.0,
        rest=None,
        film="fracture",
        rule=BoxRule(most=300, overlap=0.7, least=0.001, doubt_sensitivity=0.75, definite_precision=0.75, fusion=0.5),
    ),
    optimizer=Optimizer(name="adamw", lr=1e-3, head_lr=1e-3, momentum=0.9, weight_decay=5e-4, clip=None),  # 5.3
    schedule=Constant(),
    phases=(Phase(name="all", epochs=100, trainable="all", side=None, rate=1.0, augmentation=None, start=None),),  # 5.3
    selection=Selection(metric="val_map", mode="max", patience=None),  # 5.3: best on validation
    claims=CLAIMS,
    unstated=(
        "Which of the family, and the learning rate: YOLOv8s, 0.001.",
        "Side 640, batch 16, augmentation, schedule and suppression: ultralytics' defaults.",
        "Best by which figure: by mAP over IoU 0.5 to 0.95, ultralytics' own.",
    ),
    deviations=(
        "Of ultralytics' settings the recipe sets model, epochs, side, batch, optimiser, rate and seed; the others are its own.",
    ),
)

STAND_IN: Final = replace(
    YOLOV8,
    name="fractuvision/detector",
    summary="Osteon's own detector in the place of YOLOv8: the same films, lists, epochs and selection.",
    source="The Osteon developers, 2026, by the protocol of Wang & Siddiqui 2024",
    preprocessing=DETECTOR.preprocessing,
    augmentation=DETECTOR.augmentation,
    architecture=DETECTOR.architecture,
    detection=DETECTOR.detection,
    optimizer=DETECTOR.optimizer,
    schedule=DETECTOR.schedule,
    averaging=DETECTOR.averaging,
    selection=DETECTOR.selection,
    unstated=(),
    deviations=(
        "It is not the paper's network: YOLOv8 is licensed under AGPL-3.0, and this one stands in for it.",
        "So its figures say what the protocol gives with another detector, not what YOLOv8 gives.",
        "Confidences are calibrated on the validation part, so that 0.25 is another threshold than that of YOLOv8's scores.",
    ),
)

DETECTORS: Final[tuple[Recipe, ...]] = (YOLOV8, STAND_IN)
"""The paper's, and ours in its place."""
