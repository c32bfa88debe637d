"""URFNet and its 21 baselines on children's forearms: which third of ulna or radius is fractured.

Tang, Ou, Li, Xiong, Li, Liu, Liang, Zhao (2025), *A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures
Analysis*. Numbers carry the section or table that they come from; "Examples" is the section "Illustrative deep learning
examples".
"""

from __future__ import annotations

from math import log
from typing import Final, Literal

from osteon.core.labels import BodyPart, View
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Architecture,
    Augmentation,
    Budget,
    Change,
    Claim,
    Contrast,
    ImageSelection,
    Indicated,
    Loss,
    OperatingRule,
    Optimizer,
    PairedResNet,
    Paper,
    Phantoms,
    Phase,
    Recipe,
    Sampling,
    Selection,
    SplitRule,
    Standard,
    StepDecay,
    Task,
)
from osteon.learning.recipes.pediurf_table import TABLE
from osteon.learning.recipes.statements.pediurf import STATEMENTS

METRICS: Final = ("accuracy", "macro.precision", "macro.recall", "macro.f1_of_means")

F1: Final = (
    "The paper's F1 is the harmonic mean of its printed precision and recall (in all 23 rows, within 0.09 points), not the mean "
    "of the classes' F1: the former is compared, the latter shown beside it."
)


def figures_of(table: str, *figures: float) -> tuple[Claim, ...]:
    """A row of the paper's tables: accuracy, precision, recall and F1 in percent, each with its standard deviation."""
    pairs = zip(figures[::2], figures[1::2], strict=True)
    printed = tuple(
        Claim(
            f"classes.{metric}",
            round(value / 100, 6),
            round(spread / 100, 6),
            table,
            note=F1 if metric.endswith("f1_of_means") else "",
        )
        for metric, (value, spread) in zip(METRICS, pairs, strict=True)
    )
    return (*printed, Claim("classes.macro.f1", None, None, table))


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
        unstated=(
            "No validation part is named: a fifth of the training cases is held back to select the epoch by.",
            "Momentum of the optimiser: 0.9. Weight decay: none.",
            "Width of queries, keys and values, and of the hidden layer: 64 each, which gives the paper's 21.45 M parameters.",
            "Whether the places of the feature maps or their means are the tokens of the attention: the places.",
            "How images reach 224 x 224: stretched. Normalisation: the grey mean of ImageNet's.",
            "How precision and recall are averaged over the classes: macro.",
            (
                'A StepLR that "smoothly decays the learning rate to 0.0005 over 100 epochs": one step after 100 '
                "epochs, as a StepLR "
                "makes; the variant urfnet_smooth_rate lowers it in every epoch, which leads to 0.00025 after 200."
            ),
            *unstated,
        ),
        deviations=(
            "Saturation and hue are not changed: the images are grey, so these changes do nothing.",
            "Brightness and contrast factors are drawn evenly in their logarithm, and contrast is changed around mid grey.",
            "One mean and one deviation for all three channels, instead of ImageNet's three: the images are grey.",
        ),
    )


COMBINED: Final = (
    (
        'Queries, keys and values come "from the combined features": here the queries of a view from it, keys and '
        "values from the "
        'other, as "each view attends to the other"; the variants urfnet_both_views and urfnet_joined_channels make all three of '
        "both views."
    ),
    (
        "Adaptive pooling to a standard size: none, for at 224 x 224 the maps are 7 x 7 and pooling to that changes nothing; the "
        "variant urfnet_pooled pools each view to one place, as the ResNet itself does."
    ),
)

MIXED: Final = (
    (
        'The baselines "mix" the two views as their input: here each image is a case, of either view. Both pictures '
        "in one, or as "
        "channels of one, would be other readings, which are not offered: the paper does not say how the two would be "
        "put together."
    ),
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


def baseline(name: str, title: str, *figures: float) -> Recipe:
    """A baseline of Table 2: it sees the two views mixed, as single images (Examples)."""
    return pediurf(
        name,
        f"{title}, a baseline of Table 2, on single images of either view.",
        ImageSelection(views=(View.FRONTAL, View.LATERAL), together=False),
        Standard(model=name, dropout=0.0),
        figures_of("Table 2", *figures),
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


# Budgets of `osteon reproduce`.
SMALL: Final = Budget(
    name="small",
    variants=("urfnet", "urfnet_concatenation", "mobilenetv2_100", "front", "side"),
    seeds=(0, 1),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=900, size=160, seed=1, hidden=0.8),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=112",
                "preprocessing.width=112",
                "cache_side=128",
                "indicated.minimum_side=64",
            ),
            why="Small images: 112 x 112 in place of 224 x 224.",
        ),
        Change(
            variants=(),
            settings=(
                "phases.0.epochs=10",
                "sampling.batch_size=16",
                "optimizer.name=adamw",
                "optimizer.lr=7e-4",
                "optimizer.head_lr=1e-3",
                "optimizer.weight_decay=0.05",
                "optimizer.clip=1.0",
                'schedule={"rise": 0.1}',
                "averaging=0.95",
                "augmentation.flip_vertical=0",
            ),
            why="10 epochs in place of 200, by AdamW with averaged weights; no image is turned upside down.",
        ),
        Change(
            variants=("urfnet", "urfnet_concatenation", "front", "side"),
            settings=("architecture.model=mobilenetv2_100",),
            why="MobileNetV2 in place of ResNet34 as the backbone of URFNet and of the single views: a tenth of the operations.",
        ),
    ),
    resamples=2000,
    minutes=18.0,
)

FULL: Final = Budget(
    name="full",
    variants=(),
    seeds=(),
    phantoms=Phantoms(kind="forearm", layout="pediurf", cases=2000, size=512, seed=1, hidden=0.5),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="pediurf",
    title="A Comprehensive X-ray Dataset for Pediatric Ulna and Radius Fractures Analysis",
    variants=(
        urfnet(
            "urfnet",
            "One ResNet34 for front and side view, and cross-attention between them.",
            "cross-attention",
            figures_of("Table 2", 93.51, 0.33, 92.46, 0.81, 92.82, 0.40, 92.63, 0.47),
        ),
        urfnet(
            "urfnet_concatenation",
            "URFNet whose two views are only concatenated: the ablation of Table 3.",
            "concatenation",
            figures_of("Table 3", 93.22, 0.37, 92.42, 0.55, 92.08, 0.59, 92.25, 0.53),
        ),
        baseline("alexnet", "AlexNet", 73.43, 0.29, 75.20, 1.64, 51.93, 0.42, 61.43, 0.59),
        baseline("vgg16", "VGG16", 83.91, 1.24, 81.36, 1.66, 71.97, 2.89, 76.37, 2.25),
        baseline("vgg19", "VGG19", 85.09, 0.47, 82.29, 1.17, 74.09, 2.24, 77.95, 1.13),
        baseline("resnet18", "ResNet18", 80.27, 0.94, 82.12, 0.79, 62.82, 1.96, 71.18, 1.37),
        baseline("resnet34", "ResNet34", 85.01, 1.15, 84.14, 1.27, 74.75, 2.18, 79.16, 1.74),
        baseline("resnet50", "ResNet50", 67.13, 1.16, 47.09, 0.50, 37.86, 1.92, 41.95, 1.27),
        baseline("densenet121", "DenseNet121", 86.64, 0.64, 85.90, 0.92, 77.28, 1.87, 81.35, 1.21),
        baseline("densenet169", "DenseNet169", 64.61, 0.29, 37.92, 2.79, 34.15, 0.58, 35.91, 1.56),
        baseline("mobilenetv2_100", "MobileNetV2", 66.61, 0.50, 46.58, 0.76, 37.00, 0.70, 41.24, 0.67),
        baseline("mobilenetv3_small_100", "MobileNetV3-Small", 69.06, 1.07, 79.10, 1.18, 42.01, 1.65, 54.87, 1.65),
        baseline("efficientnet_b0", "EfficientNet-B0", 79.01, 1.64, 73.33, 2.73, 69.68, 2.24, 71.45, 2.42),
        baseline("efficientnet_b1", "EfficientNet-B1", 65.65, 1.13, 65.35, 4.30, 38.01, 2.56, 47.98, 2.19),
        baseline("vit_tiny_patch16_224", "ViT-Ti", 85.77, 0.83, 83.65, 0.98, 78.90, 1.64, 81.20, 1.27),
        baseline("vit_small_patch16_224", "ViT-S", 88.22, 0.45, 87.15, 0.34, 83.08, 1.30, 85.06, 0.74),
        baseline("vit_base_patch16_224", "ViT-B", 88.14, 1.54, 86.20, 1.32, 83.06, 3.34, 84.60, 2.37),
        baseline("vit_large_patch16_224", "ViT-L", 89.25, 1.34, 87.30, 1.11, 85.24, 2.85, 86.25, 1.90),
        baseline("deit_tiny_patch16_224", "DeiT-Ti", 83.58, 1.92, 81.41, 2.05, 72.86, 4.33, 76.88, 3.33),
        baseline("deit_small_patch16_224", "DeiT-S", 84.61, 2.10, 83.02, 3.50, 75.49, 3.56, 79.07, 3.51),
        baseline("deit_base_patch16_224", "DeiT-B", 85.53, 0.73, 85.90, 0.77, 74.39, 1.19, 79.73, 0.91),
        baseline("efficientformer_l1", "EfficientFormer-L1", 66.74, 0.97, 76.50, 1.44, 38.25, 1.65, 51.00, 1.76),
        baseline("efficientformer_l3", "EfficientFormer-L3", 66.99, 0.62, 44.22, 0.87, 38.27, 1.02, 41.03, 0.90),
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
    ),
    contrasts=(
        Contrast(
            question="Do two views together tell more than the best network that is shown both, one at a time?",
            first="urfnet",
            others=("mobilenetv2_100", "resnet34", "densenet121", "vit_small_patch16_224"),
            averaged=False,
        ),
        Contrast(
            question="Do they tell more than averaging the probabilities of the best such network over the views?",
            first="urfnet",
            others=("mobilenetv2_100", "resnet34", "densenet121", "vit_small_patch16_224"),
            averaged=True,
        ),
        Contrast(
            question="Does the lateral view add to the frontal?", first="urfnet", others=("front",), averaged=False
        ),
        Contrast(
            question="Does the frontal view add to the lateral?", first="urfnet", others=("side",), averaged=False
        ),
        Contrast(
            question="Does cross-attention tell more than concatenation (Table 3)?",
            first="urfnet",
            others=("urfnet_concatenation",),
            averaged=False,
        ),
    ),
    budgets=(SMALL, FULL, TABLE),
    space=None,
    statements=STATEMENTS,
)
