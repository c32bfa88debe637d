"""Each requirement of a promotion fails when, and only when, its own measurement does not hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import ModuleType

import pytest
from tests.bundle.promotion.comparisons import WRITTEN, comparison_of, figure, gap, planned

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.bundle.promotion.gate import CheckCode, judge, passed
from osteon.bundle.promotion.page import comparison_page
from osteon.bundle.promotion.plan import PLAN, parse_plan
from osteon.bundle.promotion.record import Comparison, Cost, PairedFigure, SetFigures, parse_comparison
from osteon.core.errors import DataError


@pytest.fixture(scope="module")
def live(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return open_bundle(blobs.make(tmp_path_factory.mktemp("live") / "live.osteon", blobs.both()))


@pytest.fixture(scope="module")
def candidate(live: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    manifest = live.manifest.model_copy(update={"version": "1.1.0"})
    path = tmp_path_factory.mktemp("candidate") / "candidate.osteon"
    return write_bundle(path, manifest, {**live.parts, PLAN: planned(live).content()})


@pytest.fixture(scope="module")
def good(live: Bundle, candidate: Bundle) -> Comparison:
    return comparison_of(live, candidate)


def test_a_comparison_that_shows_all_is_enough_and_survives_its_file(good: Comparison, candidate: Bundle) -> None:
    again = parse_comparison(good.model_dump_json().encode(), "comparison.json")
    assert again == good
    assert passed(judge(again, candidate, good.live_digest))
    assert parse_plan(candidate.parts[PLAN], PLAN) == good.plan
    page = comparison_page(again, candidate)
    assert "<table" in page
    assert "javascript" not in page


def on_set(name: str, change: Callable[[SetFigures], SetFigures]) -> Callable[[Comparison], Comparison]:
    def changed(found: Comparison) -> Comparison:
        return found.model_copy(update={"sets": tuple(change(one) if one.name == name else one for one in found.sets)})

    return changed


def with_figure(new: PairedFigure) -> Callable[[SetFigures], SetFigures]:
    def changed(one: SetFigures) -> SetFigures:
        figures = tuple(new if old.figure == new.figure else old for old in one.figures)
        return one.model_copy(update={"figures": figures})

    return changed


def with_group(new: PairedFigure) -> Callable[[SetFigures], SetFigures]:
    def changed(one: SetFigures) -> SetFigures:
        return one.model_copy(update={"subgroups": (one.subgroups[0].model_copy(update={"figures": (new,)}),)})

    return changed


def put(**values: object) -> Callable[[Comparison], Comparison]:
    return lambda found: found.model_copy(update=values)


def without_old(found: Comparison) -> Comparison:
    return found.model_copy(update={"sets": found.sets[:1]})


SLOW = Cost(images=23, milliseconds=(90, 48), ratio=gap(1.9, 1.8, 2.0), mebibytes=(300, 310))
LARGE = Cost(images=23, milliseconds=(50, 48), ratio=gap(1.0, 0.9, 1.1), mebibytes=(900, 310))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (put(candidate_digest="b" * 64), CheckCode.OTHER_CANDIDATE),
        (put(live_digest="b" * 64), CheckCode.OTHER_LIVE),
        (put(plan_digest="b" * 64), CheckCode.PLAN_KEPT),
        (put(training_began=WRITTEN - timedelta(hours=1)), CheckCode.PLAN_FIRST),
        (put(same_task=False), CheckCode.SAME_TASK),
        (without_old, CheckCode.SET_MEASURED),
        (on_set("old", with_figure(figure("auroc", 0.01, -0.031, 0.05))), CheckCode.NOT_INFERIOR),
        (on_set("old", with_figure(figure("auroc", 0.01, None, None))), CheckCode.NOT_INFERIOR),
        (on_set("local", with_figure(figure("read", -0.05, -0.1, 0.0))), CheckCode.NOT_INFERIOR),
        (on_set("local", with_figure(figure("auroc", 0.05, -0.001, 0.1))), CheckCode.SUPERIOR),
        (on_set("old", with_group(figure("auroc", -0.11, -0.4, 0.1))), CheckCode.SUBGROUP),
        (on_set("old", with_group(figure("auroc", -0.05, -0.09, -0.01))), CheckCode.SUBGROUP),
        (put(robustness=None), CheckCode.ROBUST),
        (put(cost=SLOW), CheckCode.TIME),
        (put(cost=LARGE), CheckCode.MEMORY),
    ],
)
def test_what_does_not_hold_is_named(
    good: Comparison, candidate: Bundle, change: Callable[[Comparison], Comparison], code: CheckCode
) -> None:
    checks = judge(change(good), candidate, good.live_digest)
    failed = {one.code for one in checks if not one.passed}
    assert code in failed
    assert failed <= {code, CheckCode.SUBGROUPS}
    assert comparison_page(change(good), candidate)


def test_a_plan_that_was_changed_afterwards_does_not_fit_the_bundle(good: Comparison, candidate: Bundle) -> None:
    generous = good.plan.model_copy(update={"margins": {"auroc": 0.5}})
    moved = good.model_copy(update={"plan": generous, "plan_digest": generous.digest})
    assert {one.code for one in judge(moved, candidate, good.live_digest) if not one.passed} == {CheckCode.PLAN_KEPT}


def test_a_margin_of_one_test_set_goes_before_that_of_both(good: Comparison) -> None:
    assert good.plan.margins_of("local")["read"] == 0.02
    assert good.plan.margins_of("old")["read"] == 0.05
    assert good.plan.margins_of("old")["auroc"] == good.plan.margins_of("local")["auroc"] == 0.03


def test_another_bundle_may_read_by_now(good: Comparison, candidate: Bundle) -> None:
    assert {one.code for one in judge(good, candidate, "c" * 64) if not one.passed} == {CheckCode.OTHER_LIVE}


@pytest.mark.parametrize("content", [b"", b"{}", b'{"written": "2026-03-01T00:00:00Z", "margins": {"beauty": 0.1}}'])
def test_what_is_no_plan_is_refused(content: bytes) -> None:
    with pytest.raises(DataError):
        parse_plan(content, "plan.json")
