"""Two random views of one image, for self-supervised learning: cropped, turned, mirrored; never coloured or blurred.

Fractures are fine and local, so fractuvision (section 4.1.1) leaves out everything that would blur them.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from osteon.imaging.preprocess import Preprocessing, to_input
from osteon.learning.inputs.image_cache import Canvases
from osteon.learning.recipe import Pretraining

RATIO: Final = 4 / 3
"""Largest ratio of the sides of a crop (Szegedy et al. 2015)."""


def random_view(
    canvas: NDArray[np.uint8], preprocessing: Preprocessing, pretraining: Pretraining, random: np.random.Generator
) -> NDArray[np.float32]:
    """Crop a canvas, scale the crop to the input, turn it by quarters and mirror it.

    Args:
        canvas: uint8 (S, S).
        preprocessing: size of the view.
        pretraining: the ranges.
        random: the generator.

    Returns:
        Pixels (H, W) in [0, 1].
    """
    side = canvas.shape[0]
    area = random.uniform(pretraining.smallest_crop, 1.0) * side * side
    ratio = exp(random.uniform(-log(RATIO), log(RATIO)))
    width, height = min(side, sqrt(area * ratio)), min(side, sqrt(area / ratio))
    left, top = random.uniform(0, side - width), random.uniform(0, side - height)
    scale_x, scale_y = preprocessing.width / width, preprocessing.height / height
    matrix = np.array([[scale_x, 0.0, -left * scale_x], [0.0, scale_y, -top * scale_y]])
    view = np.asarray(
        cv2.warpAffine(canvas, matrix, (preprocessing.width, preprocessing.height), flags=cv2.INTER_LINEAR), np.uint8
    )
    if preprocessing.height == preprocessing.width and random.random() < pretraining.rotation_share:
        view = np.rot90(view, int(random.integers(1, 4)))
    for axis in (0, 1):
        if random.random() < pretraining.flip_share:
            view = np.flip(view, axis)
    return np.ascontiguousarray(view).astype(np.float32) / np.float32(255.0)


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """Each image as two random views, seeded by (seed, epoch, image).

    Args:
        cached: images decoded on a square canvas.
        rows: of ``cached`` that are used.
        preprocessing: size of the views.
        pretraining: ranges of the changes.
        seed: of the run.
    """

    def __init__(
        self,
        cached: Canvases,
        rows: NDArray[np.intp],
        preprocessing: Preprocessing,
        pretraining: Pretraining,
        seed: int,
    ) -> None:
        self._cached, self._rows, self._preprocessing, self._pretraining = cached, rows, preprocessing, pretraining
        self._words = (seed, 0)

    def set_epoch(self, seed: int, epoch: int) -> None:
        """Set the epoch, which has its own views."""
        self._words = (seed, epoch)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        random = np.random.default_rng((*self._words, index))
        canvas = self._cached.pixels[self._rows[index]]
        first, second = (random_view(canvas, self._preprocessing, self._pretraining, random) for _ in range(2))
        return self._input(first), self._input(second)

    def _input(self, view: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.array(to_input(view, self._preprocessing)))


def pair_batches(pairs: Pairs, batch_size: int, seed: int, epoch: int) -> DataLoader[tuple[Tensor, Tensor]]:
    """Batches of pairs in the order of the epoch; a smaller one at the end is left out."""
    pairs.set_epoch(seed, epoch)
    order = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    size = min(batch_size, len(pairs))
    return DataLoader(pairs, batch_size=size, shuffle=True, drop_last=True, generator=order)
