"""``osteon data`` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from osteon.cli.data import app
from osteon.data.datasets import DATASETS
from osteon.data.split import load_split


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_list_shows_every_dataset() -> None:
    text = run("list")
    assert all(dataset.card.name in text for dataset in DATASETS)
    assert [card["name"] for card in json.loads(run("list", "--json"))] == [dataset.card.name for dataset in DATASETS]


def test_check_prints_json_writes_a_page_and_is_strict_when_asked(fracatlas: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    found = json.loads(run("check", "fracatlas", fracatlas, "--json", "--out", page))
    assert found["images"] == 24
    assert {"kind", "severity", "images", "detail"} == set(found["problems"][0])
    assert page.stat().st_size > 2000
    assert "Truncated files" in run("check", "fracatlas", fracatlas)
    run("check", "fracatlas", fracatlas, "--strict", code=1)


def test_stats(fracatlas: Path) -> None:
    found = json.loads(run("stats", "fracatlas", fracatlas, "--json"))
    lines = {line["name"]: line["values"] for line in found["lines"]}
    assert found["columns"] == ["train", "test", "total"]
    assert lines["Images"] == ["6", "2", "22"]
    assert lines["fracture: yes"] == ["6", "2", "8"]
    assert lines["fracture"] == ["6", "2", "8"]
    assert lines["Age (mean, years [range])"][-1] == "unknown"
    assert "Studies" in run("stats", "fracatlas", fracatlas)


@pytest.mark.parametrize(("shares", "parts"), [("4:1", {"train", "test"}), ("70/15/15", {"train", "val", "test"})])
def test_split_writes_a_file_with_a_hash(fracatlas: Path, tmp_path: Path, shares: str, parts: set[str]) -> None:
    path = tmp_path / "split.json"
    text = run("split", "fracatlas", fracatlas, "--out", path, "--parts", shares, "--seed", 3)
    made = load_split(path)
    assert set(made.parts) == parts
    assert made.hash[:12] in text
    assert made.group == ("cluster",)


def test_split_makes_folds(fracatlas: Path, tmp_path: Path) -> None:
    run("split", "fracatlas", fracatlas, "--out", tmp_path / "fold.json", "--folds", 4)
    folds = [load_split(tmp_path / f"fold-{number}.json") for number in range(4)]
    assert sorted(image for fold in folds for image in fold.parts["test"]) == sorted(
        image for images in folds[0].parts.values() for image in images
    )


def test_wrong_shares_are_wrong_usage(fracatlas: Path, tmp_path: Path) -> None:
    run("split", "fracatlas", fracatlas, "--out", tmp_path / "s.json", "--parts", "most", code=2)
