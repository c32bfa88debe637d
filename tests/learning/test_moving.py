"""The moving average forgets where it started, and is in the end that of its decay."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from torch.optim.swa_utils import AveragedModel

from osteon.learning.training.moving_average import MovingAverage, decay_at

pytestmark = pytest.mark.learn


def averaged(values: list[float], decay: float) -> float:
    """What the callback's rule makes of a weight that takes these values one after the other."""
    layer = torch.nn.Linear(1, 1, bias=False).double()
    model = AveragedModel(layer, **MovingAverage(decay)._kwargs)
    with torch.no_grad():
        for value in values:
            layer.weight.fill_(value)
            model.update_parameters(layer)
    return model.module.weight.item()


@pytest.mark.parametrize("decay", [0.9, 0.97, 0.995, 0.9999])
@pytest.mark.parametrize("steps", [20, 60, 300])
def test_little_of_the_first_weights_is_left(decay: float, steps: int) -> None:
    left = averaged([1.0] + [0.0] * steps, decay)
    assert left < 1e-4
    assert left <= decay**steps


def test_nothing_of_a_network_that_had_learnt_nothing_yet() -> None:
    # Half of a short run untrained, half trained: the average says what the weights say.
    assert averaged([1.0] * 150 + [0.0] * 150, 0.995) < 0.05


def test_in_a_long_run_it_is_the_plain_average() -> None:
    assert decay_at(10_000, 0.995) == 0.995
    assert decay_at(1, 0.995) == pytest.approx(2 / 11)
    long = averaged([0.0] * 5000 + [1.0] * 200, 0.995)
    assert long == pytest.approx(1 - 0.995**200)


def test_a_constant_stays() -> None:
    assert averaged([0.25] * 50, 0.99) == pytest.approx(0.25)
