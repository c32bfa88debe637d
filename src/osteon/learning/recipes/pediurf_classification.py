"""URFNet and its 21 baselines on children's forearms: which third of ulna or radius is fractured.

Tang, Ou, Li, Xiong, Li, Liu, Liang, Zhao (2025), *A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures
Analysis*. Numbers carry the section or table that they come from; "Examples" is the section "Illustrative deep learning
examples". What the paper leaves open, and every other number of it, stands in ``statements/pediurf.py``.
"""

from __future__ import annotations

from math import log
from typing import Final, Literal

from osteon.core.labels import BodyPart, View
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Architecture,
    Augmentation,
    Claim,
    ImageSelection,
    Indicated,
    Loss,
    MixedViews,
    OperatingRule,
    Optimizer,
    PairedResNet,
    Phase,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Standard,
    StepDecay,
    Task,
)
from osteon.learning.recipes.statements.pediurf import COMBINED, DEVIATIONS, MIXED, TABLE_2, TABLE_3, UNSTATED

ONE_STEP: Final = StepDecay(every=100, factor=0.5)  # Examples: to 0.0005 over 100 epochs, by a StepLR
SMOOTH: Final = StepDecay(
    every=1, factor=0.5**0.01
)  # Examples, read the other way: "smoothly", so a little in each epoch


def pediurf(
    name: str,
    summary: str,
    images: ImageSelection,
    architecture: Architecture,
    claims: tuple[Claim, ...],
    *,
    schedule: StepDecay = ONE_STEP,
    unstated: tuple[str, ...] = (),
) -> Recipe:
    """The paper's training, which is the same for all its networks."""
    return Recipe(
        name=f"pediurf/{name}",
        summary=summary,
        source="Tang et al. 2025, A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis",
        dataset="pediurf",
        split=SplitRule(
            train=0.64,  # Dataset split: 4 : 1, of whose training part a fifth is held back here to select by
            val=0.16,
            test=0.20,
            group=("study", "cluster"),
            stratify=("label_proximal", "label_midshaft", "label_distal"),
            keep=("test",),
            seed=0,
            kept=None,
        ),
        images=images,
        task=Task(
            labels=("proximal", "midshaft", "distal"), positive=("proximal", "midshaft", "distal"), activation="softmax"
        ),
        preprocessing=Preprocessing(
            height=224, width=224, fit="stretch", channels=3, mean=0.449, std=0.226
        ),  # Examples
        cache_side=256,
        augmentation=Augmentation(
            rotation=0.0,
            zoom=0.0,
            shift=0.0,
            shear=0.0,
            flip_horizontal=0.5,  # Examples
            flip_vertical=0.5,
            tone_share=0.8,  # Examples
            gain=log(1.2),  # Examples: brightness 0.8 to 1.2
            brightness=0.0,
            contrast=log(1.2),  # Examples: 0.8 to 1.2
            gamma=0.0,
            blur_share=0.0,
            blur=0.0,
            noise_share=0.0,
            noise=0.0,
            shrink_share=0.0,
            shrink=1.0,
            jpeg_share=0.0,
            jpeg=95,
        ),
        architecture=architecture,
        sampling=Sampling(batch_size=32, images_per_epoch=None, positive_share=None),  # Examples
        loss=Loss(label_smoothing=0.0, l2=0.0, box_weight=0.0, focal_gamma=0.0),  # Examples: cross-entropy
        detection=None,
        optimizer=Optimizer(name="sgd", lr=1e-3, head_lr=1e-3, momentum=0.9, weight_decay=0.0, clip=None),  # Examples
        schedule=schedule,
        pretraining=None,
        phases=(
            Phase(name="all", epochs=200, trainable="all", side=None, rate=1.0, augmentation=None, start=None),
        ),  # Examples
        soup=(),
        mirrored=False,
        averaging=None,
        selection=Selection(metric="val_accuracy", mode="max", patience=None),
        operating=OperatingRule(doubt_sensitivity=0.95, definite_specificity=0.95),
        indicated=Indicated(
            body_parts=(BodyPart.FOREARM, BodyPart.WRIST, BodyPart.ELBOW),
            minimum_age=0.0,
            maximum_age=18.0,
            minimum_side=112,
            novelty_share=0.0,
            intended_use="Research: the network of the paper, to compare with.",
            not_for=(
                "Decisions on patients: it was never tried in a clinic and is no medical device.",
                "Saying whether there is a fracture: every image that it learnt from shows one.",
                "Adults.",
            ),
            limits=("It names one site, also where several are broken.",),
        ),
        precision="32-true",
        seeds=(0, 1, 2, 3, 4),  # Table 2: five seeds
        claims=claims,
        unstated=(*UNSTATED, *unstated),
        deviations=DEVIATIONS,
    )


def urfnet(
    name: str,
    summary: str,
    fusion: Literal["cross-attention", "concatenation"],
    claims: tuple[Claim, ...],
    *,
    attends_to: Literal["other view", "both views", "joined channels"] = "other view",
    pooling: int | None = None,
    schedule: StepDecay = ONE_STEP,
) -> Recipe:
    """Both views of a study at once (Deep learning-based model)."""
    return pediurf(
        name,
        summary,
        ImageSelection(views=(View.FRONTAL, View.LATERAL), together=True),
        PairedResNet(
            model="resnet34",
            fusion=fusion,
            attention=64,
            hidden=64,
            dropout=0.0,
            attends_to=attends_to,
            pooling=pooling,
        ),
        claims,
        schedule=schedule,
        unstated=COMBINED,
    )


def baseline(name: str, title: str) -> Recipe:
    """A baseline of Table 2: it sees the two views mixed, as single images (Examples)."""
    return pediurf(
        name,
        f"{title}, a baseline of Table 2, on single images of either view.",
        ImageSelection(views=(View.FRONTAL, View.LATERAL), together=False),
        Standard(model=name, dropout=0.0),
        TABLE_2[name],
        unstated=MIXED,
    )


def mixed(mix: Literal["channels", "mean", "side by side"], words: str) -> Recipe:
    """ResNet34 on both views of a study as one picture: the other readings of "mixed"."""
    return pediurf(
        f"resnet34_{mix.replace(' ', '_')}",
        f"ResNet34, a baseline of Table 2, on both views of a study as one picture: {words}.",
        ImageSelection(views=(View.FRONTAL, View.LATERAL), together=True),
        MixedViews(model="resnet34", dropout=0.0, mix=mix),
        (),
        unstated=MIXED,
    )


def one_view(name: str, view: View) -> Recipe:
    """ResNet34 on one of the two views: what the second view adds, which the paper states without figures."""
    return pediurf(
        name,
        f"ResNet34 on {view} images alone.",
        ImageSelection(views=(view,), together=False),
        Standard(model="resnet34", dropout=0.0),
        (),
    )


BASELINES: Final = {
    "alexnet": "AlexNet",
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "resnet18": "ResNet18",
    "resnet34": "ResNet34",
    "resnet50": "ResNet50",
    "densenet121": "DenseNet121",
    "densenet169": "DenseNet169",
    "mobilenetv2_100": "MobileNetV2",
    "mobilenetv3_small_100": "MobileNetV3-Small",
    "efficientnet_b0": "EfficientNet-B0",
    "efficientnet_b1": "EfficientNet-B1",
    "vit_tiny_patch16_224": "ViT-Ti",
    "vit_small_patch16_224": "ViT-S",
    "vit_base_patch16_224": "ViT-B",
    "vit_large_patch16_224": "ViT-L",
    "deit_tiny_patch16_224": "DeiT-Ti",
    "deit_small_patch16_224": "DeiT-S",
    "deit_base_patch16_224": "DeiT-B",
    "efficientformer_l1": "EfficientFormer-L1",
    "efficientformer_l3": "EfficientFormer-L3",
}
"""The baselines of Table 2, as the paper writes them, in its order."""

NETWORKS: Final[tuple[Recipe, ...]] = (
    urfnet(
        "urfnet",
        "One ResNet34 for front and side view, and cross-attention between them.",
        "cross-attention",
        TABLE_2["urfnet"],
    ),
    urfnet(
        "urfnet_concatenation",
        "URFNet whose two views are only concatenated: the ablation of Table 3.",
        "concatenation",
        TABLE_3,
    ),
    *(baseline(name, title) for name, title in BASELINES.items()),
    mixed("channels", "frontal, lateral and their mean are its channels"),
    mixed("mean", "the mean of both"),
    mixed("side by side", "the frontal in the left half, the lateral in the right"),
    one_view("front", View.FRONTAL),
    one_view("side", View.LATERAL),
    urfnet(
        "urfnet_both_views",
        "URFNet whose queries, keys and values are made of the places of both views.",
        "cross-attention",
        (),
        attends_to="both views",
    ),
    urfnet(
        "urfnet_joined_channels",
        "URFNet whose queries, keys and values are made of the joined channels of both views.",
        "cross-attention",
        (),
        attends_to="joined channels",
    ),
    urfnet(
        "urfnet_pooled",
        "URFNet whose views are each pooled to one place before they attend to each other and to themselves.",
        "cross-attention",
        (),
        attends_to="both views",
        pooling=1,
    ),
    urfnet(
        "urfnet_smooth_rate",
        "URFNet whose learning rate falls in every epoch, to half after 100.",
        "cross-attention",
        (),
        schedule=SMOOTH,
    ),
)
"""In the order of Tables 2 and 3, and then what is in neither."""
