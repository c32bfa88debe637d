"""Betting against a mean: validity at all times by simulation, power, and the algorithm by its definition."""

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.stats.drift.betting import FRACTIONS, log_capital, log_capital_above
from osteon.stats.drift.changes import ChangeProcess, change_day, log_capital_by_day
from osteon.stats.drift.ebh import e_bh
from osteon.stats.drift.sequence import confidence_sequence, predictable_bets
from osteon.stats.drift.shares import chernoff_range

ALPHA = 0.1


def test_capital_is_what_bets_leave():
    values, mean = np.array([0.2, 0.9, 0.4]), 0.3
    parts = [np.cumprod([1 + f / mean * (x - mean) for x in values]) for f in FRACTIONS]
    assert np.exp(log_capital_above(values, mean)) == pytest.approx(np.mean(parts, axis=0))


@pytest.mark.parametrize("high_variance", [True, False])
def test_capital_seldom_grows_while_the_claim_holds(high_variance):
    generator = np.random.default_rng(5)
    draws = generator.random((600, 1500))
    runs = (draws < 0.3).astype(float) if high_variance else generator.beta(3, 7, draws.shape)
    ever = [log_capital(run, 0.3, 0.3).max() >= np.log(1 / ALPHA) for run in runs]
    # 600 runs with a probability of at most 0.1: more than 82 have a probability below 0.001.
    assert sum(ever) <= 82


@pytest.mark.parametrize("mean", [0.15, 0.45])
def test_capital_grows_where_the_claim_is_wrong(mean):
    generator = np.random.default_rng(6)
    runs = (generator.random((50, 1500)) < mean).astype(float)
    assert np.mean([log_capital(run, 0.28, 0.32)[-1] > np.log(1 / 0.001) for run in runs]) > 0.95


def test_impossible_values_refute_a_claim_at_once():
    assert log_capital(np.array([0.0, 0.5]), 0.0, 0.0)[1] == np.inf
    with pytest.raises(DataError, match="outside"):
        log_capital(np.array([2.0]), 0.1, 0.2)


def test_confidence_sequence_covers_at_all_times():
    generator = np.random.default_rng(7)
    missed = 0
    for _ in range(120):
        low, high = confidence_sequence((generator.random(300) < 0.4).astype(float), 1 - ALPHA, grid=200)
        missed += bool(np.any((low > 0.4) | (high < 0.4)))
    assert missed <= 22  # of 120 with probability 0.1 at most: more has a probability below 0.004
    assert high[-1] - low[-1] < 0.25


def test_confidence_sequence_is_that_of_its_definition():
    """Capital by its definition for each mean alone, as ``betting_cs`` of confseq 0.0.11 does with its default bets."""
    values = np.random.default_rng(8).beta(2, 5, 60)
    bets = predictable_bets(values, 0.05)
    low, high = confidence_sequence(values, 0.95, grid=100)
    kept = []
    for mean in np.arange(101) / 100:
        up = down = 1.0
        alive = True
        for value, bet in zip(values, bets, strict=True):
            up *= 1 + min(bet, 0.5 / mean if mean else np.inf) * (value - mean)
            down *= 1 - min(bet, 0.5 / (1 - mean) if mean < 1 else np.inf) * (value - mean)
            alive &= max(up, down) / 2 < 20
        kept += [mean] if alive else []
    assert low[-1] == pytest.approx(kept[0] - 0.01)
    assert high[-1] == pytest.approx(kept[-1] + 0.01)


def test_restarts_find_a_late_change_and_keep_the_level():
    generator = np.random.default_rng(9)
    quiet, cases = generator.binomial(30, 0.2, (400, 365)), np.full(365, 30)
    process = ChangeProcess(0.2, 0.2)
    ever = np.zeros(400, bool)
    for day in range(365):
        ever |= process.add(quiet[:, day], cases[day]) >= np.log(1 / ALPHA)
    assert ever.sum() <= 58  # of 400 with probability 0.1 at most: more has a probability below 0.002
    late = np.concatenate([quiet[0, :300], generator.binomial(30, 0.4, 65)])
    found = log_capital_by_day(late, cases, 0.19, 0.21)
    first = int(np.argmax(found >= np.log(1 / 0.001)))
    assert 300 <= first < 320
    assert abs(change_day(late, cases) - 300) <= 2


def test_several_simulations_are_as_each_alone():
    generator = np.random.default_rng(10)
    hits = generator.binomial(12, [0.1, 0.5], (2, 20, 2))
    process = ChangeProcess([0.08, 0.45], [0.12, 0.55], 20)
    together = np.stack([process.add(hits[:, day], np.array([12, 12])) for day in range(20)], axis=1)
    alone = log_capital_by_day(hits[1, :, 0], np.full(20, 12), 0.08, 0.12, 20)
    assert together[1, :, 0] == pytest.approx(alone)


def test_a_change_of_nothing_is_none():
    assert change_day(np.array([2, 2, 2]), np.array([10, 10, 10])) == 0


def test_e_bh_is_benjamini_hochberg_of_the_reciprocals():
    from statsmodels.stats.multitest import multipletests

    generator = np.random.default_rng(11)
    for _ in range(50):
        logs = generator.gamma(1.5, 3.0, 12)
        expected = multipletests(np.minimum(np.exp(-logs), 1), 0.1, "fdr_bh")[0]
        assert np.array_equal(e_bh(logs, 0.1), expected)
    assert e_bh(np.array([[0.0, 9.0], [0.0, 0.0]]), 0.05).tolist() == [[False, True], [False, False]]


def test_range_of_a_share_holds_clopper_and_pearsons():
    from scipy.stats import beta

    hits, cases = np.array([0, 3, 50, 100]), np.array([40, 60, 100, 100])
    low, high = chernoff_range(hits, cases, 0.01)
    exact_low = np.where(hits > 0, beta.ppf(0.005, hits, cases - hits + 1), 0)
    exact_high = np.where(hits < cases, beta.ppf(0.995, hits + 1, cases - hits), 1)
    assert np.all(low <= exact_low + 1e-12)
    assert np.all(high >= exact_high - 1e-12)
    assert np.all(high - low < 1.35 * (exact_high - exact_low))
