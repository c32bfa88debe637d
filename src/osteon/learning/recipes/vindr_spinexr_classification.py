"""DenseNets on spine radiographs: normal or abnormal, and their ensemble.

Nguyen, Pham, Nguyen, Nguyen, Huynh, Dao, Vu (2021), *VinDr-SpineXR: A deep learning framework for spinal lesions detection
and classification from radiographs*. Numbers carry the section or table that they come from.
"""

from __future__ import annotations

from typing import Final

from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    AnyRecipe,
    Augmentation,
    Claim,
    Constant,
    EnsembleRecipe,
    ImageSelection,
    Indicated,
    Loss,
    OperatingRule,
    Optimizer,
    Phase,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Standard,
    Task,
)

METRICS: Final = ("auroc", "doubt.f1", "doubt.sensitivity", "doubt.specificity")


def figures_of(*figures: float) -> tuple[Claim, ...]:
    """A row of Table 3: AUROC, F1, sensitivity and specificity in percent."""
    return tuple(
        Claim(f"classification.{metric}", round(value / 100, 6), None, "Table 3")
        for metric, value in zip(METRICS, figures, strict=True)
    )


SOURCE: Final = (
    "Nguyen et al. 2021, VinDr-SpineXR: A deep learning framework for spinal lesions detection and classification"
)

SPLIT: Final = SplitRule(
    train=0.72,  # 2.2: 4,000 studies to develop with and 1,000 to test; a tenth of the former is held back here
    val=0.08,
    test=0.20,
    group=("study",),
    stratify=("label_abnormal",),
    keep=("test",),
    seed=0,
    kept=None,
)

AUGMENTATION: Final = Augmentation(
    rotation=0.0,
    zoom=0.0,
    shift=0.0,
    shear=0.0,
    flip_horizontal=0.5,
    flip_vertical=0.0,
    tone_share=0.0,
    gain=0.0,
    brightness=0.0,
    contrast=0.0,
    gamma=0.0,
    blur_share=0.0,
    blur=0.0,
    noise_share=0.0,
    noise=0.0,
    shrink_share=0.0,
    shrink=1.0,
    jpeg_share=0.0,
    jpeg=95,
)

INDICATED: Final = Indicated(
    body_parts=(BodyPart.SPINE,),
    minimum_age=6.0,  # Table 2
    maximum_age=98.0,
    minimum_side=112,
    novelty_share=0.0,
    intended_use="Research: the network of the paper, to compare with.",
    not_for=("Decisions on patients: it was never tried in a clinic and is no medical device.",),
    limits=("It says that an image is abnormal, not what is seen in it.",),
)

SEEDS: Final = (0, 1, 2, 3, 4)


def densenet(layers: int, *figures: float) -> Recipe:
    """A member of the ensemble (Table 3); all are trained alike."""
    return Recipe(
        name=f"vindr_spinexr/densenet{layers}",
        summary=f"DenseNet{layers} that tells abnormal spine radiographs from normal ones, a member of the paper's ensemble.",
        source=SOURCE,
        dataset="spinexr",
        split=SPLIT,
        images=ImageSelection(views=(), together=False),  # 2.3: one image at a time
        task=Task(labels=("normal", "abnormal"), positive=("abnormal",), activation="softmax"),  # 2.3
        preprocessing=Preprocessing(height=224, width=224, fit="stretch", channels=3, mean=0.449, std=0.226),  # 3.1
        cache_side=256,
        augmentation=AUGMENTATION,
        architecture=Standard(model=f"densenet{layers}", dropout=0.0),  # 2.3
        sampling=Sampling(batch_size=32, images_per_epoch=16_000, positive_share=None),  # 3.1: 500 iterations an epoch
        loss=Loss(label_smoothing=0.0, l2=0.0, box_weight=0.0, focal_gamma=0.0),  # 2.3: cross-entropy
        detection=None,
        optimizer=Optimizer(name="sgd", lr=1e-3, head_lr=1e-3, momentum=0.9, weight_decay=0.0, clip=None),  # 3.1
        schedule=Constant(),
        pretraining=None,
        phases=(
            Phase(name="all", epochs=20, trainable="all", side=None, rate=1.0, augmentation=None, start=None),
        ),  # 3.1: 10,000 iterations
        soup=(),
        mirrored=False,
        averaging=None,
        selection=Selection(metric="val_auroc", mode="max", patience=None),
        operating=OperatingRule(doubt_sensitivity=None, definite_specificity=None),  # 2.3: Youden's index
        indicated=INDICATED,
        precision="32-true",
        seeds=SEEDS,
        claims=figures_of(*figures),
        unstated=(
            "No validation part is named, though the threshold comes from one: a tenth of the development studies.",
            "Momentum of the optimiser: 0.9. Weight decay and schedule: none.",
            "Augmentation of the classifiers: flips from left to right.",
            "Which of the training's states was kept: the one of the best validation AUROC.",
        ),
        deviations=(
            "One mean and one deviation for all three channels, instead of ImageNet's three: the images are grey.",
            "AUROC and intervals come from a bootstrap over studies, not over images.",
        ),
    )


MEMBERS: Final = (
    densenet(121, 86.93, 79.55, 80.39, 79.32),
    densenet(169, 87.29, 80.25, 81.74, 79.02),
    densenet(201, 87.14, 79.03, 77.97, 81.46),
)

ENSEMBLE: Final = EnsembleRecipe(
    name="vindr_spinexr/ensemble",
    summary="The mean probability of DenseNet121, 169 and 201, each trained by itself: the paper's classifier (2.3).",
    source=SOURCE,
    members=MEMBERS,
    claims=figures_of(88.61, 81.06, 83.07, 79.32),
    unstated=MEMBERS[0].unstated,
    deviations=MEMBERS[0].deviations,
)

CLASSIFIERS: Final[tuple[AnyRecipe, ...]] = (*MEMBERS, ENSEMBLE)
"""In the order of Table 3."""
