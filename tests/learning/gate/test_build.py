"""A bundle with a gate is made of one without, the same each time, and says what was measured."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.learning.gate.simulated import gate_of_the_shipped, without_its_gate
from typer.testing import CliRunner

from osteon.bundle.archive import Bundle, open_bundle
from osteon.cli import application
from osteon.core.errors import BundleError, OsteonError
from osteon.inference.engine import InferenceEngine
from osteon.learning.gate import build
from osteon.learning.gate.build import Fitted, add_gate, learnable, save
from osteon.learning.gate.copies import COPIES
from osteon.learning.gate.families import FAMILIES
from osteon.learning.gate.features import without_gate
from osteon.learning.gate.samples import ORIGINAL
from osteon.learning.recipes import find


@pytest.fixture(scope="module")
def gate() -> Fitted:
    return gate_of_the_shipped()


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return without_its_gate(tmp_path_factory.mktemp("old") / "fracatlas.osteon")


def test_every_kind_and_part_is_measured_without_itself(gate: Fitted) -> None:
    figures = gate.measured.figures
    assert {f"{kind}, either" for kinds in FAMILIES.values() for kind in kinds} <= figures.keys()
    assert {"hip, part left out, another part", "phantoms of limbs, left out, either"} <= figures.keys()
    assert figures["other modalities, not a bone radiograph"].value > 0.9
    assert figures["hip, another part"].value > 0.9
    for copy in (ORIGINAL, *COPIES):
        assert figures[f"indicated, {copy}, not a bone radiograph"].value <= 0.03
    assert figures["hip at 2.0% of indicated"].value >= figures["hip at 0.1% of indicated"].value


def test_the_new_bundle_opens_and_is_the_same_each_time(old: Bundle, gate: Fitted, tmp_path: Path) -> None:
    recipe = find("fracatlas/lite2")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        file = tmp_path / name / "fracatlas.osteon"
        add_gate(old, gate, recipe, file, bundle_version="9.0.0", created="2026-11-30", commands="by a test")
    assert (tmp_path / "a" / "fracatlas.osteon").read_bytes() == (tmp_path / "b" / "fracatlas.osteon").read_bytes()
    new = open_bundle(tmp_path / "a" / "fracatlas.osteon")
    InferenceEngine(new, threads=1)
    assert (new.manifest.schema_version, new.manifest.version, new.manifest.figures) == (3, "9.0.0", {})
    assert without_gate(new.graph) == old.graph
    for name in ("operating_points", "calibration", "preprocessing", "labels", "graph", "detector", "fusion"):
        assert getattr(new.manifest, name) == getattr(old.manifest, name)
    assert new.manifest.gate is not None
    assert new.manifest.gate.not_radiograph.maximum == gate.measured.limits[0]
    assert "by a test" in new.card
    assert "| no bone radiograph |" in new.card


def test_a_version_of_its_own_and_the_recipe_are_needed(old: Bundle, gate: Fitted, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="version of its own"):
        add_gate(
            old, gate, find("fracatlas/lite2"), tmp_path / "n.osteon", bundle_version="1.0.0", created="2026-11-30"
        )
    with pytest.raises(BundleError, match="recipe of the bundle"):
        add_gate(
            old, gate, find("mobilenet_elbow"), tmp_path / "n.osteon", bundle_version="2.0.0", created="2026-11-30"
        )
    bare = replace(old, parts={name: part for name, part in old.parts.items() if name != "split.json"})
    with pytest.raises(BundleError, match="holds no split"):
        learnable(bare, None)  # pyright: ignore[reportArgumentType] - is not looked at


def test_what_was_measured_is_written(gate: Fitted, tmp_path: Path) -> None:
    save(gate, tmp_path / "gate.json")
    content = json.loads((tmp_path / "gate.json").read_text())
    assert content["limits"]["other_part"] == gate.measured.limits[1]
    assert content["originals"] == 90
    assert content["figures"]["hip, another part"]["n"] == 18


def test_missing_packages_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "missing_packages", lambda: ["skimage", "nilearn"])
    with pytest.raises(OsteonError, match="scikit-image nilearn"):
        build.gather(open_bundle("fracatlas"), None, tmp_path, 0, 1, None)  # pyright: ignore[reportArgumentType]
    told = CliRunner().invoke(application("bundle"), ["bundle", "gate", "--help"])
    assert told.exit_code == 0
    assert "--figures" in told.output
