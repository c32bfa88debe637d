"""From decoded films to batches of images with their boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader

from osteon.core.errors import RecipeError
from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.learning.classification.batches import boxes_on_canvas, cache_preprocessing
from osteon.learning.detection.boxes import Truth
from osteon.learning.detection.policy import apply_policy
from osteon.learning.inputs.augment import augment
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import Changing, Unchanged, drawn, in_order, shared
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.sampler import Draw
from osteon.learning.recipe import Detection, Recipe

STEP: Final = 32
"""Sides of drawn sizes are multiples of it."""

SEEN: Final = 0.3
"""Share of a box that a crop must leave over, for what is left to be learnt."""


class Film(NamedTuple):
    """One film.

    Attributes:
        image: float32 (C, H, W), the network's input.
        boxes: float32 (n, 4), in pixels of it.
        classes: int64 (n,).
    """

    image: Tensor
    boxes: Tensor
    classes: Tensor


class Batch(NamedTuple):
    """Some films.

    Attributes:
        image: float32 (N, C, H, W).
        truth: their boxes.
    """

    image: Tensor
    truth: Truth


class TrainingFilms(Changing[Film]):
    """Training films with their boxes, changed at random."""

    def __getitem__(self, draw: Draw) -> Film:
        film = int(self.cases.films[draw.case, 0])
        boxes, kinds = _marked(self.cases, self.cached, film, cache_preprocessing(self.recipe))
        canvas = self.cached.pixels[film]
        detection, random = detection_of(self.recipe), np.random.default_rng(draw.words)
        how = drawn_size(self.how, detection, random)
        if detection.policy is not None:
            canvas, boxes = apply_policy(canvas, boxes, random)
            # What left the canvas is lost: a later change of scale must not bring back its box alone.
            boxes, kept = within(boxes, (canvas.shape[0], canvas.shape[1]), detection.smallest)
            kinds = kinds[kept]
        pixels, moved = augment(canvas, boxes, how, self.what, random)
        clipped, kept = within(moved, (how.height, how.width), detection.smallest)
        return _film(pixels, clipped, kinds[kept], self.how)


class ValidationFilms(Unchanged[Film]):
    """Validation films with their boxes, exactly as the reader prepares them."""

    def marked(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Boxes (n, 4) in pixels of the input and labels (n,) that are marked in a film; its pixels are not touched."""
        return _marked(self.cases, self.cached, int(self.cases.films[index, 0]), self.how)

    def __getitem__(self, index: int) -> Film:
        boxes, kinds = self.marked(index)
        pixels = self.cached.pixels[int(self.cases.films[index, 0])].astype(np.float32) / np.float32(255.0)
        return _film(pixels, boxes, kinds, self.how)


def training_films(data: TrainingFilms, seed: int, phase: int) -> DataLoader[Film]:
    """Batches of changed films, see ``showing.drawn``."""
    return drawn(data, collate, seed, phase)


def validation_films(data: ValidationFilms, batch_size: int) -> DataLoader[Film]:
    """Batches of unchanged films, in order."""
    return in_order(data, collate, batch_size)


def dealt_films(data: ValidationFilms, batch_size: int) -> DataLoader[Film]:
    """As ``validation_films``, but of several processes each shows its part, see ``showing.shared``."""
    return shared(data, collate, batch_size)


def collate(films: list[Film]) -> Batch:
    """Stack films; those with fewer boxes are filled up."""
    image = torch.stack([film.image for film in films]).contiguous(memory_format=torch.channels_last)
    most = max([1, *(len(film.boxes) for film in films)])
    boxes = torch.stack([functional.pad(film.boxes, (0, 0, 0, most - len(film.boxes))) for film in films])
    classes = torch.stack([functional.pad(film.classes, (0, most - len(film.classes)), value=-1) for film in films])
    return Batch(image, Truth(boxes, classes))


def drawn_size(how: Preprocessing, detection: Detection, random: np.random.Generator) -> Preprocessing:
    """The size to which a film is scaled, drawn anew for each."""
    if detection.sides is None:
        return how
    low, high = detection.sides
    side = int(random.integers(low // STEP, high // STEP + 1)) * STEP
    return replace(how, height=side, width=side)


def within(
    boxes: NDArray[np.float32], shape: tuple[int, int], smallest: float
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """What an image of a shape (H, W) shows of boxes (n, 4).

    Args:
        boxes: may reach beyond the image.
        shape: of the image.
        smallest: side below which nothing is left.

    Returns:
        Boxes (m, 4) cut to the image, and which of the n they are.
    """
    rows, columns = shape
    cut = np.clip(boxes, 0, np.array([columns, rows, columns, rows], np.float32))
    before = np.maximum((boxes[:, 2:] - boxes[:, :2]).prod(1), 1e-6)
    sides = cut[:, 2:] - cut[:, :2]
    kept = (sides.min(1, initial=np.inf) >= smallest) & (sides.clip(0).prod(1) >= SEEN * before)
    return cut[kept], kept


def detection_of(recipe: Recipe) -> Detection:
    """How a recipe learns boxes.

    Raises:
        RecipeError: it learns none.
    """
    if recipe.detection is None:
        raise RecipeError(f"the recipe {recipe.name} finds no boxes", expected="a detector's recipe")
    return recipe.detection


def _marked(
    cases: Cases, cached: Canvases, film: int, how: Preprocessing
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Boxes (n, 4) of a film in pixels of its canvas, and their labels (n,); those that the task does not name are left out."""
    kinds = cases.kinds[film]
    named = kinds >= 0
    return boxes_on_canvas(cases, cached, film, how)[named], kinds[named]


def _film(pixels: NDArray[np.float32], boxes: NDArray[np.float32], kinds: NDArray[np.intp], how: Preprocessing) -> Film:
    """A film on the canvas of ``how``: what is smaller lies at the top left, what is larger is cut."""
    rows, columns = pixels.shape
    if (rows, columns) != (how.height, how.width):
        canvas = np.zeros((how.height, how.width), np.float32)
        canvas[: min(rows, how.height), : min(columns, how.width)] = pixels[: how.height, : how.width]
        pixels = canvas
    image = torch.from_numpy(np.array(to_input(pixels, how)))
    return Film(image, torch.from_numpy(np.ascontiguousarray(boxes)), torch.from_numpy(kinds.astype(np.int64)))
