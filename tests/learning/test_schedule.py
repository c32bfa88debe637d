"""Learning rates that depend on the step: the readings of the papers' words."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.learning.recipe import Recipe, Schedule
from osteon.learning.recipes import find
from osteon.learning.training.schedule import schedule_of


def rates(schedule: Schedule, rate: float, steps: int) -> list[float]:
    """The learning rate at each step, or in each epoch."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    made = schedule_of(optimizer, schedule, steps)
    assert made is not None
    found: list[float] = []
    for _ in range(steps):
        found.append(float(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        made["scheduler"].step()
    return found


def of(name: str) -> Recipe:
    return find(name)


def test_the_authors_classifiers_warm_up_and_fall_at_5000_and_7500() -> None:
    found = rates(of("vindr_spinexr/densenet121_code").schedule, 0.01, 10_000)
    assert found[0] == pytest.approx(1e-5)
    assert found[500] == pytest.approx(0.01 * (0.001 + 0.999 * 0.5))
    assert found[1000] == found[4999] == pytest.approx(0.01)
    assert found[5000] == found[7499] == pytest.approx(1e-3)
    assert found[7500] == found[-1] == pytest.approx(1e-4)


def test_the_authors_detector_falls_at_30000_of_50000() -> None:
    found = rates(of("vindr_spinexr/sparse_rcnn_code").schedule, 0.001, 50_000)
    assert found[29_999] == pytest.approx(1e-3)
    assert found[30_000] == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("name", "before", "at", "end"), [("urfnet", 1e-3, 5e-4, 5e-4), ("urfnet_smooth_rate", 5.035e-4, 5e-4, 2.517e-4)]
)
def test_two_readings_of_a_rate_that_decays_to_half_over_100_epochs(
    name: str, before: float, at: float, end: float
) -> None:
    found = rates(of(f"pediurf/{name}").schedule, 1e-3, 200)
    assert (found[99], found[100], found[199]) == pytest.approx((before, at, end), rel=1e-3)


@pytest.mark.parametrize(("name", "epochs"), [("mobilenet_elbow", 4), ("mobilenet_elbow/keras", 3)])
def test_patience_of_the_rate(name: str, epochs: int) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    made = schedule_of(optimizer, of(name).schedule, 100)
    assert made is not None
    made["scheduler"].step(1.0)
    for epoch in range(1, epochs + 1):
        assert optimizer.param_groups[0]["lr"] == 1.0
        made["scheduler"].step(1.0)  # no better
        assert (optimizer.param_groups[0]["lr"] < 1.0) is (epoch == epochs)
