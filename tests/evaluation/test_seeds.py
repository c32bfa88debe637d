"""Mean, standard deviation and intervals over seeds, against SciPy and by simulation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from scipy.stats import t

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings, measure
from osteon.evaluation.compare.panel import panel, panel_names
from osteon.evaluation.compare.seeds import SeedSummary, bounds_of, incomplete, of_runs, summarise, summary
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.stats.bootstrap import bootstrap, replicate
from osteon.stats.checks import Floats
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Named

Draw = Callable[..., tuple[Floats, Floats]]
QUICK = Settings(resamples=1000)


def figure(value: float) -> Estimate:
    return Estimate(value=value, low=value - 0.1, high=value + 0.1, method="m", n=100)


def runs_of(draw: Draw, spread: float, count: int = 5) -> list[Predictions]:
    labels, scores = draw()
    found: list[Predictions] = []
    for i in range(count):
        moved = np.clip(scores + spread * np.random.default_rng(i).normal(size=300), 0, 1)
        names = [f"{i}.png" for i in range(300)]
        found.append(predictions(names, labels.astype(int), moved, cluster=[f"p{i // 2}" for i in range(300)]))
    return found


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_summary_is_scipys(values: list[float]) -> None:
    found = summary(values, n=10)
    assert found.sd == pytest.approx(np.std(values, ddof=1))
    assert found.over_seeds is not None
    if found.sd is not None and found.sd <= 1e-12:
        assert found.over_seeds.ends is None
    if found.sd and found.sd > 1e-9:
        expected = t.interval(0.95, len(values) - 1, np.mean(values), found.sd / len(values) ** 0.5)
        assert (found.over_seeds.low, found.over_seeds.high) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_a_share_keeps_its_interval_between_0_and_1(values: list[float]) -> None:
    found = summary(values, n=10, bounds=(0, 1))
    assert found.over_seeds is not None
    if found.over_seeds.ends is None:
        assert found.sd == pytest.approx(0, abs=1e-12)
        return
    low, high = found.over_seeds.ends
    assert 0 <= low <= found.mean <= high <= 1


def test_student_on_the_log_odds_is_the_delta_method() -> None:
    values = [0.9, 0.94, 0.95, 0.93]
    found = summary(values, n=10, bounds=(0, 1)).over_seeds
    assert found is not None
    mean, sd = np.mean(values), np.std(values, ddof=1)
    low, high = t.interval(0.95, 3, logit(mean), sd / 2 / (mean * (1 - mean)))
    assert found.ends == pytest.approx((expit(low), expit(high)))
    signed = summary(values, n=10, bounds=(-1, 1)).over_seeds
    assert signed is not None
    place = (mean + 1) / 2
    low, high = t.interval(0.95, 3, logit(place), sd / 2 / 2 / (place * (1 - place)))
    assert signed.ends == pytest.approx((2 * expit(low) - 1, 2 * expit(high) - 1))


def test_two_seeds_say_that_they_say_little() -> None:
    runs = [{"classification.auroc": figure(0.93), "calibration.slope": figure(1.4)}]
    runs.append({"classification.auroc": figure(0.97), "calibration.slope": figure(0.7)})
    found = summarise(runs)
    area, slope = found["classification.auroc"].over_seeds, found["calibration.slope"].over_seeds
    assert area is not None
    assert slope is not None
    assert area.ends is not None
    assert 0 <= area.ends[0] < 0.95 < area.ends[1] <= 1
    plain = t.interval(0.95, 1, 0.95, 0.02)
    assert plain[1] > 1
    assert slope.ends == pytest.approx(t.interval(0.95, 1, 1.05, 0.35))
    assert all("two seeds" in one.method for one in (area, slope))


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("classification.auroc", 0.9, (0, 1)),
        ("study.classification.doubt.ppv_at_0.02", 0.9, (0, 1)),
        ("classification.auroc_bca", 0.9, (0, 1)),
        ("detection.ap20_50.fracture", 0.9, (0, 1)),
        ("detection.froc_at_0.125", 0.9, (0, 1)),
        ("classes.macro.f1_of_means", 0.9, (0, 1)),
        ("classes.kappa", 0.4, (-1, 1)),
        ("subgroups.sex.F.auroc_gap", -0.1, (-1, 1)),
        ("fusion.change.map50", -0.1, (-1, 1)),
        ("calibration.slope", 0.9, None),
        ("calibration.observed_expected", 0.9, None),
        ("calibration.none.log_loss", 0.9, None),
        ("explanation.likeness.rank", 0.3, None),
    ],
)
def test_bounds_by_name(name: str, value: float, bounds: tuple[float, float] | None) -> None:
    assert bounds_of(name, [value]) == bounds


def test_summarise_takes_what_all_runs_have() -> None:
    runs = [{"a": figure(0.5), "b": figure(0.1)}, {"a": figure(0.7)}, {"a": figure(0.6), "c": figure(1)}]
    found = summarise(runs)
    assert list(found) == ["a"]
    assert (found["a"].mean, found["a"].sd) == pytest.approx((0.6, 0.1))
    assert str(found["a"]) == "0.600 ± 0.100 (3 seeds)"
    assert incomplete(runs) == {"b": 1, "c": 1}


def test_one_run_keeps_its_own_interval() -> None:
    found = summarise([{"a": figure(0.5)}])["a"]
    assert (found.sd, found.over_seeds, found.interval) == (None, None, figure(0.5))
    assert str(found) == "0.500 (0.400 to 0.600)"


def test_nothing_or_nan_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to summarise"):
        summarise([])
    with pytest.raises(DataError, match="NaN"):
        summary([0.5, float("nan")], n=3)


def crossed(runs: Sequence[Predictions], thresholds: dict[str, float], settings: Settings) -> dict[str, SeedSummary]:
    """Every figure of runs on the same cases, with the interval over cases and seeds."""
    panels = [Named(str(number), panel(run, thresholds)) for number, run in enumerate(runs)]
    draws = replicate(Joint(panels), clusters=runs[0].cluster, resamples=settings.resamples, seed=settings.seed)
    return of_runs(draws, panel_names(tuple(thresholds)), len(runs), settings, runs[0])


def test_equal_runs_give_the_interval_of_one(draw_cases: Draw) -> None:
    one = runs_of(draw_cases, 0.2, 1)[0]
    found = crossed([one] * 3, {"half": 0.5}, QUICK)
    single = bootstrap(Ranking(one.label, one.probability), clusters=one.cluster, resamples=1000)["auroc"]
    several = found["classification.auroc"]
    assert several.interval is not None
    assert several.sd == pytest.approx(0, abs=1e-12)
    assert (several.interval.low, several.interval.high) == pytest.approx((single.low, single.high))
    measured = measure(one, {"half": 0.5}, QUICK)
    assert found["classification.half.f1"].mean == pytest.approx(measured.figures["classification.half.f1"].value)
    assert found["calibration.brier"].mean == pytest.approx(measured.figures["calibration.brier"].value)


def test_seeds_that_differ_widen_it_by_their_variance(draw_cases: Draw) -> None:
    runs = runs_of(draw_cases, 0.5)
    found = crossed(runs, {}, Settings(resamples=4000))["classification.auroc"]
    assert found.interval is not None
    assert found.sd is not None
    assert "crossed with 5 seeds" in found.interval.method
    # Of the mean's variance, the seeds' part is sd^2 / 5; the cases' part is that of runs taken as given.
    single = [bootstrap(Ranking(run.label, run.probability), clusters=run.cluster)["auroc"] for run in runs]
    narrowest = min(one.high - one.low for one in single) / 2
    assert (found.interval.high - found.interval.low) / 2 > 1.96 * found.sd / 5**0.5
    assert (found.interval.high - found.interval.low) / 2 < narrowest + 1.96 * found.sd / 5**0.5


def test_resampled_seeds_have_the_variance_of_their_mean() -> None:
    """Stretching makes good for (runs - 1) / runs."""
    from osteon.evaluation.compare.panel import mean_of_runs
    from osteon.stats.bootstrap import Replicates

    values = np.array([0.1, 0.4, 0.35])
    draws = np.tile(values, (200_000, 1))
    found = mean_of_runs(Replicates(("x",) * 3, values, draws, None, 9, 9, False), ["x"], 3, seed=0)
    assert found.draws.std() == pytest.approx(values.std(ddof=1) / 3**0.5, rel=0.01)
    assert found.draws.mean() == pytest.approx(values.mean(), abs=1e-3)
