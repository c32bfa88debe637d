"""An epoch shows what the recipe says, in an order that hangs on seed, phase and epoch alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.inputs.sampler import Draws
from osteon.learning.recipe import Sampling

POSITIVE = np.arange(100) < 15


def indices(draws: Draws, epoch: int) -> list[int]:
    draws.set_epoch(epoch)
    return [draw.case for draw in draws]


def test_without_a_share_each_image_comes_once() -> None:
    draws = Draws(POSITIVE, Sampling(batch_size=8, images_per_epoch=None, positive_share=None), seed=0, phase=0)
    assert sorted(indices(draws, 0)) == list(range(100))
    assert indices(draws, 0) != indices(draws, 1)


def test_with_a_share_positives_are_drawn_as_often_and_all_equally_over_time() -> None:
    draws = Draws(POSITIVE, Sampling(batch_size=8, images_per_epoch=60, positive_share=0.35), seed=0, phase=0)
    epochs = [indices(draws, epoch) for epoch in range(20)]
    assert all(sum(POSITIVE[index] for index in epoch) == 21 for epoch in epochs)
    seen = Counter(index for epoch in epochs for index in epoch)
    for members in (np.flatnonzero(POSITIVE), np.flatnonzero(~POSITIVE)):
        counts = [seen[int(index)] for index in members]
        assert max(counts) - min(counts) <= 1


def test_order_and_random_words_depend_on_seed_phase_and_epoch_only() -> None:
    sampling = Sampling(batch_size=8, images_per_epoch=60, positive_share=0.35)
    first, again = (Draws(POSITIVE, sampling, seed=3, phase=1) for _ in range(2))
    indices(first, 0)
    again.set_epoch(4)
    first.set_epoch(4)
    assert list(first) == list(again)
    other = Draws(POSITIVE, sampling, seed=4, phase=1)
    other.set_epoch(4)
    assert list(other) != list(again)


def test_hard_negatives_come_more_often() -> None:
    hard = np.zeros(100, bool)
    hard[20:29] = True
    sampling = Sampling(batch_size=8, images_per_epoch=80, positive_share=0.25, hard_share=0.5)
    chosen = indices(Draws(POSITIVE, sampling, seed=0, phase=0, hard=hard), 0)
    assert sum(POSITIVE[index] for index in chosen) == 20
    assert sum(hard[index] for index in chosen) >= 30
    without = indices(Draws(POSITIVE, sampling, seed=0, phase=0), 0)
    assert sum(POSITIVE[index] for index in without) == 20
    assert sum(hard[index] for index in without) < 15
