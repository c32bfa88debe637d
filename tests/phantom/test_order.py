"""The order of a layout's cases says nothing about them, and every class keeps its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import chi2

from osteon.phantom.layouts import LAYOUTS
from osteon.phantom.layouts.job import Job
from osteon.phantom.layouts.order import blocks, dealt, shares
from osteon.phantom.layouts.write import jobs_of
from osteon.phantom.simulate import FINDINGS, KINDS, build

PERIODS = (2, 3, 4, 5, 6, 7, 8, 10, 14)
PLANS = [(layout.name, kind) for layout in LAYOUTS for kind in layout.kinds]
LABELS: dict[str, Callable[[Job], str]] = {
    "fracture or lesion": lambda job: str(job.finding != "normal"),
    "class": lambda job: job.finding,
    "view": lambda job: job.views[0].value,
    "split": lambda job: job.split,
}
SMALLEST = {"pediurf": 3, "elbow": 3, "fracatlas": 8, "spinexr": 14}
"""Cases from which on every class occurs."""


def p_value(groups: list[int], labels: list[str]) -> float:
    """Probability of such a table of counts where group and label are independent (chi-square test)."""
    rows, columns = sorted(set(groups)), sorted(set(labels))
    if len(rows) < 2 or len(columns) < 2:
        return 1.0
    counts = Counter(zip(groups, labels, strict=True))
    observed = np.array([[counts[row, column] for column in columns] for row in rows], np.float64)
    expected = observed.sum(axis=1, keepdims=True) * observed.sum(axis=0) / observed.sum()
    freedom = (len(rows) - 1) * (len(columns) - 1)
    return float(chi2.sf(((observed - expected) ** 2 / expected).sum(), freedom))


@pytest.mark.parametrize(("layout", "kind"), PLANS)
def test_neither_row_nor_position_predicts_a_label(layout: str, kind: str) -> None:
    """As many tests of 9 periods, tenths of the list and seeds are under 0.05 as independence brings, and none is sure."""
    values: dict[tuple[int, str, str], float] = {}
    rows = range(350)
    for seed in range(6):
        jobs = jobs_of(kind, layout, len(rows), seed)
        for name, label in LABELS.items():
            labels = [label(job) for job in jobs]
            if len(set(labels)) == 1:
                continue
            for period in PERIODS:
                values[seed, name, f"row mod {period}"] = p_value([row % period for row in rows], labels)
            values[seed, name, "tenth"] = p_value([row // 35 for row in rows], labels)
            values[seed, name, "seed"] = p_value([job.seed % 5 for job in jobs], labels)
    least = min(values, key=lambda test: values[test])
    assert values[least] > 1e-6, (least, values[least])
    assert np.mean([value < 0.05 for value in values.values()]) < 0.12


@pytest.mark.parametrize(("layout", "kind"), PLANS)
def test_the_last_digits_of_a_name_predict_no_label(layout: str, kind: str) -> None:
    jobs = jobs_of(kind, layout, 700, 1)
    for name, label in LABELS.items():
        labels = [label(job) for job in jobs]
        for digits in (1, 2):
            value = p_value([int(job.name[-digits:], 16) for job in jobs], labels)
            assert value > 0.001, (name, digits, value)


@pytest.mark.parametrize(("layout", "kind"), PLANS)
def test_shares_are_kept_for_every_seed(layout: str, kind: str) -> None:
    """Exact counts of classes, splits and views, whatever the order."""
    plans = [jobs_of(kind, layout, 350, seed) for seed in range(4)]
    for label in (LABELS["fracture or lesion"], LABELS["split"], LABELS["view"]):
        counts = [Counter(label(job) for job in jobs) for jobs in plans]
        assert all(max(c[key] for c in counts) - min(c[key] for c in counts) <= 1 for key in counts[0])
    broken = {"pediurf": 350, "fracatlas": 140, "spinexr": 175}.get(layout)
    for jobs in plans:
        found = Counter(job.finding for job in jobs)
        if broken is not None:
            assert 350 - found["normal"] == broken
        if layout == "pediurf":
            assert dict(found) == dict(zip(FINDINGS[kind], shares(350, [572, 1319, 3374]), strict=True))
        else:
            equal = [found[name] for name in (FINDINGS[kind] if broken else ("normal", *FINDINGS[kind]))]
            assert max(equal) - min(equal) <= 1


@pytest.mark.parametrize(("layout", "kind"), PLANS)
def test_each_class_comes_in_each_split_as_often_as_it_should(layout: str, kind: str) -> None:
    jobs = [job for job in jobs_of(kind, layout, 700, 5) if job.finding != "normal"]
    whole = Counter(job.split for job in jobs)
    found = Counter((job.finding, job.split) for job in jobs)
    for finding, total in Counter(job.finding for job in jobs).items():
        for split, count in whole.items():
            assert abs(found[finding, split] - total * count / len(jobs)) <= 1.5, (finding, split)


@pytest.mark.parametrize(("layout", "kind"), PLANS)
@pytest.mark.parametrize("seed", range(6))
def test_a_small_dataset_has_every_class(layout: str, kind: str, seed: int) -> None:
    expected = {*FINDINGS[kind], *(() if layout == "pediurf" else ("normal",))}
    assert {job.finding for job in jobs_of(kind, layout, SMALLEST[layout], seed)} == expected


@pytest.mark.parametrize(("layout", "kind"), PLANS)
def test_another_seed_is_another_order(layout: str, kind: str) -> None:
    first, again, other = (jobs_of(kind, layout, 60, seed) for seed in (8, 8, 9))
    assert first == again
    assert [job.finding for job in first] != [job.finding for job in other] or kind == "hand"
    assert [(job.finding, job.split) for job in first] != [(job.finding, job.split) for job in other]


def test_what_is_dealt_is_spread_evenly() -> None:
    random = np.random.default_rng(3)
    for total in (5, 10, 33, 100):
        listed = dealt((("train", 4.0), ("test", 1.0)), total, random)
        assert [listed.count("train"), listed.count("test")] == shares(total, [4.0, 1.0])
        for start in range(0, total - 5, 5):
            assert listed[start : start + 5].count("test") <= 2
    assert Counter(blocks("abc", 7, random)).most_common()[0][1] == 3


@pytest.mark.parametrize("kind", KINDS)
def test_age_sex_and_side_do_not_depend_on_the_finding(kind: str) -> None:
    for seed in range(4):
        patients = [build(kind, seed, finding).patient for finding in ("normal", *FINDINGS[kind])]
        assert all(patient == patients[0] for patient in patients)
