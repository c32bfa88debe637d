"""A watch over simulated days: it stays quiet, finds what changes, and says so in words."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from osteon.bundle.reference import Reference
from osteon.core.errors import DataError
from osteon.monitoring.baseline import learn
from osteon.monitoring.fields import FIELDS
from osteon.monitoring.figures import agreement_of, performance_of, shrink, subgroups_of
from osteon.monitoring.freeze import freeze
from osteon.monitoring.observation import Answer, Observation
from osteon.monitoring.report.content import report
from osteon.monitoring.report.page import page
from osteon.monitoring.report.terminal import WIDTH, terminal_lines
from osteon.monitoring.streams import Kind, streams_of
from osteon.monitoring.watch import Rule, watch

START = datetime(2026, 1, 1, 9, tzinfo=UTC)


def studies(
    days: int, seed: int, *, begin: int = 0, children: bool = False, device: str = "Acme", wrong: float = 0.1
) -> list[Observation]:
    generator = np.random.default_rng(seed)
    found = []
    for day in range(begin, begin + days):
        for _ in range(generator.poisson(20)):
            p = float(generator.beta(0.5, 2))
            age = float(generator.uniform(2, 14) if children else np.clip(generator.normal(50, 15), 18, 95))
            time = START + timedelta(days=day)
            answer = None
            if generator.random() < 0.4:
                answer = Answer(time + timedelta(days=1), bool(generator.random() >= wrong))
            call = "fracture" if p > 0.4 else "doubt" if p > 0.1 else "no fracture"
            sex = "FM"[int(generator.integers(2))]
            maker = device if generator.random() < 0.8 else "Other Ltd"
            categories = {"sex": sex, "call": call, "refusal": "none", "manufacturer": maker}
            quantities = {"age": age, "probability": p, "brightness": float(generator.normal(0.4, 0.05))}
            found.append(Observation(time, "b@1", categories, quantities, "ER" if age > 50 else "GP", answer))
    return found


@pytest.fixture(scope="module")
def reference() -> Reference:
    return freeze(studies(50, 1), data="simulated studies", made="2026-01-01")


def test_reference_holds_counts_alone_and_comes_back(reference: Reference) -> None:
    again = Reference.model_validate_json(reference.model_dump_json())
    assert again == reference
    assert sum(reference.quantities["age"].counts) == reference.studies
    assert reference.categories["sex"].counts.keys() == {"F", "M"}
    rare = freeze([*studies(5, 1), *studies(1, 2, device="Only Once")[:3]], data="", made="")
    assert "Only Once" not in rare.model_dump_json()


def test_too_few_or_mixed_studies_are_no_reference() -> None:
    with pytest.raises(DataError, match="no reference"):
        freeze(studies(1, 1)[:5], data="", made="")


def test_every_stream_counts_its_share_of_the_reference(reference: Reference) -> None:
    seen = studies(50, 1)
    for stream in streams_of(reference):
        counted = [stream.counts(one) for one in seen]
        assert (counted.count(True), len(counted) - counted.count(None)) == (stream.hits, stream.cases), stream.name


def test_quiet_days_stay_quiet(reference: Reference) -> None:
    assert watch(reference, studies(120, 2)).alarms == ()


def test_changes_are_found_dated_and_explained(reference: Reference) -> None:
    seen = [*studies(40, 3), *studies(20, 4, begin=40, children=True, device="New Corp")]
    found = watch(reference, seen)
    alarms = {alarm.stream.name: alarm for alarm in found.alarms}
    at_once = {"age.low", "age.unseen", "manufacturer.other", "manufacturer.value.Acme"}
    assert at_once <= alarms.keys()
    assert not any(name.startswith(("sex", "brightness", "probability")) for name in alarms)
    for name, alarm in alarms.items():
        assert abs((alarm.since - date(2026, 2, 10)).days) <= 1
        assert (
            date(2026, 2, 10) <= alarm.day <= date(2026, 2, 16 if name in at_once else 28)
        )  # what falls to 0 takes longer
        assert alarm.chance < 0.05
    content = report(found, seen, None)
    json.dumps(content, allow_nan=False)
    html = page(content)
    assert "age of at most" in html
    assert "What to do" in html
    lines = terminal_lines(content)
    assert max(map(len, lines)) <= WIDTH
    assert any("age" in line for line in lines)


def test_disagreement_of_readers_is_dated_by_their_answers(reference: Reference) -> None:
    seen = [*studies(30, 5), *studies(40, 6, begin=30, wrong=0.5)]
    assert {alarm.stream.name for alarm in watch(reference, seen).alarms} == {"agreement.value.no"}
    agreement = agreement_of(seen)
    assert agreement.share is not None
    assert agreement.delay == pytest.approx(1.0)
    assert sum(yes + no for _, yes, no in agreement.confusion) == agreement.answered


def test_stated_nothing_any_more_is_a_change(reference: Reference) -> None:
    seen = [Observation(one.time, one.bundle, {"call": one.categories["call"]}, {}) for one in studies(10, 7)]
    kinds = {alarm.stream.kind for alarm in watch(reference, seen).alarms}
    assert Kind.MISSING in kinds


def test_the_first_studies_are_what_later_ones_are_compared_with() -> None:
    learnt = learn(studies(40, 8), 300)
    assert learnt.reference.studies >= 300
    assert max(one.time for one in learnt.later) > min(one.time for one in learnt.later)
    with pytest.raises(DataError, match="still learning"):
        learn(studies(5, 8), 300)


def test_subgroups_are_drawn_to_the_mean_by_their_size() -> None:
    groups = subgroups_of(studies(40, 9))
    assert {group.by for group in groups} == {"site", "manufacturer", "age_band", "sex"}
    shares = shrink(np.array([5.0, 300.0]), np.array([10.0, 1000.0]))
    assert 0.3 < shares[0] < 0.5
    assert shares[1] == pytest.approx(0.3, abs=0.02)
    assert shrink(np.array([0.0, 0.0]), np.array([3.0, 4.0])).tolist() == [0, 0]


def test_performance_is_estimated_from_enough_studies_only() -> None:
    assert performance_of(studies(2, 1), 0.4) is None
    assert performance_of(studies(20, 1), 0.4) is not None


def test_a_rule_that_cannot_be_is_refused(reference: Reference) -> None:
    with pytest.raises(DataError, match="rule"):
        Rule(level=1.0)
    with pytest.raises(DataError, match="nothing to watch"):
        watch(reference, [])
    with pytest.raises(DataError, match="longer than"):
        watch(reference, [*studies(1, 1), *studies(1, 1, begin=5000)])


def test_every_field_has_its_words() -> None:
    from osteon.core.codes.drift import Advice, WatchedField
    from osteon.core.wording.monitoring import ADVICE, FIELD_WORDS

    assert [field.name for field in FIELDS] == list(WatchedField)
    assert FIELD_WORDS.keys() == set(WatchedField)
    assert ADVICE.keys() == {field.advice for field in FIELDS} == set(Advice)


def test_features_of_two_batches_are_told_apart() -> None:
    from osteon.monitoring.features import compare_features

    generator = np.random.default_rng(1)
    before = generator.normal(size=(60, 40)).astype(np.float32)
    shifted = compare_features(before, (generator.normal(size=(50, 40)) + 0.8).astype(np.float32))
    assert shifted.classifier.statistic > 0.9
    assert shifted.mmd.p < 0.02
    same = compare_features(before, generator.normal(size=(50, 40)).astype(np.float32))
    assert same.classifier.p > 0.05
    with pytest.raises(DataError, match="too few"):
        compare_features(before, before[:3])
