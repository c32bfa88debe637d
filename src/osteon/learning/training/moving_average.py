"""The moving average of the weights, which is validated and selected."""

from __future__ import annotations

from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


class MovingAverage(WeightAveraging):
    """An exponential moving average that forgets its initial weights.

    With a constant decay of 0.995, 22 % of an average after 300 steps would still be the weights of the first: a short run
    would be judged by untrained weights. The decay of step t is ``min(decay, (1 + t) / (10 + t))``
    instead, as in TensorFlow's ``ExponentialMovingAverage`` with ``num_updates``: it looks back over a ninth of the steps so
    far until that is as long as the decay's own memory.

    Args:
        decay: of a long run, in [0, 1).
    """

    def __init__(self, decay: float) -> None:
        def average(averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
            share = decay_at(int(count), decay)
            return share * averaged + (1 - share) * current

        super().__init__(avg_fn=average)


def decay_at(count: int, decay: float) -> float:
    """The decay after so many averaged steps."""
    return min(decay, (1 + count) / (10 + count))
