"""Figures of agreement are those of published examples and of scikit-learn and statsmodels; degenerate cases are told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from osteon.core.errors import DataError
from osteon.stats.agreement.alpha import Alpha, IntervalAlpha, Scale
from osteon.stats.agreement.kappa import FleissKappa, PairKappa, Weighting
from osteon.stats.agreement.measure import Resampling, Undefined, group_figures, pair_figures
from osteon.stats.agreement.ratings import Ratings, coded, ratings
from osteon.stats.agreement.specific import SpecificAgreement
from osteon.stats.statistic import Statistic

FEW = Resampling(resamples=200)
MATRICES = st.integers(2, 4).flatmap(
    lambda k: st.tuples(
        st.just(k), st.lists(st.lists(st.integers(0, k - 1), min_size=3, max_size=3), min_size=2, max_size=30)
    )
)


def value(statistic: Statistic, name: str = "") -> float:
    """A figure as measured."""
    column = statistic.names.index(name) if name else 0
    return float(statistic(np.ones((1, statistic.n)))[0, column])


def of_table(table: list[list[int]]) -> Ratings:
    """Two readers from the counts of their table."""
    cells = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return ratings(cells, len(table))


@pytest.mark.parametrize(
    ("table", "kappa"),
    [
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.492),  # Cohen, Psychol. Bull. 70:213, 1968, Table 1
        (
            [[80, 10], [5, 5]],
            0.32,
        ),  # Feinstein and Cicchetti, J. Clin. Epidemiol. 43:543, 1990: high agreement, low kappa
        ([[40, 9], [6, 45]], 0.70),  # the same, Table 1: the same agreement of 85 %, balanced
    ],
)
def test_cohens_kappa_is_that_of_published_tables(table: list[list[int]], kappa: float) -> None:
    assert value(PairKappa(of_table(table))) == pytest.approx(kappa, abs=0.005)


FLEISS = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip
"""Thirty patients, six psychiatrists each, five diagnoses: Fleiss, Psychol. Bull. 76:378, 1971, Table 1."""


def of_counts(counts: list[list[int]]) -> Ratings:
    rows = [[code for code, count in enumerate(row) for _ in range(count)] for row in counts]
    return ratings(rows, len(counts[0]))


def test_fleiss_kappa_is_that_of_his_paper() -> None:
    assert value(FleissKappa(of_counts(FLEISS))) == pytest.approx(0.430, abs=0.0005)


KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
).T
"""Four observers, twelve units, 0 for missing: Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011, section D."""


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_is_that_of_krippendorffs_example(scale: Scale, alpha: float) -> None:
    assert value(Alpha(ratings(KRIPPENDORFF - 1, 5), scale)) == pytest.approx(alpha, abs=0.0005)


def test_alpha_of_numbers_is_that_of_their_categories_and_knows_no_unit() -> None:
    numbers = np.where(KRIPPENDORFF == 0, np.nan, KRIPPENDORFF)
    for unit, origin in ((1.0, 0.0), (1e-9, 0.0), (0.1, 1e4)):
        assert value(IntervalAlpha(numbers * unit + origin)) == pytest.approx(0.849, abs=0.0005)


def test_alpha_of_two_readers_without_gaps_is_that_of_the_example() -> None:
    # Krippendorff 2011, section A: two observers, ten units, binary: alpha 0.095.
    table = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    assert value(Alpha(ratings(np.array(table).T, 2))) == pytest.approx(0.095, abs=0.0005)


def test_specific_agreement_is_that_of_cicchetti_and_feinstein() -> None:
    shares = SpecificAgreement(of_table([[80, 10], [5, 5]]), ["positive", "negative"])
    assert value(shares, "observed") == pytest.approx(0.85)
    assert value(shares, "specific.positive") == pytest.approx(0.914, abs=0.0005)
    assert value(shares, "specific.negative") == pytest.approx(0.40)


@settings(max_examples=150, deadline=None)
@given(MATRICES)
def test_kappas_are_those_of_scikit_learn_and_statsmodels(drawn: tuple[int, list[list[int]]]) -> None:
    k, rows = drawn
    judged = ratings(rows, k)
    first, second = judged.codes[:, 0], judged.codes[:, 1]
    weightings: tuple[Weighting, ...] = ("none", "linear", "quadratic")
    for weighting in weightings:
        ours = value(PairKappa(judged.pair(0, 1), weighting))
        if len(np.unique(judged.codes[:, :2])) == 1:
            assert np.isnan(ours)
            continue
        peer = cohen_kappa_score(first, second, labels=range(k), weights=None if weighting == "none" else weighting)
        assert ours == pytest.approx(peer, abs=1e-9)
    ours = value(FleissKappa(judged))
    if len(np.unique(judged.codes)) == 1:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(fleiss_kappa(aggregate_raters(judged.codes, k)[0]), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(MATRICES, st.integers(0, 2**16))
def test_a_resample_is_the_figure_of_its_cases(drawn: tuple[int, list[list[int]]], seed: int) -> None:
    k, rows = drawn
    codes = np.array(rows)
    random = np.random.default_rng(seed)
    codes[random.random(codes.shape) < 0.2] = -1
    weights = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows))).astype(float)
    names = [str(code) for code in range(k)]

    def every(judged: Ratings) -> list[Statistic]:
        scales: tuple[Scale, ...] = ("nominal", "ordinal", "interval")
        alphas = [Alpha(judged, scale) for scale in scales]
        return [PairKappa(judged.pair(0, 1)), FleissKappa(judged), SpecificAgreement(judged, names), *alphas]

    drawn_rows = np.repeat(np.arange(len(rows)), weights.astype(int))
    for weighted, copied in zip(every(ratings(codes, k)), every(ratings(codes[drawn_rows], k)), strict=True):
        np.testing.assert_allclose(weighted(weights[None]), copied(np.ones((1, copied.n))), atol=1e-9)


def test_what_has_no_value_says_why() -> None:
    same = pair_figures(ratings([[0, 0]] * 8, 2), ["no", "yes"], resampling=FEW)
    assert same["kappa"].undefined is Undefined.ONE_CATEGORY
    assert same["specific.yes"].undefined is Undefined.NOBODY
    observed = same["observed"].estimate
    assert observed is not None
    assert (observed.value, observed.ends) == (1.0, None)
    assert "the same in every resample" in observed.method
    alone = group_figures(ratings([[0, -1], [-1, 1]], 2), ["no", "yes"], resampling=FEW)
    assert {figure.undefined for figure in alone.values()} == {Undefined.NO_PAIRS}
    few = pair_figures(ratings([[0, 0], [1, 1], [0, 1]], 2), ["no", "yes"], resampling=FEW)["kappa"].estimate
    assert few is not None
    assert few.ends is None
    assert "3 clusters" in few.method


def test_intervals_are_over_clusters_and_cases_read_once_do_not_count() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 2, 60)
    codes = np.stack([np.where(random.random(60) < 0.2, 1 - truth, truth) for _ in range(2)], axis=1)
    doubled = np.repeat(codes, 3, axis=0)
    alone = pair_figures(ratings(codes, 2), ["no", "yes"], resampling=FEW)["kappa"].estimate
    joined = pair_figures(ratings(doubled, 2), ["no", "yes"], np.repeat(np.arange(60), 3), FEW)["kappa"].estimate
    apart = pair_figures(ratings(doubled, 2), ["no", "yes"], resampling=FEW)["kappa"].estimate
    assert alone is not None
    assert joined is not None
    assert apart is not None
    assert alone.ends is not None
    assert joined.ends == pytest.approx(alone.ends)
    assert apart.ends is not None
    assert apart.ends[1] - apart.ends[0] < alone.ends[1] - alone.ends[0]
    extra = np.concatenate([codes, [[0, -1]] * 40])
    with_single = pair_figures(ratings(extra, 2), ["no", "yes"], resampling=FEW)["kappa"]
    assert with_single.estimate == alone
    assert with_single.n == 60


def test_wrong_input_is_refused() -> None:
    with pytest.raises(DataError, match="several readers"):
        ratings([[0], [1]], 2)
    with pytest.raises(DataError, match="not there"):
        ratings([[0, 2]], 2)
    with pytest.raises(DataError, match="no known category"):
        coded([["yes", "maybe"]], ["no", "yes"])
    assert coded([["yes", None]], ["no", "yes"]).codes.tolist() == [[1, -1]]
