"""From decoded images to batches of a classifier: how each image is changed, and what is true of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader

from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.imaging.preprocess import place_on_canvas as put
from osteon.learning.inputs.augment import augment, places
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import Changing, Unchanged, drawn, in_order, shared
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.inputs.sampler import Draw
from osteon.learning.recipe import Phase, Recipe

STRIDE: Final = 16
"""Distance of two places of a network's local logits, in pixels of its input."""


class Example(NamedTuple):
    """One case, or a batch of them.

    Attributes:
        image: float32 (C, H, W), the network's input; (V, C, H, W) where it sees several films at once.
        target: float32 (labels,) of 1 and 0, NaN where unknown.
        places: float32 (h, w) of 0 and 1, where the boxes of the first film are.
        placed: whether ``places`` is known: the film has boxes or the case no positive label.
    """

    image: Tensor
    target: Tensor
    places: Tensor
    placed: Tensor


class TrainingSet(Changing[Example]):
    """Training images, changed at random."""

    def __getitem__(self, draw: Draw) -> Example:
        changed: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        for film in self.cases.films[draw.case]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(film), cache_preprocessing(self.recipe))
            # All films of a case are changed alike: the same words give the same changes.
            random = np.random.default_rng(draw.words)
            changed.append(augment(self.cached.pixels[film], boxes, self.how, self.what, random))
        return _example(changed, self.cases, draw.case, self.how)


class ValidationSet(Unchanged[Example]):
    """Validation images, exactly as the reader prepares them."""

    def __getitem__(self, index: int) -> Example:
        shown: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        for film in self.cases.films[index]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(film), self.how)
            shown.append((self.cached.pixels[film].astype(np.float32) / np.float32(255.0), boxes))
        return _example(shown, self.cases, index, self.how)


def training_batches(data: TrainingSet, seed: int, phase: int) -> DataLoader[Example]:
    """Batches of changed images, see ``showing.drawn``."""
    return drawn(data, collate, seed, phase)


def validation_batches(data: ValidationSet, batch_size: int) -> DataLoader[Example]:
    """Batches of unchanged images, in order."""
    return in_order(data, collate, batch_size)


def dealt_batches(data: ValidationSet, batch_size: int) -> DataLoader[Example]:
    """As ``validation_batches``, but of several processes each shows its part, see ``showing.shared``."""
    return shared(data, collate, batch_size)


def collate(examples: list[Example]) -> Example:
    """Stack examples; images lie channels last, which is what convolutions on processors are fastest with."""
    image, *rest = (torch.stack(column) for column in zip(*examples, strict=True))
    ready = image.contiguous(memory_format=torch.channels_last) if image.ndim == 4 else image
    return Example(ready, *rest)


def phase_preprocessing(recipe: Recipe, phase: Phase) -> Preprocessing:
    """What the network sees while it learns in a phase."""
    how = recipe.preprocessing
    return how if phase.side is None else replace(how, height=phase.side, width=phase.side)


def cache_preprocessing(recipe: Recipe) -> Preprocessing:
    """The square canvas on which training images are kept."""
    return replace(recipe.preprocessing, height=recipe.cache_side, width=recipe.cache_side)


def boxes_on_canvas(cases: Cases, cached: Canvases, film: int, how: Preprocessing) -> NDArray[np.float32]:
    """Boxes (n, 4) of a film, in pixels of its canvas."""
    rows, columns = (int(side) for side in cached.sizes[film])
    at = put((rows, columns), how)
    scale = np.array([at.scale_x, at.scale_y, at.scale_x, at.scale_y], np.float32)
    shift = np.array([at.left, at.top, at.left, at.top], np.float32)
    return cases.boxes[film].reshape(-1, 4) * scale + shift


def _example(
    shown: list[tuple[NDArray[np.float32], NDArray[np.float32]]], cases: Cases, index: int, how: Preprocessing
) -> Example:
    inputs = [np.array(to_input(pixels, how)) for pixels, _boxes in shown]
    boxes = shown[0][1]
    return Example(
        image=torch.from_numpy(inputs[0] if len(inputs) == 1 else np.stack(inputs)),
        target=torch.from_numpy(cases.targets[index]),
        places=torch.from_numpy(places(boxes, how, STRIDE)),
        placed=torch.tensor(bool(len(boxes)) or _without(cases, index)),
    )


def _without(cases: Cases, index: int) -> bool:
    """Whether a case is known to have no finding; of an unknown one nothing is learnt."""
    return not (cases.positive[index] or np.isnan(cases.targets[index]).any())
