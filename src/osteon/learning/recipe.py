"""What a recipe is: frozen records, one for each decision that moves a result.

A recipe has no defaults behind it, inherits from nothing and is merged with nothing: what stands in its file is what runs.
``osteon.learning.settings`` changes a leaf of it for ``--set``, and the run keeps the changed recipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from osteon.core.errors import RecipeError
from osteon.core.labels import BodyPart
from osteon.imaging.preprocess import Preprocessing

STRIDE: Final = 32
"""Of the trunk's last features, in pixels of the input."""


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How the cases are divided where the dataset brings no split of its own.

    Attributes:
        fractions: share of each part, by name.
        group: what is never divided: ``cluster`` of near duplicates, ``patient`` or ``study``.
        stratify: columns whose mix is kept alike in all parts.
        seed: of the split; not of the run, so that all seeds of a recipe are measured on the same test cases.
    """

    train: float
    val: float
    test: float
    group: str
    stratify: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Task:
    """What is predicted.

    Attributes:
        labels: outputs of the network, in order.
        positive: labels that count as a fracture.
        activation: ``sigmoid`` for one output per label, ``softmax`` where exactly one label holds.
    """

    labels: tuple[str, ...]
    positive: tuple[str, ...]
    activation: Literal["sigmoid", "softmax"]


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of a training image. Ranges are symmetric and uniform; a share of 0 turns a change off.

    Attributes:
        rotation: degrees, to both sides.
        zoom: natural logarithm of the scale, to both sides.
        shift: of the image's side, to both sides and along both axes.
        shear: of the image's side, to both sides.
        flip_horizontal: share of images flipped left to right.
        flip_vertical: share of images flipped upside down.
        brightness: added to pixels in [0, 1], to both sides.
        contrast: natural logarithm of the factor around mid grey, to both sides.
        gamma: natural logarithm of the exponent, to both sides.
        blur_share: share of images blurred.
        blur: largest standard deviation of the blur, in pixels of the input.
        noise_share: share of images with added noise.
        noise: largest standard deviation of the noise, in [0, 1].
    """

    rotation: float
    zoom: float
    shift: float
    shear: float
    flip_horizontal: float
    flip_vertical: float
    brightness: float
    contrast: float
    gamma: float
    blur_share: float
    blur: float
    noise_share: float
    noise: float


@dataclass(frozen=True, slots=True)
class MobileNetClassifier:
    """MobileNetV2 with a dense head on the pooled features.

    Attributes:
        width: the width multiplier.
        hidden: units of the hidden dense layer.
        dropout_first: before the hidden layer.
        dropout_second: before the output layer.
    """

    width: float
    hidden: int
    dropout_first: float
    dropout_second: float


@dataclass(frozen=True, slots=True)
class MobileNetLocator:
    """MobileNetV2 with a fused head at stride 16 that says where and whether; see ``models/locator.py``.

    Attributes:
        width: the width multiplier.
        fusion: channels in which strides 16 and 32 are added.
        features: channels of the last features, on which maps and logits rest.
        dropout: on the pooled features of the global branch.
    """

    width: float
    fusion: int
    features: int
    dropout: float


Architecture = MobileNetClassifier | MobileNetLocator


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which cases an epoch shows.

    Attributes:
        batch_size: images in a step.
        images_per_epoch: images drawn in an epoch; None shows each training image once.
        positive_share: share of positives among them; None leaves the share of the data.
    """

    batch_size: int
    images_per_epoch: int | None
    positive_share: float | None


@dataclass(frozen=True, slots=True)
class Loss:
    """What is minimised.

    Attributes:
        label_smoothing: taken from the true label and spread.
        l2: added for the squared weights of the head's dense layers (Keras's ``kernel_regularizer``).
        box_weight: weight of the focal loss of the map against the boxes; 0 where the network has no map or the data no
            boxes.
        focal_gamma: exponent of that focal loss (Lin et al. 2017).
    """

    label_smoothing: float
    l2: float
    box_weight: float
    focal_gamma: float


@dataclass(frozen=True, slots=True)
class Optimizer:
    """How weights move.

    Attributes:
        name: ``adam`` or ``adamw``.
        lr: peak learning rate of the backbone.
        head_lr: peak learning rate of the new layers.
        weight_decay: decoupled; of adamw only.
        clip: largest norm of the gradient; None does not clip.
    """

    name: Literal["adam", "adamw"]
    lr: float
    head_lr: float
    weight_decay: float
    clip: float | None


@dataclass(frozen=True, slots=True)
class OneCycle:
    """Warm up, then cosine decay to zero, over each phase (Smith & Topin 2018).

    Attributes:
        warm_up: share of the phase's steps.
    """

    warm_up: float


@dataclass(frozen=True, slots=True)
class ReduceOnPlateau:
    """Multiply the learning rate where the monitored figure stands still.

    Attributes:
        factor: of the reduction.
        patience: epochs without improvement.
    """

    factor: float
    patience: int


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
    """

    name: str
    epochs: int
    trainable: Literal["head", "last 30", "all"]
    side: int | None
    rate: float


@dataclass(frozen=True, slots=True)
class Selection:
    """Which epoch is kept; always by the validation part.

    Attributes:
        metric: ``val_auroc``, ``val_average_precision``, ``val_accuracy`` or ``val_loss``.
        mode: whether more or less is better.
        patience: epochs without improvement after which a phase ends; None trains to the end.
    """

    metric: Literal["val_auroc", "val_average_precision", "val_accuracy", "val_loss"]
    mode: Literal["max", "min"]
    patience: int | None


@dataclass(frozen=True, slots=True)
class OperatingRule:
    """How the two operating points are fixed on validation data.

    Attributes:
        doubt_sensitivity: the highest threshold that keeps this sensitivity.
        definite_specificity: the lowest threshold that keeps this specificity.
    """

    doubt_sensitivity: float
    definite_specificity: float


@dataclass(frozen=True, slots=True)
class Indicated:
    """What a bundle of this recipe may read, and for whom it is.

    Attributes:
        body_parts: regions that the training data show.
        minimum_age: years.
        maximum_age: years.
        minimum_side: pixels; a film with a shorter side is refused.
        novelty_share: share of validation films that the refusal of strange pictures may cost; 0 refuses none.
        intended_use: one sentence.
        not_for: who should not use it, and for what.
        limits: what is known to go wrong or is not known, for the model card.
    """

    body_parts: tuple[BodyPart, ...]
    minimum_age: float
    maximum_age: float
    minimum_side: int
    novelty_share: float
    intended_use: str
    not_for: tuple[str, ...]
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure that the paper states.

    Attributes:
        metric: its name in ``osteon evaluate``.
        value: as printed there, as a fraction.
        where: table, row, section.
    """

    metric: str
    value: float
    where: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that moves a result, beside the data.

    Attributes:
        name: what ``osteon train`` calls it.
        summary: one sentence.
        source: the paper, or who made it.
        dataset: the reader in ``osteon.data.datasets``.
        split: the split rule.
        task: what is predicted.
        preprocessing: travels in the bundle.
        cache_side: side of the square canvas on which decoded images are kept, in pixels.
        augmentation: of training images.
        architecture: of the network.
        sampling: of an epoch.
        loss: what is minimised.
        optimizer: how.
        schedule: of the learning rate.
        phases: one after the other; each starts from the selected weights of the one before.
        averaging: decay of the moving average of the weights; None uses the weights themselves.
        selection: which epoch is kept.
        operating: the two thresholds.
        indicated: what a bundle of it may read.
        precision: Lightning's name of the arithmetic.
        seed: of the run, unless told otherwise.
        claims: the paper's figures.
        unstated: what the paper leaves out, and what we chose.
        deviations: where we depart, and why.
    """

    name: str
    summary: str
    source: str
    dataset: str
    split: SplitRule
    task: Task
    preprocessing: Preprocessing
    cache_side: int
    augmentation: Augmentation
    architecture: Architecture
    sampling: Sampling
    loss: Loss
    optimizer: Optimizer
    schedule: OneCycle | ReduceOnPlateau
    phases: tuple[Phase, ...]
    averaging: float | None
    selection: Selection
    operating: OperatingRule
    indicated: Indicated
    precision: Literal["32-true", "bf16-mixed"]
    seed: int
    claims: tuple[Claim, ...]
    unstated: tuple[str, ...]
    deviations: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check that the network can take its input.

        Raises:
            RecipeError: a locator's input has a side that is no multiple of 32, so that its two strides would not meet.
        """
        if not isinstance(self.architecture, MobileNetLocator):
            return
        sides = [
            self.preprocessing.height,
            self.preprocessing.width,
            *(phase.side for phase in self.phases if phase.side),
        ]
        odd = [side for side in sides if side % STRIDE]
        if odd:
            raise RecipeError(
                "the locator cannot take this input", expected=f"sides that are multiples of {STRIDE}", got=str(odd[0])
            )
