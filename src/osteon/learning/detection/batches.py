"""From decoded images to batches of images with their boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from osteon.core.errors import RecipeError
from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.learning.detection.boxes import CROWD, Truth
from osteon.learning.detection.policy import apply_policy
from osteon.learning.inputs.augment import augment
from osteon.learning.inputs.canvas import boxes_on_canvas, cache_preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import TrainingDataset, ValidationDataset
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.sampler import Draw
from osteon.learning.recipe import Detection, Recipe

STEP: Final = 32
"""Random sizes of the input are multiples of it."""

VISIBLE: Final = 0.3
"""Share of a box that must stay within the image for the rest of it to be learnt."""


class BoxedImage(NamedTuple):
    """One image with its boxes.

    Attributes:
        image: float32 (C, H, W), the network's input.
        boxes: float32 (n, 4), in pixels of it.
        classes: int64 (n,); ``CROWD`` for crowds.
    """

    image: Tensor
    boxes: Tensor
    classes: Tensor


class MarkedBoxes(NamedTuple):
    """Boxes that are marked in one image.

    Attributes:
        corners: float32 (n, 4), in pixels of a canvas.
        labels: int (n,), of the task.
        crowd: bool (n,), whether each stands for several findings.
    """

    corners: NDArray[np.float32]
    labels: NDArray[np.intp]
    crowd: NDArray[np.bool_]

    @property
    def classes(self) -> NDArray[np.intp]:
        """What is learnt of each: its label, or ``CROWD``."""
        return np.where(self.crowd, CROWD, self.labels)


class Batch(NamedTuple):
    """Some images.

    Attributes:
        image: float32 (N, C, H, W).
        truth: their boxes.
    """

    image: Tensor
    truth: Truth


class BoxBatches:
    """Makes batches of images."""

    def collate(self, examples: list[BoxedImage]) -> Batch:
        """Stack images; those with fewer boxes are filled up."""
        image = torch.stack([example.image for example in examples]).contiguous(memory_format=torch.channels_last)
        most = max([1, *(len(example.boxes) for example in examples)])
        boxes = torch.stack(
            [functional.pad(example.boxes, (0, 0, 0, most - len(example.boxes))) for example in examples]
        )
        classes = torch.stack(
            [functional.pad(example.classes, (0, most - len(example.classes)), value=-1) for example in examples]
        )
        return Batch(image, Truth(boxes, classes))


class TrainingBoxes(BoxBatches, TrainingDataset[BoxedImage]):
    """Training images with their boxes, augmented at random."""

    def __getitem__(self, draw: Draw) -> BoxedImage:
        image = int(self.cases.views[draw.case, 0])
        marked = _boxes_of(self.cases, self.cached, image, cache_preprocessing(self.recipe))
        boxes, classes = marked.corners, marked.classes
        canvas = self.cached.pixels[image]
        if (more := self.pasted(draw, canvas, boxes)) is not None:
            canvas, boxes, classes = more.canvas, more.box[None], np.zeros(1, np.intp)
        detection, random = detection_of(self.recipe), np.random.default_rng(draw.words)
        resized = random_size(self.preprocessing, detection, random)
        if detection.policy is not None:
            canvas, boxes = apply_policy(canvas, boxes, random)
            # What left the canvas is lost: a later change of scale must not bring back its box alone.
            shape = (canvas.shape[0], canvas.shape[1])
            boxes, kept = within(boxes, shape, detection.smallest, crowd=classes == CROWD)
            classes = classes[kept]
        pixels, moved = augment(canvas, boxes, resized, self.augmentation, random)
        clipped, kept = within(moved, (resized.height, resized.width), detection.smallest, crowd=classes == CROWD)
        return _boxed_image(pixels, clipped, classes[kept], self.preprocessing)


class ValidationBoxes(BoxBatches, ValidationDataset[BoxedImage]):
    """Validation images with their boxes, exactly as the inference pipeline prepares them."""

    def boxes(self, index: int) -> MarkedBoxes:
        """Boxes of an image in pixels of the input; its pixels are not read."""
        return _boxes_of(self.cases, self.cached, int(self.cases.views[index, 0]), self.preprocessing)

    def __getitem__(self, index: int) -> BoxedImage:
        marked = self.boxes(index)
        pixels = self.cached.pixels[int(self.cases.views[index, 0])].astype(np.float32) / np.float32(255.0)
        return _boxed_image(pixels, marked.corners, marked.classes, self.preprocessing)


def random_size(preprocessing: Preprocessing, detection: Detection, random: np.random.Generator) -> Preprocessing:
    """The size to which an image is scaled, chosen anew for each."""
    if detection.sides is None:
        return preprocessing
    low, high = detection.sides
    side = int(random.integers(low // STEP, high // STEP + 1)) * STEP
    return replace(preprocessing, height=side, width=side)


def within(
    boxes: NDArray[np.float32], shape: tuple[int, int], smallest: float, *, crowd: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The parts of boxes (n, 4) that lie within an image of a shape (H, W).

    Args:
        boxes: may reach beyond the image.
        shape: of the image.
        smallest: side below which nothing is left.
        crowd: bool (n,), which are crowds: of these any part is kept, since it still is one.

    Returns:
        Boxes (m, 4) cut to the image, and which of the n they are.
    """
    rows, columns = shape
    cut = np.clip(boxes, 0, np.array([columns, rows, columns, rows], np.float32))
    before = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6)
    sides = cut[:, 2:] - cut[:, :2]
    kept = (sides.min(1, initial=np.inf) >= smallest) & (crowd | (sides.clip(0).prod(1) >= VISIBLE * before))
    return cut[kept], kept


def detection_of(recipe: Recipe) -> Detection:
    """How a recipe learns boxes.

    Raises:
        RecipeError: it learns none.
    """
    if recipe.detection is None:
        raise RecipeError(f"the recipe {recipe.name} finds no boxes", expected="a detector's recipe")
    return recipe.detection


def _boxes_of(cases: Cases, cached: Canvases, image: int, preprocessing: Preprocessing) -> MarkedBoxes:
    """Boxes of an image in pixels of its canvas, without those that the task does not name."""
    labels = cases.kinds[image]
    named = labels >= 0
    corners = boxes_on_canvas(cases, cached, image, preprocessing)
    return MarkedBoxes(corners[named], labels[named], cases.crowds[image][named])


def _boxed_image(
    pixels: NDArray[np.float32], boxes: NDArray[np.float32], classes: NDArray[np.intp], preprocessing: Preprocessing
) -> BoxedImage:
    """An image on the network's canvas: a smaller one lies at the top left, a larger one is cut."""
    rows, columns, height, width = *pixels.shape, preprocessing.height, preprocessing.width
    if (rows, columns) != (height, width):
        canvas = np.zeros((height, width), np.float32)
        canvas[: min(rows, height), : min(columns, width)] = pixels[:height, :width]
        pixels = canvas
    image = torch.from_numpy(np.array(to_input(pixels, preprocessing)))
    return BoxedImage(image, torch.from_numpy(np.ascontiguousarray(boxes)), torch.from_numpy(classes.astype(np.int64)))
