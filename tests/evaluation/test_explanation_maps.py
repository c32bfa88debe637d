"""Maps against boxes, likeness of maps, and the order of deletion: on maps whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from osteon.core.geometry import Box
from osteon.core.records import HeatMap
from osteon.evaluation.explanation.perturbation import SHARES, area
from osteon.evaluation.explanation.pointing import TOLERANCE, inside, localise, over_image
from osteon.evaluation.explanation.similarity import ranks, spearman, ssim


def test_a_map_in_the_box_is_a_hit_and_one_beside_it_is_near() -> None:
    spread = np.zeros((500, 400), np.float32)
    spread[100, 50] = 1
    assert localise(spread, [Box(50, 100, 51, 101)])[:2] == (True, True)
    # 15 pixels of 500: the point's centre lies at (50.5, 100.5).
    assert localise(spread, [Box(65.4, 90, 80, 110)])[:2] == (False, True)
    assert localise(spread, [Box(65.6, 90, 80, 110)])[:2] == (False, False)
    assert TOLERANCE * 500 == 15


def test_energy_and_chance() -> None:
    spread = np.ones((100, 200), np.float32)
    found = localise(spread, [Box(0, 0, 100, 50), Box(50, 0, 150, 50)])
    assert found.energy == pytest.approx(0.375)
    assert found.chance == pytest.approx(0.375)
    assert found.chance_near > found.chance
    assert not found.centre
    assert localise(spread, [Box(90, 40, 110, 60)]).centre


def test_a_map_of_zeros_points_nowhere() -> None:
    found = localise(np.zeros((50, 50), np.float32), [Box(0, 0, 50, 50)])
    assert (found.hit, found.near, found.energy) == (False, False, 0.0)
    with pytest.raises(ValueError, match="at least one box"):
        localise(np.zeros((50, 50), np.float32), [])


@given(x0=st.floats(-5, 30), y0=st.floats(-5, 30), width=st.floats(0.1, 40), height=st.floats(0.1, 40))
def test_pixels_inside_are_those_whose_centres_are(x0: float, y0: float, width: float, height: float) -> None:
    box = Box(x0, y0, x0 + width, y0 + height)
    x, y = np.meshgrid(np.arange(32) + 0.5, np.arange(24) + 0.5)
    expected = (x >= box.x0) & (x < box.x1) & (y >= box.y0) & (y < box.y1)
    np.testing.assert_array_equal(inside([box], (24, 32)), expected)


def test_padding_is_cut_off() -> None:
    """A map whose maximum lies in the padding points at the highest place of the film."""
    values = np.zeros((4, 4), np.float32)
    values[0, 0], values[2, 2] = 1.0, 0.5
    spread = over_image(HeatMap(values, Box(-100, 0, 300, 400), "fracture"), (400, 200))
    assert spread.shape == (400, 200)
    y, x = np.unravel_index(spread.argmax(), spread.shape)
    assert (abs(y - 250), abs(x - 150)) <= (1, 1)


@given(st.lists(st.integers(0, 5), min_size=4, max_size=40))
def test_rank_correlation_is_scipys(values: list[int]) -> None:
    random = np.random.default_rng(len(values))
    first = np.array(values, np.float32)[None]
    second = random.integers(0, 6, first.shape).astype(np.float32)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        assert spearman(first, second) == 0
    else:
        assert spearman(first, second) == pytest.approx(spearmanr(first[0], second[0]).statistic, abs=1e-12)


def test_ranks_share_ties() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [2.5, 0.0, 2.5, 1.0]


def test_structural_similarity() -> None:
    random = np.random.default_rng(0)
    map_ = random.random((28, 28)).astype(np.float32)
    assert ssim(map_, map_) == pytest.approx(1)
    assert ssim(map_, 3 * map_ + 2) == pytest.approx(1, abs=1e-5)
    assert ssim(map_, 1 - map_) < -0.5
    assert abs(ssim(map_, random.random((28, 28)).astype(np.float32))) < 0.1
    assert ssim(map_, np.zeros_like(map_)) < 0.2


def test_areas() -> None:
    assert area(np.ones(len(SHARES))) == pytest.approx(1)
    assert area(np.array(SHARES)) == pytest.approx(0.5)
