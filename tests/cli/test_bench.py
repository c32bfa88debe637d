"""``osteon bench`` on the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.cli import application
from osteon.core.errors import RecipeError
from osteon.learning.efficiency.row import cases_of_epoch
from osteon.learning.recipes import find

SMALL = (
    "--set", "preprocessing.height=64", "--set", "preprocessing.width=64", "--set", "cache_side=64",
    "--set", "sampling.batch_size=4", "--cases", "4", "--steps", "2", "--threads", "1",
)  # fmt: skip


@pytest.mark.slow
def test_a_row_as_json() -> None:
    result = CliRunner().invoke(application("bench"), ["bench", "pediurf", *SMALL, "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    (row,) = told["rows"]
    assert row["recipe"] == "pediurf/urfnet"
    assert row["input"] == [2, 3, 64, 64]
    assert row["parameters"] == pytest.approx(21.45e6, rel=0.005)
    for timing, repeats in ((row["onnx"], 4), (row["eager"], 4), (row["epoch"]["step"], 2)):
        assert 0 < timing["low"] <= timing["median"] <= timing["high"]
        assert timing["repeats"] == repeats
    # 5,265 studies by the card, 64 % of them to learn from.
    assert row["epoch"]["cases"] == 3370
    assert row["epoch"]["seconds"] == pytest.approx(3370 // 4 * row["epoch"]["step"]["median"] / 1000)
    assert row["onnx_memory"] > 50e6
    assert any("1 thread" in note for note in told["notes"])


@pytest.mark.slow
def test_a_detector_is_measured_to_its_boxes() -> None:
    small = ("--set", "architecture.width=0.35", "--set", "architecture.pyramid=16", "--set", "architecture.blocks=1")
    result = CliRunner().invoke(application("bench"), ["bench", "fracatlas/detector", *SMALL, *small, "--json"])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)["rows"]
    assert row["recipe"] == "fracatlas/detector"
    assert row["input"] == [1, 64, 64]
    assert 0 < row["parameters"] < 1e6
    assert row["multiply_adds"] > 1e6
    for timing in (row["onnx"], row["eager"], row["epoch"]["step"]):
        assert 0 < timing["low"] <= timing["median"] <= timing["high"]
    assert row["epoch"]["cases"] == find("fracatlas/detector").sampling.images_per_epoch


@pytest.mark.parametrize("name", ["vindr_spinexr/framework", "fractuvision/yolov8"])
def test_what_has_no_network_of_its_own_is_refused(name: str) -> None:
    error = CliRunner().invoke(application("bench"), ["bench", name]).exception
    assert isinstance(error, RecipeError)
    assert "no network of its own" in error.problem


@pytest.mark.slow
def test_a_row_as_a_table_in_markdown() -> None:
    asked = ["bench", "mobilenet_elbow", *SMALL, "--markdown"]
    lines = CliRunner().invoke(application(asked[0]), asked).stdout.splitlines()
    assert lines[0].startswith("| recipe | input | M parameters |")
    assert lines[2].startswith("| mobilenet_elbow | 3 x 64 x 64 |")
    assert "?" in lines[2]  # the card does not say how many images there are


def test_an_epoch_is_counted_by_recipe_or_card() -> None:
    assert cases_of_epoch(find("pediurf/resnet34"), None)[0] == 2 * 3370 - 1  # films, of 10,530
    cases, source = cases_of_epoch(find("fracatlas"), None)
    assert cases == find("fracatlas").sampling.images_per_epoch
    assert source == "the recipe"


def test_an_unknown_recipe() -> None:
    assert isinstance(CliRunner().invoke(application("bench"), ["bench", "resnet35"]).exception, RecipeError)
