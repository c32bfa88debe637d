"""What a recipe says of its data: split, images, task, augmentation, sampling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from osteon.core.errors import RecipeError
from osteon.core.labels import View
from osteon.learning.recipe.ranges import Angle, Count, Factor, Index, Logarithm, NotNegative, Quality, Share

Activation = Literal["sigmoid", "softmax", "boxes"]
PartName = Literal["train", "val", "test"]


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How the cases are divided where the dataset has no split of its own.

    Attributes:
        train: share of the cases to learn from.
        val: share to select by.
        test: share to measure on.
        group: what is never divided: ``cluster`` of near duplicates, ``patient``, ``study``, ``run`` of image numbers,
            ``lookalike``, or several of them, which are joined. The last two only of datasets whose card names them.
        stratify: columns whose mix is kept alike in all parts.
        keep: parts of the publisher's split that stay as they are; the rest is divided in the proportion of its fractions.
            Where all three are kept, ``unlisted`` says what becomes of images that the publisher lists in none of them.
        seed: of the split; not of the run, so that all seeds of a recipe are measured on the same test cases.
        kept: name of a split that was made by this rule once and comes with Osteon: its images stay in their parts, so
            that figures can be compared between versions. None makes a new split.
        lists: which of the publisher's lists are the training, the validation and the test part, where all three are kept.
        unlisted: whether images in none of the lists are divided by the three shares, where all three are kept; otherwise they
            are left out.
    """

    train: Share
    val: Share
    test: Share
    group: tuple[Literal["patient", "study", "cluster", "run", "lookalike"], ...]
    stratify: tuple[str, ...]
    keep: tuple[PartName, ...]
    seed: Index
    kept: str | None
    lists: tuple[PartName, PartName, PartName] = ("train", "val", "test")
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class ImageSelection:
    """Which images the network is shown, and how many at once.

    Attributes:
        views: that are used, in this order; empty uses images of any view, also of an unknown one.
        together: a case is a study with one image of each view, which the network sees at once; else each image is a case.
    """

    views: tuple[View, ...]
    together: bool

    @property
    def per_case(self) -> int:
        """Number of images that the network sees at once."""
        return len(self.views) if self.together else 1


@dataclass(frozen=True, slots=True)
class Task:
    """What is predicted.

    Attributes:
        labels: outputs of the network, in order.
        positive: labels that count as a fracture.
        activation: ``sigmoid`` for one output per label, ``softmax`` where exactly one label holds, ``boxes`` for a detector.
    """

    labels: Annotated[tuple[str, ...], Field(min_length=1)]
    positive: Annotated[tuple[str, ...], Field(min_length=1)]
    activation: Activation

    @property
    def assumes_fracture(self) -> bool:
        """Whether one of the labels always holds and all of them are positive: the question is which, not whether."""
        return self.activation == "softmax" and set(self.positive) == set(self.labels)

    @property
    def shares(self) -> Literal["sigmoid", "softmax"]:
        """What turns logits of images into probabilities.

        Raises:
            RecipeError: the task is to find boxes.
        """
        if self.activation == "boxes":
            raise RecipeError("boxes have no activation of images", expected="a classifier's recipe")
        return self.activation


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
        tone_share: share of images whose grey levels change by the next four.
        gain: natural logarithm of the factor of all grey levels, to both sides.
        brightness: added to pixels in [0, 1], to both sides.
        contrast: natural logarithm of the factor around mid grey, to both sides.
        gamma: natural logarithm of the exponent, to both sides.
        blur_share: share of images blurred.
        blur: largest standard deviation of the blur, in pixels of the input.
        noise_share: share of images with added noise.
        noise: largest standard deviation of the noise, in [0, 1].
        shrink_share: share of images made smaller and enlarged again.
        shrink: largest factor by which they are made smaller.
        jpeg_share: share of images compressed as JPEG.
        jpeg: lowest quality of that, 1 to 100; the highest is 95.
        even_factors: whether the factors of zoom, gain and contrast are themselves uniform, from 2 - f to f with f the largest
            factor, and zoom is drawn for each axis and divides, as in Keras and torchvision. Otherwise their logarithm is
            uniform, and one zoom holds for both axes.
        aspect: natural logarithm of width over height, to both sides: images squeezed and stretched.
        turn_share: share of images turned by a quarter, a half or three quarters.
    """

    rotation: Angle
    zoom: Logarithm
    shift: Share
    shear: Share
    flip_horizontal: Share
    flip_vertical: Share
    tone_share: Share
    gain: Logarithm
    brightness: Share
    contrast: Logarithm
    gamma: Logarithm
    blur_share: Share
    blur: NotNegative
    noise_share: Share
    noise: Share
    shrink_share: Share
    shrink: Factor
    jpeg_share: Share
    jpeg: Quality
    even_factors: bool = False
    aspect: Logarithm = 0.0
    turn_share: Share = 0.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which cases an epoch shows.

    Attributes:
        batch_size: images in a step.
        images_per_epoch: images sampled in an epoch; None shows each training image once.
        positive_share: share of positives among them; None leaves the share of the data.
        hard_share: share of the negatives that are taken from the tenth of them that a teacher called most likely positive.
        paste_share: share of images without a box into which a finding of another image is pasted (``inputs/paste.py``).
    """

    batch_size: Count
    images_per_epoch: Count | None
    positive_share: Share | None
    hard_share: Share = 0.0
    paste_share: Share = 0.0
