"""MobileNetV2 on elbow radiographs, in two phases of fine-tuning.

Paradava, Jain, Patania, Patel (2025), *Real-Time Bone Fracture Detection Using MobileNetV2 and Explainable AI for Clinical
Integration*. Numbers carry the section or table that they come from. Its figures, what it leaves open and every other number
of it stand in ``statements/mobilenet_elbow.py``.
"""

from __future__ import annotations

from math import log
from typing import Final

from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing
from osteon.learning.recipe import (
    Augmentation,
    Budget,
    Change,
    Choices,
    Claim,
    Contrast,
    ImageSelection,
    Indicated,
    Loss,
    MobileNetClassifier,
    OperatingRule,
    Optimizer,
    Paper,
    Phantoms,
    Phase,
    Recipe,
    ReduceOnPlateau,
    Sampling,
    Selection,
    Space,
    SplitRule,
    Task,
)
from osteon.learning.recipes.statements.mobilenet_elbow import CLAIMS, DEVIATIONS, STATEMENTS, UNSTATED

LABELS: Final = ("no fracture", "fracture")

TWO_PHASES: Final = (
    # III.D: the base frozen
    Phase(name="frozen", epochs=5, trainable="head", side=None, rate=1.0, augmentation=None, start=None),
    # III.D, Table II; III.F: up to 20 epochs in all
    Phase(name="fine-tuning", epochs=15, trainable="last 30", side=None, rate=1.0, augmentation=None, start=None),
)

ONE_PHASE: Final = (Phase(name="all", epochs=20, trainable="all", side=None, rate=1.0, augmentation=None, start=None),)


def elbow(
    name: str,
    summary: str,
    *,
    width: float,
    labels: tuple[str, ...],
    stratify: tuple[str, ...],
    phases: tuple[Phase, ...],
    claims: tuple[Claim, ...] = (),
    as_keras: bool = False,
) -> Recipe:
    """The paper's network and training. The first label is "no fracture", the others are positive."""
    return Recipe(
        name=name,
        summary=summary,
        source="Paradava et al. 2025, Real-Time Bone Fracture Detection Using MobileNetV2 and Explainable AI",
        dataset="elbow",
        split=SplitRule(
            train=0.70,
            val=0.15,
            test=0.15,
            group=("cluster",),
            stratify=stratify,
            keep=(),
            seed=0,
            kept=None,
        ),  # III.A
        images=ImageSelection(views=(), together=False),
        task=Task(labels=labels, positive=labels[1:], activation="softmax"),  # III.D: binary head
        preprocessing=Preprocessing(height=224, width=224, fit="stretch", channels=3, mean=0.0, std=1.0),  # III.B
        cache_side=256,
        augmentation=Augmentation(
            rotation=20.0,  # III.A
            zoom=log(1.2),  # III.A: up to 20 %
            shift=0.2,  # III.A
            shear=0.0,
            flip_horizontal=0.5,  # III.A: horizontal and vertical
            flip_vertical=0.5,
            tone_share=1.0,
            gain=log(1.2) if as_keras else 0.0,
            brightness=0.0 if as_keras else 0.2,  # III.A
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
            even_factors=as_keras,
        ),
        architecture=MobileNetClassifier(
            width=width,  # Table II: 0.75
            hidden=128,
            dropout_first=0.7,  # III.D, Table III
            dropout_second=0.5,
        ),
        sampling=Sampling(batch_size=64, images_per_epoch=None, positive_share=None),  # Table III
        loss=Loss(label_smoothing=0.0, l2=0.01, box_weight=0.0, focal_gamma=0.0),  # Table III
        detection=None,
        optimizer=Optimizer(
            name="adam", lr=1e-4, head_lr=1e-4, momentum=0.0, weight_decay=0.0, clip=None
        ),  # III.D, Table III
        schedule=ReduceOnPlateau(factor=0.2, patience=2 if as_keras else 3),  # III.F
        pretraining=None,
        phases=phases,
        soup=(),
        mirrored=False,
        averaging=None,
        selection=Selection(metric="val_accuracy", mode="max", patience=5),  # III.F
        operating=OperatingRule(doubt_sensitivity=0.95, definite_specificity=0.95),
        indicated=Indicated(
            body_parts=(BodyPart.ELBOW, BodyPart.HAND, BodyPart.SHOULDER),  # III.A: regions of the public source
            minimum_age=1.0,
            maximum_age=110.0,
            minimum_side=112,
            novelty_share=0.0,
            intended_use="Research: the network of the paper, to compare with.",
            not_for=("Decisions on patients: it was never tried in a clinic and is no medical device.",),
            limits=(
                "What the folder of classes holds is the user's: nothing is known here of its patients or devices.",
            ),
        ),
        precision="32-true",
        seeds=(0, 1, 2, 3, 4),
        claims=claims,
        unstated=UNSTATED,
        deviations=DEVIATIONS,
    )


RECIPE: Final = elbow(
    "mobilenet_elbow",
    "MobileNetV2 of width 0.75, two-phase fine-tuning, as a web page for elbow radiographs uses it.",
    width=0.75,
    labels=LABELS,
    stratify=("label_fracture",),
    phases=TWO_PHASES,
    claims=CLAIMS,
)


def of_width(name: str, width: float) -> Recipe:
    """Another width multiplier of the search (Table III)."""
    return elbow(
        f"mobilenet_elbow/{name}",
        f"The same network at width {width:g}, one of those that the paper tried.",
        width=width,
        labels=LABELS,
        stratify=("label_fracture",),
        phases=TWO_PHASES,
    )


VARIANTS: Final = (
    RECIPE,
    of_width("width_035", 0.35),
    of_width("width_050", 0.5),
    of_width("width_100", 1.0),
    elbow(
        "mobilenet_elbow/three_classes",
        "The same network for normal, hairline and displaced (III.A).",
        width=0.75,
        labels=("no fracture", "hairline", "displaced"),
        stratify=("label_hairline", "label_displaced"),
        phases=TWO_PHASES,
    ),
    elbow(
        "mobilenet_elbow/keras",
        "The same network with brightness, zoom and the patience of the learning rate as Keras has them.",
        width=0.75,
        labels=LABELS,
        stratify=("label_fracture",),
        phases=TWO_PHASES,
        as_keras=True,
    ),
    elbow(
        "mobilenet_elbow/one_phase",
        "The same network with all layers trained at once: what the two phases add.",
        width=0.75,
        labels=LABELS,
        stratify=("label_fracture",),
        phases=ONE_PHASE,
    ),
)

SPACE: Final = Space(
    axes=(
        # One rate for all layers, as the paper has it.
        Choices(keys=("optimizer.lr", "optimizer.head_lr"), values=(0.1, 0.01, 0.001, 0.0001)),
        Choices(keys=("sampling.batch_size",), values=(32, 64, 128)),
        Choices(keys=("architecture.dropout_first",), values=(0.3, 0.5, 0.7)),
        Choices(keys=("architecture.dropout_second",), values=(0.3, 0.5, 0.7)),
        Choices(keys=("loss.l2",), values=(0.1, 0.01, 0.001)),
        Choices(keys=("architecture.width",), values=(0.35, 0.5, 0.75, 1.0)),
    ),
    source="Table III of the paper (III.E): 1,296 points",
)

# Budgets of `osteon reproduce`.
SMALL: Final = Budget(
    name="small",
    variants=("mobilenet_elbow", "one_phase"),
    seeds=(0, 1),
    phantoms=Phantoms(kind="elbow", layout="elbow", cases=900, size=192, seed=1, hidden=0.0),
    changes=(
        Change(
            variants=(),
            settings=(
                "preprocessing.height=160",
                "preprocessing.width=160",
                "cache_side=176",
                "indicated.minimum_side=64",
            ),
            why="Small images: 160 x 160 in place of 224 x 224.",
        ),
        Change(
            variants=(),
            settings=("architecture.width=1.0",),
            why="Width 1 in place of 0.75: ImageNet weights are published for it, without which no base can be frozen.",
        ),
        Change(
            variants=(),
            settings=(
                "sampling.batch_size=16",
                "optimizer.lr=5e-4",
                "optimizer.head_lr=2e-3",
                "loss.l2=0.001",
                "augmentation.rotation=10",
                "augmentation.zoom=0.1",
                "augmentation.shift=0.05",
                "architecture.dropout_first=0.3",
                "architecture.dropout_second=0.2",
            ),
            why="Higher rate, less augmentation, dropout and weight decay: there are few steps and few images.",
        ),
        Change(
            variants=(),
            settings=(
                "sampling.positive_share=0.5",
                "selection.metric=val_auroc",
                "selection.patience=null",
                'schedule={"warm_up": 0.1}',
            ),
            why=(
                "Two of three phantoms show a fracture: accuracy stays at calling all positive, and the paper's rules for "
                "stopping and for the rate, which watch it, would end the training before it has learnt anything."
            ),
        ),
        Change(
            variants=("mobilenet_elbow", "width_035", "width_050", "width_100", "three_classes"),
            settings=("phases.0.epochs=3", "phases.1.epochs=15"),
            why="3 and 15 epochs in place of 5 and 15.",
        ),
        Change(variants=("one_phase",), settings=("phases.0.epochs=18",), why="18 epochs in place of 20."),
    ),
    resamples=2000,
    minutes=10.0,
)

FULL: Final = Budget(
    name="full",
    variants=(),
    seeds=(),
    phantoms=Phantoms(kind="elbow", layout="elbow", cases=3000, size=512, seed=1, hidden=0.0),
    changes=(),
    resamples=10_000,
    minutes=None,
)

PAPER: Final = Paper(
    name="mobilenet_elbow",
    title="Real-Time Bone Fracture Detection Using MobileNetV2 and Explainable AI for Clinical Integration",
    variants=VARIANTS,
    contrasts=(
        Contrast(
            question="Do two phases do better than one (III.D)?",
            first="mobilenet_elbow",
            others=("one_phase",),
            averaged=False,
        ),
    ),
    budgets=(SMALL, FULL),
    space=SPACE,
    statements=STATEMENTS,
)
