"""What a recipe says of learning: loss, optimiser, schedule, phases, selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from osteon.learning.recipe.data import Augmentation
from osteon.learning.recipe.ranges import (
    Between,
    Count,
    Fraction,
    Index,
    NotNegative,
    Positive,
    Share,
    Side,
    SomeShare,
)


@dataclass(frozen=True, slots=True)
class Loss:
    """What is minimised.

    Attributes:
        label_smoothing: taken from the true label and spread.
        l2: added for the squared weights of the head's dense layers (Keras's ``kernel_regularizer``).
        box_weight: weight of the focal loss of the map against the boxes; 0 where the network has no map or the data no
            boxes.
        focal_gamma: exponent of that focal loss (Lin et al. 2017).
        consistency: weight of the squared difference between the probabilities of an image and of a copy that is mirrored, turned
            or squeezed; 0 looks at no copy, which halves the time of a step.
        teacher: share of a teacher's probability in what an image is to be called; the rest is its label.
    """

    label_smoothing: Fraction
    l2: NotNegative
    box_weight: NotNegative
    focal_gamma: NotNegative
    consistency: NotNegative = 0.0
    teacher: Share = 0.0


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How weights move.

    Attributes:
        name: ``sgd``, ``adam`` or ``adamw``.
        lr: peak learning rate of the backbone.
        head_lr: peak learning rate of the new layers.
        momentum: of sgd only.
        weight_decay: decoupled for adamw, added to the gradient for sgd; adam has none.
        clip: limit of the gradient; None does not clip.
        clip_by: what is limited: the ``norm`` of the gradient of all weights, or the ``value`` of each, as Detectron2 does by
            default.
    """

    name: Literal["sgd", "adam", "adamw"]
    lr: Positive
    head_lr: Positive
    momentum: Fraction
    weight_decay: NotNegative
    clip: Positive | None
    clip_by: Literal["norm", "value"] = "norm"


@dataclass(frozen=True, slots=True)
class OneCycle:
    """Warm up, then cosine decay to zero, over each phase (Smith & Topin 2018).

    Attributes:
        warm_up: share of the phase's steps.
    """

    warm_up: Between


@dataclass(frozen=True, slots=True)
class ReduceOnPlateau:
    """Multiply the learning rate when the monitored figure stops improving.

    Attributes:
        factor: of the reduction.
        patience: epochs without improvement.
    """

    factor: Between
    patience: Index


@dataclass(frozen=True, slots=True)
class StepDecay:
    """Multiply the learning rate after every so many epochs.

    Attributes:
        every: epochs.
        factor: of the reduction.
    """

    every: Count
    factor: SomeShare


@dataclass(frozen=True, slots=True)
class Milestones:
    """Multiply the learning rate at some steps of each phase, after a warm-up, as Detectron2 does.

    Attributes:
        shares: of the phase's steps, after each of which it is multiplied.
        factor: of each.
        warm_up: first steps, over which the rate rises in a straight line from a thousandth; 0 has none.
    """

    shares: Annotated[tuple[Between, ...], Field(min_length=1)]
    factor: SomeShare
    warm_up: Index


@dataclass(frozen=True, slots=True)
class LinearDecay:
    """From the peak down to zero in a straight line over each phase, after a warm-up.

    Attributes:
        rise: share of the phase's steps that warm up.
    """

    rise: Fraction


@dataclass(frozen=True, slots=True)
class Constant:
    """The learning rate stays as it is."""


Schedule = OneCycle | ReduceOnPlateau | StepDecay | Milestones | LinearDecay | Constant


@dataclass(frozen=True, slots=True)
class Pretraining:
    """Self-supervised learning before the first phase: two crops of an image are recognised among crops of others (SimCLR).

    Attributes:
        epochs: over the images of the training part.
        batch_size: images in a step.
        lr: peak learning rate of SGD; it falls to zero by a cosine.
        momentum: of SGD.
        weight_decay: of SGD.
        temperature: of the loss (NT-Xent).
        smallest_crop: smallest share of the image's area in a crop.
        rotation_share: share of crops rotated by 90, 180 or 270 degrees.
        flip_share: share of crops mirrored, along each axis.
        projected: width of what the loss compares; None takes that of the embedding.
    """

    epochs: Count
    batch_size: Annotated[int, Field(ge=2)]
    lr: Positive
    momentum: Fraction
    weight_decay: NotNegative
    temperature: Positive
    smallest_crop: SomeShare
    rotation_share: Share
    flip_share: Share
    projected: Count | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training with one set of trainable layers.

    Attributes:
        name: for logs and folders.
        epochs: at most.
        trainable: ``head``; ``last 30`` layers of the backbone, counted as Keras counts them, and the head; or ``all``.
        side: of the square input in this phase, in pixels; None takes that of the preprocessing. Validation always sees
            the preprocessing of the bundle.
        rate: factor of the optimiser's learning rates.
        augmentation: of this phase; None takes that of the recipe.
        start: name of the phase whose selected weights it starts from; None goes on from the one before.
        int8: quantisation-aware training, for an INT8 export (``osteon export --int8``).
    """

    name: str
    epochs: Count
    trainable: Literal["head", "last 30", "all"]
    side: Side | None
    rate: Positive
    augmentation: Augmentation | None
    start: str | None
    int8: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which epoch is kept; always by the validation part.

    Attributes:
        metric: ``val_auroc``, ``val_average_precision``, ``val_accuracy`` or ``val_loss``; of boxes ``val_map50``, ``val_map``
            or ``val_froc``, the mean sensitivity at several rates of false alarms.
        mode: whether more or less is better.
        patience: epochs without improvement after which a phase ends; None trains to the end.
        keep: ``best`` keeps the best epoch by the metric; ``last`` the last one, whose metric is written down all the same.
    """

    metric: Literal[
        "val_auroc", "val_average_precision", "val_accuracy", "val_loss", "val_map50", "val_map", "val_froc"
    ]
    mode: Literal["max", "min"]
    patience: Index | None
    keep: Literal["best", "last"] = "best"
