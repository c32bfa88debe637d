"""Means and shares over few clusters claim no more than the clusters tell."""

from __future__ import annotations

import numpy as np
import pytest

from osteon.evaluation.binary.averages import average, averages, mean_curve
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import FEWEST
from osteon.stats.intervals import wilson_over_clusters

SETTINGS = Settings(resamples=400)


def clusters(count: int) -> list[str]:
    return [f"c{i % count}" for i in range(30)]


@pytest.mark.parametrize("count", [2, FEWEST - 1])
def test_a_mean_of_few_clusters_has_no_interval_and_a_share_has_wilsons(count: int) -> None:
    random = np.random.default_rng(0)
    energy, hit = random.random(30), np.arange(30) % 3 == 0
    found = averages({"energy": energy, "hit": hit.astype(float)}, clusters(count), SETTINGS)
    assert found["energy"].value == pytest.approx(energy.mean())
    assert found["energy"].ends is None
    assert f"{count} with cases" in found["energy"].method
    assert found["hit"].ends == wilson_over_clusters(10, 30, count, 0.95).ends
    assert found["hit"].n == 30


def test_enough_clusters_give_the_bootstraps() -> None:
    found = average(np.random.default_rng(0).random(30), clusters(FEWEST), SETTINGS)
    assert found is not None
    assert found.ends is not None
    assert "bootstrap" in found.method


def test_a_curve_of_few_clusters_has_no_band() -> None:
    values = np.random.default_rng(0).random((30, 4))
    for count in (FEWEST - 1, FEWEST):
        mean, low, high = mean_curve(values, clusters(count), SETTINGS)
        np.testing.assert_allclose(mean, values.mean(axis=0))
        assert np.isnan(low).all() == np.isnan(high).all() == (count < FEWEST)
