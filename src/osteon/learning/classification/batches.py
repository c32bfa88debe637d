"""From decoded images to batches of a classifier: how each image is changed, and what is true of it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.learning.inputs.augment import augment, places
from osteon.learning.inputs.canvas import boxes_on_canvas, cache_preprocessing
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.dataset_base import TrainingDataset, ValidationDataset
from osteon.learning.inputs.paste import Pasted
from osteon.learning.inputs.sampler import Draw

STRIDE: Final = 16
"""Distance of two places of a network's local logits, in pixels of its input."""


class Example(NamedTuple):
    """One case, or a batch of them.

    Attributes:
        image: float32 (C, H, W), the network's input; (V, C, H, W) where it sees several views at once.
        target: float32 (labels,) of 1 and 0, NaN where unknown.
        places: float32 (h, w) of 0 and 1, where the boxes of the first image are.
        placed: whether ``places`` is known: the image has boxes or the case no positive label.
    """

    image: Tensor
    target: Tensor
    places: Tensor
    placed: Tensor


class ExampleBatches:
    """Makes batches of cases."""

    def collate(self, examples: list[Example]) -> Example:
        """Stack examples; images lie channels last, which is what convolutions on processors are fastest with."""
        image, *rest = (torch.stack(column) for column in zip(*examples, strict=True))
        ready = image.contiguous(memory_format=torch.channels_last) if image.ndim == 4 else image
        return Example(ready, *rest)


class TrainingSet(ExampleBatches, TrainingDataset[Example]):
    """Training images, augmented at random."""

    def __getitem__(self, draw: Draw) -> Example:
        views: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        more: Pasted | None = None
        for image in self.cases.views[draw.case]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(image), cache_preprocessing(self.recipe))
            # All images of a case are changed alike: the same seed gives the same changes.
            random = np.random.default_rng(draw.words)
            canvas = self.cached.pixels[image]
            if (more := self.pasted(draw, canvas, boxes)) is not None:
                canvas, boxes = more.canvas, more.box[None]
            views.append(augment(canvas, boxes, self.preprocessing, self.augmentation, random))
        example = _example(views, self.cases, draw.case, self.preprocessing)
        if more is None:
            return example
        return example._replace(target=torch.ones_like(example.target), placed=torch.tensor(True))


class ValidationSet(ExampleBatches, ValidationDataset[Example]):
    """Validation images, exactly as the inference pipeline prepares them."""

    def __getitem__(self, index: int) -> Example:
        views: list[tuple[NDArray[np.float32], NDArray[np.float32]]] = []
        for image in self.cases.views[index]:
            boxes = boxes_on_canvas(self.cases, self.cached, int(image), self.preprocessing)
            views.append((self.cached.pixels[image].astype(np.float32) / np.float32(255.0), boxes))
        return _example(views, self.cases, index, self.preprocessing)


def _example(
    views: list[tuple[NDArray[np.float32], NDArray[np.float32]]], cases: Cases, index: int, preprocessing: Preprocessing
) -> Example:
    inputs = [np.array(to_input(pixels, preprocessing)) for pixels, _boxes in views]
    boxes = views[0][1]
    return Example(
        image=torch.from_numpy(inputs[0] if len(inputs) == 1 else np.stack(inputs)),
        target=torch.from_numpy(cases.targets[index]),
        places=torch.from_numpy(places(boxes, preprocessing, STRIDE)),
        placed=torch.tensor(bool(len(boxes)) or _without(cases, index)),
    )


def _without(cases: Cases, index: int) -> bool:
    """Whether a case is known to have no finding; of an unknown one nothing is learnt."""
    return not (cases.positive[index] or np.isnan(cases.targets[index]).any())
