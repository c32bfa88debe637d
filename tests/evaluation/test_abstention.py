"""What was refused, and the risk among the cases that are kept, against the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.evaluation.abstention.abstention import abstention_section, refusals
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.predictions.predictions import predictions
from osteon.stats.selective import Excess, RiskAt, least_area
from osteon.stats.utility import risk_coverage

QUICK = Settings(resamples=200)
POINTS = {"doubt": 0.2, "definite": 0.5}


@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.45, 0.6, 0.8])), min_size=2, max_size=25),
    st.sampled_from([0.2, 0.5, 0.9, 1.0]),
)
def test_risk_at_a_coverage_is_that_of_the_most_certain(cases: list[tuple[int, float]], share: float) -> None:
    label, chance = np.array(cases).T
    at = RiskAt(label, chance, 0.5, [share])(np.ones((1, len(label))))[0, 0]
    certainty = np.abs(np.log(chance / (1 - chance)))
    limits = np.unique(certainty)[::-1]
    kept = next(certainty >= limit for limit in limits if (certainty >= limit).sum() >= share * len(label) - 1e-9)
    assert at == pytest.approx(((chance >= 0.5) != (label == 1))[kept].mean())


@given(total=st.integers(1, 60), faults=st.integers(0, 60))
def test_least_area_is_that_of_a_perfect_certainty(total: int, faults: int) -> None:
    faults = min(faults, total)
    right = total - faults
    expected = np.mean([max(0, kept - right) / kept for kept in range(1, total + 1)])
    found = least_area(np.array([float(total)]), np.array([float(faults)]))[0]
    assert found == pytest.approx(expected, abs=1e-12)


def test_excess_is_zero_where_all_faults_are_the_least_certain() -> None:
    label = np.array([1, 1, 0, 0, 1, 0])
    chance = np.array([0.99, 0.95, 0.02, 0.1, 0.45, 0.52])
    assert Excess(label, chance, 0.5)(np.ones((1, 6)))[0, 0] == pytest.approx(0)
    assert risk_coverage(label, chance, 0.5).area > 0


def test_reasons_are_gathered_without_their_measurements() -> None:
    refused = [
        "the image is too small: 120 x 90 pixels, at least 160 a side are needed",
        "the image is too small: 60 x 90 pixels, at least 160 a side are needed; not a radiograph: it is in colour",
        "the image is unlike the radiographs that the bundle was trained on (novelty 7.1, limit 5.6)",
        "a strip of 900 x 80 pixels",
        "",
        "",
    ]
    failed = ["", "", "", "", "the file is damaged", ""]
    table = predictions(
        list("abcdef"), [1, 0, 1, -1, 0, 1], [np.nan] * 5 + [0.4], attributes={"refused": refused, "failed": failed}
    )
    found = refusals(table)
    assert found[0] == ("the image is too small", 2, 1, 1)
    assert {one.reason for one in found[1:]} == {
        "a strip",
        "not a radiograph: it is in colour",
        "not readable: the file is damaged",
        "the image is unlike the radiographs that the bundle was trained on",
    }


def test_section() -> None:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 80)
    chance = np.clip(0.35 * label + 0.65 * random.random(80), 0.01, 0.99)
    chance[:4] = np.nan
    reasons = ["blank: there is next to no contrast"] * 4 + [""] * 76
    table = predictions([f"{i}" for i in range(80)], label, chance, attributes={"refused": reasons})
    section = abstention_section(table, POINTS, QUICK)
    assert section.figures["abstention.coverage"].value == pytest.approx(76 / 80)
    assert section.figures["abstention.coverage"].n == 80
    assert section.figures["abstention.aurc"].n == 76
    assert section.figures["abstention.excess_aurc"].value <= section.figures["abstention.aurc"].value
    assert "blank: there is next to no contrast" in section.content
    assert "abstention" in section.plots
    assert "share of films read" in section.card
    everything = abstention_section(table.select(table.read), POINTS, QUICK)
    assert "none was refused" in everything.content


def test_one_cluster_has_no_intervals() -> None:
    table = predictions(list("ab"), [0, 1], [0.2, 0.9], cluster=["p", "p"], study=["s", "s"])
    section = abstention_section(table, POINTS, QUICK)
    assert not section.figures
    assert not section.plots
