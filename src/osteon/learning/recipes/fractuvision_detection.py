"""Where fractures are: YOLOv8, as FractuVision fine-tuned it, and Osteon's own detector in its place.

Wang, Siddiqui (2024), *FractuVision: Enhancing Bone Fracture Diagnostics*. Numbers carry the section that they come from.
"""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import AnyRecipe, Phase, Recipe, Sampling, SplitRule, Task, UltralyticsRecipe
from osteon.learning.recipes import fracatlas_detector as ours
from osteon.learning.recipes.fractuvision_classification import IMAGES, INDICATED, OPERATING, SEEDS, SOURCE
from osteon.learning.recipes.statements.fractuvision import LISTS, OF_BOXES

# 3: the publisher's lists, which name images with a fracture only. The shares are the paper's, of its 720.
SPLIT: Final = SplitRule(
    train=0.80,
    val=0.09,
    test=0.11,
    group=("cluster",),
    stratify=("label_fracture",),
    keep=("train", "val", "test"),
    seed=0,
    kept=None,
    lists=("train", "test", "val"),  # see LISTS
)

YOLOV8: Final = UltralyticsRecipe(
    name="fractuvision/yolov8",
    summary="YOLOv8, fine-tuned on images with a fracture. It needs ultralytics (AGPL-3.0), the extra osteon[yolo].",
    source=SOURCE,
    dataset="fracatlas",
    split=SPLIT,
    labels=("fracture",),
    image_label="fracture",
    model="yolov8s.pt",
    side=640,
    batch_size=16,
    epochs=100,  # 5.3
    optimizer="adamw",  # 5.3
    lr=1e-3,
    only_with_boxes=False,  # the publisher's lists name no others
    seeds=SEEDS,
    claims=OF_BOXES,
    unstated=(
        LISTS,
        "Which of the family, and the learning rate: YOLOv8s, 0.001.",
        "Side 640, batch 16, augmentation, schedule and suppression: ultralytics' defaults.",
        "Best by which figure: by mAP over IoU 0.5 to 0.95, ultralytics' own.",
    ),
    deviations=(
        "Of ultralytics' settings the recipe sets model, epochs, side, batch, optimiser, rate and seed; the others are its own.",
    ),
)

STAND_IN: Final = Recipe(
    name="fractuvision/detector",
    summary="Osteon's own detector in the place of YOLOv8: the same images, lists, epochs and selection.",
    source="The Osteon developers, 2026, by the protocol of Wang & Siddiqui 2024",
    dataset="fracatlas",
    split=SPLIT,
    images=IMAGES,
    task=Task(labels=("fracture",), positive=("fracture",), activation="boxes"),
    preprocessing=ours.PREPROCESSING,
    cache_side=640,
    augmentation=ours.AUGMENTATION,
    architecture=ours.ARCHITECTURE,
    sampling=Sampling(batch_size=16, images_per_epoch=None, positive_share=None),
    loss=None,
    detection=ours.DETECTION,
    optimizer=ours.OPTIMIZER,
    schedule=ours.SCHEDULE,
    pretraining=None,
    phases=(Phase(name="all", epochs=100, trainable="all", side=None, rate=1.0, augmentation=None, start=None),),  # 5.3
    soup=(),
    mirrored=False,
    averaging=ours.AVERAGING,
    selection=ours.SELECTION,
    operating=OPERATING,
    indicated=INDICATED,
    precision="32-true",
    seeds=SEEDS,
    claims=OF_BOXES,
    unstated=(LISTS,),
    deviations=(
        "It is not the paper's network: YOLOv8 is licensed under AGPL-3.0, and this one stands in for it.",
        "So its figures say what the protocol gives with another detector, not what YOLOv8 gives.",
        "Confidences are calibrated on the validation part, so that 0.25 is another threshold than that of YOLOv8's scores.",
    ),
)

DETECTORS: Final[tuple[AnyRecipe, ...]] = (YOLOV8, STAND_IN)
"""The paper's, and ours in its place."""
