"""DenseNets on spine radiographs: normal or abnormal, and their ensemble.

Nguyen, Pham, Nguyen, Nguyen, Huynh, Dao, Vu (2021), *VinDr-SpineXR: A deep learning framework for spinal lesions detection
and classification from radiographs*. Numbers carry the section or table that they come from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    AnyRecipe,
    Augmentation,
    Constant,
    EnsembleRecipe,
    ImageSelection,
    Indicated,
    Loss,
    Milestones,
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
from osteon.learning.recipes.statements.vindr_spinexr_claims import TABLE_3, THRESHOLD
from osteon.learning.recipes.statements.vindr_spinexr_gaps import (
    DEVIATIONS_OF_CLASSIFIERS,
    OF_CLASSIFIERS,
    OF_CLASSIFIERS_BY_CODE,
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


def densenet(layers: int) -> Recipe:
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
        claims=TABLE_3[f"densenet{layers}"],
        unstated=OF_CLASSIFIERS,
        deviations=DEVIATIONS_OF_CLASSIFIERS,
    )


MEMBERS: Final = (densenet(121), densenet(169), densenet(201))

ENSEMBLE: Final = EnsembleRecipe(
    name="vindr_spinexr/ensemble",
    summary="The mean probability of DenseNet121, 169 and 201, each trained by itself: the paper's classifier (2.3).",
    source=SOURCE,
    members=MEMBERS,
    claims=(*TABLE_3["ensemble"], THRESHOLD),
    unstated=OF_CLASSIFIERS,
    deviations=DEVIATIONS_OF_CLASSIFIERS,
)


def by_code(recipe: Recipe) -> Recipe:
    """A member as the authors' code trains it (``spine/configs/densenet*.yaml``, and Detectron2's defaults)."""
    return replace(
        recipe,
        name=f"{recipe.name}_code",
        summary=recipe.summary.replace("of the paper's ensemble", "of the ensemble, as the authors' code trains it"),
        optimizer=replace(recipe.optimizer, lr=1e-2, head_lr=1e-2, weight_decay=1e-4, clip=1.0, clip_by="value"),
        schedule=Milestones(shares=(0.5, 0.75), factor=0.1, warm_up=1000),
        selection=replace(recipe.selection, keep="last"),
        claims=(),
        deviations=(*recipe.deviations, *OF_CLASSIFIERS_BY_CODE),
    )


MEMBERS_BY_CODE: Final = tuple(by_code(member) for member in MEMBERS)

ENSEMBLE_BY_CODE: Final = replace(
    ENSEMBLE,
    name="vindr_spinexr/ensemble_code",
    summary="The mean logit of the three DenseNets, each trained as the authors' code has it.",
    members=MEMBERS_BY_CODE,
    claims=(),
    deviations=MEMBERS_BY_CODE[0].deviations,
    average="logits",
)

CLASSIFIERS: Final[tuple[AnyRecipe, ...]] = (*MEMBERS, ENSEMBLE)
"""In the order of Table 3."""

CLASSIFIERS_BY_CODE: Final[tuple[AnyRecipe, ...]] = (*MEMBERS_BY_CODE, ENSEMBLE_BY_CODE)
"""In the same order."""
