"""A candidate for a bundle with a gate gets one of its own, or is not promoted."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.bundle.promotion.comparisons import comparison_of
from tests.learning.gate.simulated import PLAIN_FEATURES, gate_of_the_shipped, samples_of, without_its_gate

from osteon.bundle.archive import open_bundle
from osteon.bundle.promotion.gate import CheckCode, judge
from osteon.core.wording.promotion import check_words
from osteon.learning.gate import build
from osteon.learning.improve import gating
from osteon.learning.improve.gating import gate_candidate
from osteon.learning.recipes import find
from osteon.learning.train import TrainerOptions

RECIPE = "fracatlas/lite2"


@pytest.fixture
def options(tmp_path: Path) -> TrainerOptions:
    return TrainerOptions(cache=tmp_path / "cache", track=lambda items, *_: items, progress=False, threads=1)


def gated_of(file: Path) -> list[bool]:
    """Whether the requirement of a gate holds for a candidate; empty where it is none."""
    live, candidate = open_bundle("fracatlas"), open_bundle(file)
    found = comparison_of(live, candidate).model_copy(update={"live_gated": live.manifest.gate is not None})
    checks = judge(found, candidate, live.digest)
    return [one.passed for one in checks if one.code == CheckCode.GATE]


def test_a_candidate_gets_a_gate_under_its_own_version(
    tmp_path: Path, options: TrainerOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, made = open_bundle("fracatlas"), without_its_gate(tmp_path / "fracatlas.osteon")
    assert gated_of(tmp_path / "fracatlas.osteon") == [False]
    # The images are drawn from packages that are not installed here.
    monkeypatch.setattr(gating, "read", lambda *_: None)
    monkeypatch.setattr(gating, "gather", lambda *_: samples_of(PLAIN_FEATURES))
    monkeypatch.setattr(gating, "fit_and_measure", lambda *_: gate_of_the_shipped())
    for _ in range(2):  # again after a kill: it stays as it is
        assert gate_candidate(tmp_path / "fracatlas.osteon", live, find(RECIPE), tmp_path, 0, options)
    new = open_bundle(tmp_path / "fracatlas.osteon")
    assert (new.manifest.version, new.manifest.gate is not None) == (made.manifest.version, True)
    assert gated_of(tmp_path / "fracatlas.osteon") == [True]


def test_without_the_packages_it_has_none_and_is_not_promoted(
    tmp_path: Path, options: TrainerOptions, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    live, made = open_bundle("fracatlas"), without_its_gate(tmp_path / "fracatlas.osteon")
    monkeypatch.setattr(gating, "read", lambda *_: None)
    monkeypatch.setattr(build, "missing_packages", lambda: ["skimage"])
    with caplog.at_level(logging.WARNING):
        assert not gate_candidate(tmp_path / "fracatlas.osteon", live, find(RECIPE), tmp_path, 0, options)
    assert "pip install scikit-image" in caplog.text
    assert open_bundle(tmp_path / "fracatlas.osteon").digest == made.digest
    assert gated_of(tmp_path / "fracatlas.osteon") == [False]
    assert "gate" in check_words(CheckCode.GATE, {}, passed=False)
    # A bundle without a gate asks for none.
    assert not gate_candidate(tmp_path / "fracatlas.osteon", made, find(RECIPE), tmp_path, 0, options)
