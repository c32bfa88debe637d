"""A bundle is revised without training: its networks stay, its indication may only become narrower."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from osteon.bundle.archive import Bundle, open_bundle, write_bundle
from osteon.core.errors import BundleError
from osteon.core.labels import BodyPart
from osteon.learning.bundling.revise import revise
from osteon.learning.recipe import Recipe
from osteon.learning.recipes import find

COMMANDS = "```\nosteon bundle revise\n```"


@pytest.fixture
def old(blobs: ModuleType, tmp_path: Path) -> Bundle:
    """A bundle as the recipe ``fracatlas`` could have made it, when it still indicated every region."""
    manifest = blobs.manifest()
    origin = manifest.provenance.model_copy(update={"recipe": "fracatlas", "parity": "1e-5 over 50 validation films"})
    indication = manifest.indication.model_copy(
        update={"body_parts": tuple(BodyPart), "minimum_age": 0.0, "maximum_age": 120.0, "minimum_side": 64}
    )
    wide = manifest.model_copy(update={"provenance": origin, "indication": indication})
    return write_bundle(tmp_path / "old.osteon", wide, {**blobs.parts(wide), "split.json": b"{}"})


def test_networks_and_thresholds_stay_and_words_are_todays(old: Bundle, tmp_path: Path) -> None:
    recipe = find("fracatlas")
    revise(old, recipe, tmp_path / "new.osteon", version="9.0.0", created="2026-11-30", commands=COMMANDS)
    new = open_bundle(tmp_path / "new.osteon")
    assert (new.manifest.version, new.manifest.created) == ("9.0.0", "2026-11-30")
    kept = {name: part for name, part in old.parts.items() if name != "MODEL_CARD.md"}
    assert {name: part for name, part in new.parts.items() if name != "MODEL_CARD.md"} == kept
    for name in ("operating_points", "calibration", "preprocessing", "labels", "graph"):
        assert getattr(new.manifest, name) == getattr(old.manifest, name)
    assert new.manifest.indication.body_parts == recipe.indicated.body_parts
    assert new.manifest.indication.maximum_novelty == old.manifest.indication.maximum_novelty
    assert new.manifest.figures == {}
    assert new.manifest.training_data[0].split_sha256 == hashlib.sha256(b"{}").hexdigest()
    assert new.manifest.provenance.parity == "1e-5 over 50 validation images"
    assert COMMANDS in new.card
    assert all(f"- {limit}" in new.card for limit in recipe.indicated.limits)


def test_the_same_revision_gives_the_same_bytes(old: Bundle, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        revise(old, find("fracatlas"), tmp_path / name / "new.osteon", version="9.0.0", created="2026-11-30")
    assert (tmp_path / "a" / "new.osteon").read_bytes() == (tmp_path / "b" / "new.osteon").read_bytes()


def wider(recipe: Recipe, **limits: object) -> Recipe:
    return replace(recipe, indicated=replace(recipe.indicated, **limits))  # pyright: ignore[reportArgumentType]


def test_a_revision_cannot_widen_or_change_the_recipe(old: Bundle, tmp_path: Path) -> None:
    target, recipe = tmp_path / "new.osteon", find("fracatlas")
    narrow = revise(old, recipe, target, version="9.0.0", created="2026-11-30")
    for limits, word in (
        ({"body_parts": (*recipe.indicated.body_parts, BodyPart.HIP)}, "hip"),
        ({"minimum_age": 0.5}, "minimum_age"),
        ({"maximum_age": 115.0}, "maximum_age"),
        ({"minimum_side": 100}, "minimum_side"),
    ):
        with pytest.raises(BundleError, match=word):
            revise(narrow, wider(recipe, **limits), target, version="9.0.1", created="2026-11-30")
    with pytest.raises(BundleError, match="version of its own"):
        revise(narrow, recipe, target, version="9.0.0", created="2026-11-30")
    with pytest.raises(BundleError, match="recipe that made it"):
        revise(old, find("mobilenet_elbow"), target, version="9.0.0", created="2026-11-30")
