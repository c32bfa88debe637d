"""Transformers on FracAtlas: a supervised ViT, and DINOv2 fine-tuned.

Wang, Siddiqui (2024), *FractuVision: Enhancing Bone Fracture Diagnostics*. Numbers carry the section or table that they come
from.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Augmentation,
    Claim,
    Constant,
    EmbeddedMlp,
    ImageSelection,
    Indicated,
    LinearDecay,
    Loss,
    OperatingRule,
    Optimizer,
    Phase,
    Pretraining,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Standard,
    Task,
)
from osteon.learning.recipes.statements.fractuvision import (
    CLUSTERS,
    DEVIATIONS,
    LIGHTLY,
    LISTS,
    NO_LISTS,
    OF_DINOV2_SMALL,
    RANDOM_START,
    SUBSET,
    TABLE_1,
)

SOURCE: Final = "Wang & Siddiqui 2024, FractuVision: Enhancing Bone Fracture Diagnostics"

SPLIT: Final = SplitRule(
    train=0.81,  # 5.2
    val=0.09,
    test=0.10,
    group=("cluster",),
    stratify=("label_fracture",),
    keep=(),
    seed=0,
    kept=None,
)

LISTS_AND_REST: Final = SplitRule(
    train=3000 / 3363,  # 3: of the images without a fracture, which are in no list of the publisher's
    val=163 / 3363,
    test=200 / 3363,
    group=(),
    stratify=(),
    keep=("train", "val", "test"),
    seed=0,
    kept=None,
    lists=("train", "test", "val"),  # see LISTS
    unlisted=True,
)
"""3: of the images with a fracture the publisher's lists, and the others divided at random."""

IMAGES: Final = ImageSelection(views=(), together=False)
TASK: Final = Task(labels=("no fracture", "fracture"), positive=("fracture",), activation="softmax")  # 5.2

NO_AUGMENTATION: Final = Augmentation(
    rotation=0.0,
    zoom=0.0,
    shift=0.0,
    shear=0.0,
    flip_horizontal=0.0,
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

OPERATING: Final = OperatingRule(doubt_sensitivity=0.95, definite_specificity=0.95)

INDICATED: Final = Indicated(
    body_parts=(BodyPart.HAND, BodyPart.LEG, BodyPart.HIP, BodyPart.SHOULDER),
    minimum_age=1.0,
    maximum_age=110.0,
    minimum_side=112,
    novelty_share=0.0,
    intended_use="Research: the network of the paper, to compare with.",
    not_for=("Decisions on patients: it was never tried in a clinic and is no medical device.",),
    limits=(
        (
            "FracAtlas names no patients, and its image numbers run within a patient: this split, by near duplicates, divides "
            "most runs. Figures on its test part are too good for images of new patients."
        ),
    ),
)

SEEDS: Final = (0, 1, 2, 3, 4)


def fine_tuned(name: str, summary: str, model: str, mean: float, std: float, claims: tuple[Claim, ...] = ()) -> Recipe:
    """A pre-trained transformer, fine-tuned (5.2)."""
    return Recipe(
        name=f"fractuvision/{name}",
        summary=summary,
        source=SOURCE,
        dataset="fracatlas",
        split=SPLIT,
        images=IMAGES,
        task=TASK,
        preprocessing=Preprocessing(height=224, width=224, fit="letterbox", channels=3, mean=mean, std=std),  # 5.2
        cache_side=224,
        augmentation=NO_AUGMENTATION,
        architecture=Standard(model=model, dropout=0.0),
        sampling=Sampling(batch_size=16, images_per_epoch=None, positive_share=None),  # 5.2
        loss=Loss(label_smoothing=0.0, l2=0.0, box_weight=0.0, focal_gamma=0.0),  # 5.2: cross-entropy
        detection=None,
        optimizer=Optimizer(name="adamw", lr=2e-5, head_lr=2e-5, momentum=0.0, weight_decay=0.01, clip=1.0),  # 5.2
        schedule=LinearDecay(rise=0.0),
        pretraining=None,
        phases=(
            Phase(name="all", epochs=5, trainable="all", side=None, rate=1.0, augmentation=None, start=None),
        ),  # 5.2
        soup=(),
        mirrored=False,
        averaging=None,
        selection=Selection(metric="val_accuracy", mode="max", patience=None),
        operating=OPERATING,
        indicated=INDICATED,
        precision="32-true",
        seeds=SEEDS,
        claims=(TABLE_1[name], *claims),
        unstated=(
            "Schedule and clipping: those that the transformers library takes by default (linear decay, norm 1).",
            "Augmentation: none is named, none is made.",
            "Which epoch was kept: the one of the best validation accuracy.",
        ),
        deviations=(CLUSTERS, *DEVIATIONS),
    )


DINOV2_SMALL: Final = fine_tuned(
    "dinov2_small",
    "DINOv2 ViT-S/14 with a linear head, fine-tuned.",
    "vit_small_patch14_dinov2",  # 4.1.3
    0.449,
    0.226,
    OF_DINOV2_SMALL,
)

DINOV2_LARGE: Final = fine_tuned(
    "dinov2_large",
    "DINOv2 ViT-L/14 with a linear head, fine-tuned.",
    "vit_large_patch14_dinov2",  # 4.1.3
    0.449,
    0.226,
)

VIT: Final = fine_tuned(
    "vit_base",
    "ViT-B/16, supervised on ImageNet and fine-tuned.",
    "vit_base_patch16_224",  # 4.1.2
    0.5,
    0.5,
)

RESNET_MLP: Final = Recipe(
    name="fractuvision/resnet_mlp",
    summary="A small perceptron on the embedding of a ResNet that was pre-trained without labels: the paper's baseline.",
    source=SOURCE,
    dataset="fracatlas",
    split=LISTS_AND_REST,
    images=IMAGES,
    task=TASK,
    preprocessing=Preprocessing(height=64, width=64, fit="letterbox", channels=3, mean=0.449, std=0.226),
    cache_side=512,  # 5.1: sides of at most 512
    augmentation=NO_AUGMENTATION,
    architecture=EmbeddedMlp(model="resnet18", embedding=32, blocks=2, hidden=32, dropout=0.65),  # 5.1
    sampling=Sampling(batch_size=64, images_per_epoch=1575, positive_share=0.365),  # 5.1: 575 to 1,000
    loss=Loss(label_smoothing=0.0, l2=0.01, box_weight=0.0, focal_gamma=0.0),  # 5.1
    detection=None,
    optimizer=Optimizer(name="adam", lr=1e-3, head_lr=1e-3, momentum=0.0, weight_decay=0.0, clip=None),
    schedule=Constant(),
    pretraining=Pretraining(
        epochs=100,  # 5.1
        batch_size=64,
        lr=0.06,
        momentum=0.9,
        weight_decay=5e-4,
        temperature=0.5,
        smallest_crop=0.15,  # 5.1: random cropping, flips, rotation
        rotation_share=0.5,
        flip_share=0.5,
    ),
    phases=(Phase(name="mlp", epochs=30, trainable="head", side=None, rate=1.0, augmentation=None, start=None),),
    soup=(),
    mirrored=False,
    averaging=None,
    selection=Selection(metric="val_loss", mode="min", patience=8),  # 5.1: best validation performance
    operating=OPERATING,
    indicated=INDICATED,
    precision="32-true",
    seeds=SEEDS,
    claims=(TABLE_1["resnet_mlp"],),
    unstated=(LISTS, *LIGHTLY),
    deviations=(
        SUBSET,
        NO_LISTS,
        RANDOM_START,
        *DEVIATIONS,
    ),
)

RESNET_MLP_SAME_SPLIT: Final = replace(
    RESNET_MLP,
    name="fractuvision/resnet_mlp_same_split",
    summary="The paper's baseline on the split of the transformers (5.2), so that they are compared on the same images.",
    split=SPLIT,
    claims=(),
    unstated=LIGHTLY,
    deviations=(SUBSET, RANDOM_START, CLUSTERS, *DEVIATIONS),
)

RESNET_MLP_LIGHTLY: Final = replace(
    RESNET_MLP,
    name="fractuvision/resnet_mlp_lightly",
    summary="The paper's baseline, pre-trained with the defaults of Lightly's command.",
    pretraining=Pretraining(
        epochs=100,
        batch_size=16,
        lr=1.0,
        momentum=0.0,
        weight_decay=1e-5,
        temperature=0.5,
        smallest_crop=0.15,
        rotation_share=0.5,
        flip_share=0.5,
        projected=128,
    ),
    claims=(),
)

CLASSIFIERS: Final[tuple[Recipe, ...]] = (
    DINOV2_SMALL,
    DINOV2_LARGE,
    VIT,
    RESNET_MLP,
    RESNET_MLP_SAME_SPLIT,
    RESNET_MLP_LIGHTLY,
)
"""In the order of Table 1, but for the network that the paper proposes, which comes first."""
