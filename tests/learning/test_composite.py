"""Recipes that one run does not train: what they take from their parts, and what is said where they cannot be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from typer.testing import CliRunner

from osteon.cli import application
from osteon.core.errors import RecipeError
from osteon.learning.recipe import EnsembleRecipe, FusionRecipe, Recipe
from osteon.learning.recipes import ALL, RECIPES, find, find_any, find_network
from osteon.learning.runs.overrides import apply, leaves, snapshot

OTHERS = [recipe for recipe in ALL if not recipe.trainable]
NAMES = [recipe.name for recipe in OTHERS]


def ensemble() -> EnsembleRecipe:
    found = find_any("vindr_spinexr/ensemble")
    assert isinstance(found, EnsembleRecipe)
    return found


def test_all_recipes_are_those_that_are_trained_and_these() -> None:
    assert NAMES == [
        "vindr_spinexr/ensemble",
        "vindr_spinexr/framework",
        "vindr_spinexr/ensemble_code",
        "fractuvision/yolov8",
    ]
    assert {recipe.name for recipe in ALL} == {recipe.name for recipe in RECIPES} | {*NAMES}
    assert all(recipe.trainable and recipe.network is recipe and not recipe.parts(()) for recipe in RECIPES)


@pytest.mark.parametrize("name", NAMES)
def test_nobody_trains_them(name: str) -> None:
    with pytest.raises(RecipeError, match="not trained by itself") as caught:
        find(name)
    assert f"osteon reproduce {name.split('/')[0]}" in str(caught.value)
    assert all(part.name in str(caught.value) for part in find_any(name).parts(()))


def test_an_ensemble_is_the_network_of_its_members_and_has_no_settings() -> None:
    whole = ensemble()
    network = find_network(whole.name)
    first = whole.members[0]
    assert replace(network, architecture=first.architecture) == replace(
        first,
        name=whole.name,
        summary=whole.summary,
        source=whole.source,
        claims=whole.claims,
        unstated=whole.unstated,
        deviations=whole.deviations,
    )
    assert network.architecture.published == ("densenet121", "densenet169", "densenet201")
    assert not network.architecture.trained
    with pytest.raises(RecipeError, match="no setting"):
        apply(whole, ["optimizer.lr=1"])


def test_an_ensemble_takes_its_members_as_they_were_trained() -> None:
    whole = ensemble()
    small = [apply(member, ["sampling.batch_size=3"]) for member in whole.members]
    assert whole.averaged(small).sampling.batch_size == 3


@pytest.mark.parametrize(
    "setting", ["preprocessing.mean=0.3", "task.positive=normal", "split.seed=3", "dataset=fracatlas"]
)
def test_members_that_differ_cannot_be_averaged(setting: str) -> None:
    first, *others = ensemble().members
    with pytest.raises(RecipeError, match=f"differ in {setting.split('.')[0].split('=')[0]}"):
        replace(ensemble(), members=(apply(first, [setting]), *others))
    with pytest.raises(RecipeError, match="no members"):
        replace(ensemble(), members=())


def test_a_network_of_its_own_head_is_no_member() -> None:
    first = ensemble().members[0]
    elbow = replace(first, architecture=find("mobilenet_elbow").architecture)
    with pytest.raises(RecipeError, match="cannot be averaged"):
        ensemble().averaged([elbow])


def test_a_fusion_takes_the_detectors_that_are_run_anyway() -> None:
    fusion = find_any("vindr_spinexr/framework")
    assert isinstance(fusion, FusionRecipe)
    assert [part.name for part in fusion.parts(())] == ["vindr_spinexr/ensemble", "vindr_spinexr/sparse_rcnn"]
    wanted = {"vindr_spinexr/retinanet", "vindr_spinexr/faster_rcnn"}
    assert {part.name for part in fusion.parts(wanted)} == {"vindr_spinexr/ensemble", *wanted}
    assert (fusion.task, fusion.seeds) == (fusion.detectors[0].task, fusion.detectors[0].seeds)


@pytest.mark.parametrize("name", [name for name in NAMES if "ensemble" not in name])
def test_what_has_no_network_of_ours_is_not_measured(name: str) -> None:
    with pytest.raises(RecipeError, match="no network of its own"):
        find_network(name)


@pytest.mark.parametrize("recipe", OTHERS, ids=NAMES)
def test_its_parts_are_shown_by_name(recipe: Recipe) -> None:
    parts = {part.name for part in recipe.parts({one.name for one in RECIPES})}
    for record in (leaves(recipe), snapshot(recipe)):
        text = str(record)
        assert all(name in text for name in parts)
        assert "optimizer.lr" not in text


def test_the_extra_is_named_in_the_list() -> None:
    assert "osteon[yolo]" in CliRunner().invoke(application("recipes"), ["recipes", "fractuvision/yolov8"]).stdout
