"""Two random views of one film, for self-supervised learning: cut out, turned, mirrored; never coloured or blurred.

Fractures are fine and local, so fractuvision (section 4.1.1) leaves out what would wash them away.
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
"""Largest ratio of the sides of what is cut out (Szegedy et al. 2015)."""


def random_view(
    canvas: NDArray[np.uint8], how: Preprocessing, what: Pretraining, random: np.random.Generator
) -> NDArray[np.float32]:
    """Cut a part out of a canvas, scale it to the input, turn it by quarters and mirror it.

    Args:
        canvas: uint8 (S, S).
        how: size of the view.
        what: the ranges.
        random: decides.

    Returns:
        Pixels (H, W) in [0, 1].
    """
    side = canvas.shape[0]
    area = random.uniform(what.smallest_crop, 1.0) * side * side
    ratio = exp(random.uniform(-log(RATIO), log(RATIO)))
    width, height = min(side, sqrt(area * ratio)), min(side, sqrt(area / ratio))
    left, top = random.uniform(0, side - width), random.uniform(0, side - height)
    scale_x, scale_y = how.width / width, how.height / height
    matrix = np.array([[scale_x, 0.0, -left * scale_x], [0.0, scale_y, -top * scale_y]])
    view = np.asarray(cv2.warpAffine(canvas, matrix, (how.width, how.height), flags=cv2.INTER_LINEAR), np.uint8)
    if how.height == how.width and random.random() < what.rotation_share:
        view = np.rot90(view, int(random.integers(1, 4)))
    for axis in (0, 1):
        if random.random() < what.flip_share:
            view = np.flip(view, axis)
    return np.ascontiguousarray(view).astype(np.float32) / np.float32(255.0)


class Pairs(Dataset[tuple[Tensor, Tensor]]):
    """Each film as two views; which ones is drawn from (seed, epoch, film).

    Args:
        cached: films decoded on a square canvas.
        rows: of ``cached`` that are shown.
        how: size of the views.
        what: how they differ.
        seed: of the run.
    """

    def __init__(
        self, cached: Canvases, rows: NDArray[np.intp], how: Preprocessing, what: Pretraining, seed: int
    ) -> None:
        self._cached, self._rows, self._how, self._what = cached, rows, how, what
        self._words = (seed, 0)

    def show(self, seed: int, epoch: int) -> None:
        """Name the epoch, so that its views are drawn anew."""
        self._words = (seed, epoch)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        random = np.random.default_rng((*self._words, index))
        canvas = self._cached.pixels[self._rows[index]]
        one, other = (
            torch.from_numpy(np.array(to_input(random_view(canvas, self._how, self._what, random), self._how)))
            for _ in range(2)
        )
        return one, other


def pair_batches(pairs: Pairs, batch_size: int, seed: int, epoch: int) -> DataLoader[tuple[Tensor, Tensor]]:
    """Batches of pairs in the order of the epoch; a smaller one at the end is left out."""
    pairs.show(seed, epoch)
    order = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    size = min(batch_size, len(pairs))
    return DataLoader(pairs, batch_size=size, shuffle=True, drop_last=True, generator=order)
