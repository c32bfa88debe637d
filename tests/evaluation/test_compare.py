"""Comparing systems: what is found is what the single functions say, and what cannot be compared is refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from osteon.core.errors import DataError
from osteon.evaluation.binary.comparison import compared_figures, reversed_comparison
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.compare import compare
from osteon.evaluation.compare.systems import System
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Floats
from osteon.stats.paired import holm, mcnemar, paired_delong
from osteon.stats.ranking import Ranking, auroc
from osteon.stats.statistic import Difference

QUICK = Settings(resamples=500)

Draw = Callable[..., tuple[Floats, Floats]]


def table(labels: Floats, scores: Floats, images_each: int = 2) -> Predictions:
    """Predictions of patients with some images each."""
    numbers = range(len(labels))
    return predictions(
        [f"{i}.png" for i in numbers],
        labels.astype(int),
        scores,
        cluster=[f"p{i // images_each}" for i in numbers],
        attributes={"source": np.array(["a", "b", "c"])[np.arange(len(labels)) % 3].tolist()},
    )


def noisy(scores: Floats, spread: float, seed: int) -> Floats:
    return np.clip(scores + spread * np.random.default_rng(seed).normal(size=len(scores)), 0, 1)


def at_half(name: str, *runs: Predictions) -> System:
    return System(name, runs, tuple({"half": 0.5} for _ in runs))


def test_figures_are_those_of_the_functions(draw_cases: Draw) -> None:
    labels, good = draw_cases(distance=1.5)
    poor = noisy(good, 0.5, 2)
    unread = np.where(np.arange(300) == 7, np.nan, good)
    systems = [at_half(name, table(labels, one)) for name, one in (("good", good), ("poor", poor), ("same", unread))]
    found = compare(systems, QUICK)
    assert found.aligned.incomplete == 1
    cases = found.aligned.cases
    assert len(cases) == 299
    assert {one.figure for one in found.pairs} == set(compared_figures(("half",)))
    pair = found.between("good", "poor")
    one, two = (system.runs[0] for system in found.aligned.systems[:2])
    expected, p = paired_delong(cases.label, one.probability, two.probability, clusters=cases.cluster)
    ranked = pair["classification.auroc"]
    assert ranked.difference == expected
    assert ranked.test is not None
    assert ranked.test.p == p
    peer = bootstrap(
        Difference(Ranking(one.label, one.probability), Ranking(two.label, two.probability)),
        clusters=cases.cluster,
        resamples=500,
        method="bca",
    )
    for name in ("auroc", "average_precision"):
        assert pair[f"classification.{name}"].others["bca"].model_dump() == pytest.approx(peer[name].model_dump())
    calls = pair["classification.half.accuracy"].test
    assert calls is not None
    assert calls.name.startswith("McNemar over clusters")
    counted = mcnemar(cases.label, one.probability >= 0.5, two.probability >= 0.5)
    assert calls.details["mcnemar_exact"] == counted.exact
    assert found.figures["good"]["classification.auroc"].mean == auroc(one.label, one.probability)


def test_p_values_are_adjusted_over_all_tests(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    systems = [at_half(str(i), table(labels, noisy(scores, 0.2 * i, i))) for i in range(3)]
    found = compare(systems, QUICK)
    tests = [one.test for one in found.pairs if one.test is not None]
    assert len(tests) == found.tests == 6
    assert [test.adjusted for test in tests] == pytest.approx(holm([test.p for test in tests]))


@pytest.mark.parametrize("runs", [1, 3])
def test_identical_systems_do_not_differ(draw_cases: Draw, runs: int) -> None:
    labels, scores = draw_cases()
    one = table(labels, np.round(scores, 1))
    found = compare([at_half("a", *[one] * runs), at_half("b", *[one] * runs)], QUICK)
    for pair in found.pairs:
        figures = [pair.difference, *pair.others.values()]
        assert all(figure.value == 0 and figure.ends is None for figure in figures) or runs > 1
        assert [figure.value for figure in figures] == pytest.approx([0] * len(figures), abs=1e-12)
        assert pair.test is None or pair.test.p == pair.test.adjusted == 1


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("images_each", [1, 3])
def test_the_interval_beside_a_p_value_agrees_with_it(draw_cases: Draw, seed: int, images_each: int) -> None:
    labels, scores = draw_cases(n=120)
    systems = [
        at_half("a", table(labels, noisy(scores, 0.2, seed), images_each)),
        at_half("b", table(labels, noisy(scores, 0.2 + 0.04 * seed, seed + 50), images_each)),
    ]
    tested = [pair for pair in compare(systems, QUICK).pairs if pair.test is not None]
    assert {pair.figure for pair in tested} == {"classification.auroc", "classification.half.accuracy"}
    for pair in tested:
        assert pair.test is not None
        assert {"percentile", "bca"} <= set(pair.others)
        ends = pair.difference.ends
        if ends is None:
            assert pair.test.p == 1
        else:
            assert (pair.test.p < 0.05) == (ends[0] > 0 or ends[1] < 0)
            assert ends[0] <= pair.difference.value <= ends[1]


def test_few_positive_patients_are_not_tested(draw_cases: Draw) -> None:
    _, scores = draw_cases(n=80)
    few = np.array([float(i < 4) for i in range(80)])
    found = compare([at_half("a", table(few, scores, 1)), at_half("b", table(few, noisy(scores, 0.3, 1), 1))], QUICK)
    pairs = found.between("a", "b")
    area = pairs["classification.auroc"]
    assert (area.test, area.difference.ends) == (None, None)
    assert "4 with positive cases" in area.difference.method
    assert pairs["classification.half.accuracy"].test is not None
    interval = found.figures["a"]["classification.auroc"].interval
    assert interval is not None
    assert interval.ends is None


def test_without_clusters_calls_are_tested_by_mcnemar(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    found = compare(
        [at_half("a", table(labels, scores, 1)), at_half("b", table(labels, noisy(scores, 0.3, 1), 1))], QUICK
    )
    test = found.between("a", "b")["classification.half.accuracy"].test
    assert test is not None
    assert test.name == "McNemar, exact"
    assert test.p == test.details["mcnemar_exact"]


def test_turned_round_everything_changes_its_sign(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    found = compare([at_half("a", table(labels, scores)), at_half("b", table(labels, noisy(scores, 0.4, 1)))], QUICK)
    for name, pair in found.between("a", "b").items():
        back = found.between("b", "a")[name]
        assert back.difference.value == -pair.difference.value
        assert back.difference.ends is not None
        assert pair.difference.ends is not None
        assert back.difference.ends == (-pair.difference.ends[1], -pair.difference.ends[0])
        assert reversed_comparison(back) == pair


def test_seeds_widen_the_interval_and_are_averaged(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    seeds = [table(labels, noisy(scores, 0.5, i)) for i in range(5)]
    one = table(labels, scores)
    found = compare([System("one", (one,)), System("seeds", tuple(seeds))], QUICK)
    pair = found.between("one", "seeds")["classification.auroc"]
    aurocs = [auroc(seed.label, seed.probability) for seed in seeds]
    assert pair.values[1] == pytest.approx(np.mean(aurocs))
    summary = found.figures["seeds"]["classification.auroc"]
    assert summary.sd == pytest.approx(np.std(aurocs, ddof=1))
    assert "bca" not in pair.others
    assert "1 and 5 seeds" in pair.others["percentile"].method
    assert "taken as given" in pair.difference.method
    alone = compare([System("one", (one,)), System("seed", (seeds[0],))], QUICK).between("one", "seed")
    assert pair.test is not None
    assert "taken as given" in pair.test.name
    assert found.aligned.points == ()
    assert "classification.half.accuracy" not in alone


def test_ranks_over_seeds_or_blocks(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    systems = [System(str(i), tuple(table(labels, noisy(scores, 0.3 * i, j)) for j in range(4))) for i in range(3)]
    ranks = compare(systems, QUICK).ranks
    assert ranks is not None
    assert (ranks.kind, ranks.scores.shape) == ("seed", (4, 3))
    by_source = compare([System(one.name, one.runs[:1]) for one in systems], QUICK, blocks="source").ranks
    assert by_source is not None
    assert by_source.blocks == ("a", "b", "c")
    run = systems[1].runs[0]
    inside = run.attributes["source"] == "b"
    expected = auroc(run.label[inside], run.probability[inside])
    assert by_source.scores[1, 1] == pytest.approx(expected)
    assert compare(systems[:2], QUICK).ranks is None
    with pytest.raises(DataError, match="no such attribute"):
        compare(systems, QUICK, blocks="ward")


def test_classes_separated_without_a_fault_have_no_delong(draw_cases: Draw) -> None:
    labels, scores = draw_cases()
    perfect = table(labels, 0.1 + 0.8 * labels)
    worst = table(labels, 0.9 - 0.8 * labels)
    pair = compare([System("a", (perfect,)), System("b", (worst,))], QUICK).between("a", "b")["classification.auroc"]
    assert pair.test is None
    assert pair.difference.value == 1
    assert "percentile" not in pair.others
    assert compare([System("a", (perfect,)), System("b", (table(labels, scores),))], QUICK).tests == 1


def test_systems_must_be_of_the_same_cases(draw_cases: Draw) -> None:
    labels, scores = draw_cases(n=40)
    one = table(labels, scores)
    few = one.select(np.arange(30))
    with pytest.raises(DataError, match="nothing to compare"):
        compare([System("a", (one,))])
    with pytest.raises(DataError, match=r"different images.*10 that not all have"):
        compare([System("a", (one,)), System("b", (few,))])
    found = compare([System("a", (one,)), System("b", (few,))], QUICK, common=True)
    assert dict(found.aligned.left_out) == {"a": 10}
    assert len(found.aligned.cases) == 30
    with pytest.raises(DataError, match=r"labels.*40 other labels in b, the first in row 1"):
        compare([System("a", (one,)), System("b", (table(1 - labels, scores),))])
    with pytest.raises(DataError, match="clusters"):
        compare([System("a", (one,)), System("b", (table(labels, scores, 4),))])
    with pytest.raises(DataError, match="same name"):
        compare([System("a", (one,)), System("a", (one,))])
    with pytest.raises(DataError, match="no such reference"):
        compare([System("a", (one,)), System("b", (one,))], reference="c")
    other = predictions([f"x{i}" for i in range(40)], labels.astype(int), scores)
    with pytest.raises(DataError, match="share no image"):
        compare([System("a", (one,)), System("b", (other,))], common=True)


def test_a_table_without_clusters_takes_those_of_the_other(draw_cases: Draw) -> None:
    labels, scores = draw_cases(n=40)
    bare = predictions([f"{i}.png" for i in reversed(range(40))], labels[::-1].astype(int), scores[::-1])
    found = compare([System("a", (bare,)), System("b", (table(labels, scores),))], QUICK)
    assert len(np.unique(found.aligned.cases.cluster)) == 20
    assert all(one.difference.value == 0 for one in found.pairs)


@pytest.mark.parametrize(
    ("labels", "scores", "word"),
    [
        ([1, 1], [0.2, 0.4], "one class"),
        ([1, 0], [np.nan, np.nan], "no case is left"),
        ([-1, -1], [0.2, 0.4], "no case"),
    ],
)
def test_what_cannot_be_compared(labels: list[int], scores: list[float], word: str) -> None:
    one = predictions(["a", "b"], labels, scores)
    with pytest.raises(DataError, match=word):
        compare([System("x", (one,)), System("y", (one,))], QUICK)


def test_studies_are_pooled(draw_cases: Draw) -> None:
    labels, scores = draw_cases(n=80)
    names = [f"{i}.png" for i in range(80)]
    one = predictions(names, labels.astype(int), scores, study=[f"s{i // 2}" for i in range(80)])
    found = compare([System("a", (one,)), System("b", (one,))], QUICK, pooling="max")
    assert len(found.aligned.cases) == 40
