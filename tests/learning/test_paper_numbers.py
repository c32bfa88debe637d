"""Every number of a paper has its place, and ours or a reason; the kept reports are where ours come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from typer.testing import CliRunner

from osteon.cli import application
from osteon.core.errors import DataError, RecipeError
from osteon.learning.recipes import PAPERS, paper
from osteon.learning.reproduce.numbers.collect import numbers_of
from osteon.learning.reproduce.numbers.page import papers_markdown
from osteon.learning.reproduce.numbers.settings import is_searched, setting_of


@pytest.mark.parametrize("name", [one.name for one in PAPERS])
def test_every_number_has_its_place_and_ours_or_a_reason(name: str) -> None:
    made = numbers_of(paper(name))
    assert made.entries
    for entry in made.entries:
        assert entry.where
        assert (entry.ours is None) == bool(entry.why)
        assert entry.metric or entry.label
        if entry.ours is not None and entry.metric:
            assert entry.data.simulated
            assert entry.command.startswith("osteon reproduce")
    claimed = [claim for recipe in paper(name).variants for claim in recipe.claims]
    assert len(made.entries) == len(claimed) + len(paper(name).statements)


def printed(name: str) -> set[float]:
    """All numbers of a paper, with the ends of their intervals."""
    entries = numbers_of(paper(name)).entries
    return {
        value
        for one in entries
        for value in (one.paper, one.paper_sd, one.paper_low, one.paper_high)
        if value is not None
    }


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("pediurf", (21.45e6, 7.36e9, 66.0, 0.9351, 0.0033, 0.3591, 572, 10466, 16061, 0.0005, 2013, -0.05)),
        ("vindr_spinexr", (0.2808, 0.0046, 0.0158, 0.8719, 0.9002, 0.854, 0.3356, 0.0041, 40561, 15562, 50000, 101)),
        ("fractuvision", (0.2914, 0.3645, 50, 41, 15, 91, 0.665, 0.961, 3363, 200 / 283, 2e-5, 1e-8, 0.9288)),
        ("mobilenet_elbow", (14, 2, 0.0069, 1018, 2034, 0.8867, 0.695, 14, 17, 0.9152, 0.35, 128)),
    ],
)
def test_numbers_of_the_papers_are_listed(name: str, numbers: tuple[float, ...]) -> None:
    assert set(numbers) <= printed(name)


def test_the_size_of_urfnet_is_that_of_the_paper() -> None:
    every = numbers_of(paper("pediurf")).entries
    counted = {one.label: one for one in every if one.ours and one.label and one.kind != "setting"}
    assert len(counted) == 2
    for one in counted.values():
        assert one.difference is not None
        assert abs(one.difference) < 0.004 * (one.paper or 0)


DEPARTURES = {
    ("pediurf", "Lowest factor of brightness"),
    ("pediurf", "Lowest factor of contrast"),
    ("mobilenet_elbow", "Zoom, at most"),
}
"""Settings in which a recipe departs from its paper; the zoom only by rounding."""


@pytest.mark.parametrize("name", [one.name for one in PAPERS])
def test_settings_are_the_paper_s_but_for_those_that_are_declared(name: str) -> None:
    entries = [one for one in numbers_of(paper(name)).entries if one.kind == "setting"]
    assert entries or name == "fracatlas"
    for one in entries:
        assert one.ours is not None, one.label
        if (name, one.label) not in DEPARTURES:
            assert one.ours.value == pytest.approx(one.paper, rel=1e-12), one.label
        elif one.difference is not None:
            assert abs(one.difference) < 0.04
    assert {(name, one.label) for one in entries} >= {one for one in DEPARTURES if one[0] == name}


def test_a_setting_that_a_recipe_does_not_have_is_an_error() -> None:
    urfnet = paper("pediurf").variants[0]
    assert setting_of(paper("pediurf"), urfnet, "optimizer.lr") == 0.001
    for name in ("optimizer.speed", "optimizer.name", "schedule", "members", "steps"):
        with pytest.raises(RecipeError):
            setting_of(paper("pediurf"), urfnet, name)


def test_a_value_that_the_search_does_not_try_is_not_ours() -> None:
    elbow = paper("mobilenet_elbow")
    assert is_searched(elbow, "loss.l2", 0.1)
    assert not is_searched(elbow, "loss.l2", 0.2)
    assert not is_searched(elbow, "optimizer.momentum", 0.1)
    assert not is_searched(paper("pediurf"), "loss.l2", 0.1)


def test_counts_of_the_cases_come_from_the_report(tmp_path: Path) -> None:
    figure = {"value": 0.5, "sd": None, "low": 0.4, "high": 0.6, "method": "m", "seeds": 1, "n": 283}
    entry = {
        "variant": "resnet_mlp",
        "metric": "classes.accuracy",
        "ours": figure,
        "data": {"name": "test part", "images": 283, "positive": 83, "simulated": False},
        "command": "osteon reproduce fractuvision",
    }
    kept = {"data": "FracAtlas", "tables": [{"entries": [entry]}]}
    (tmp_path / "fractuvision.json").write_text(json.dumps(kept))
    found = {one.label: one for one in numbers_of(paper("fractuvision"), tmp_path).entries if one.label}
    majority = found["Accuracy of always answering no fracture"]
    assert majority.ours is not None
    assert majority.ours.value == pytest.approx(200 / 283)
    assert majority.difference == pytest.approx(0.0)
    images = found["Images of the test part of the detector"]
    assert images.ours is None
    assert "no run of it is kept" in images.why


def test_f1_of_the_paper_is_the_harmonic_mean_of_its_precision_and_recall() -> None:
    rows = [recipe.claims for recipe in paper("pediurf").variants if recipe.claims]
    assert len(rows) >= 23
    for claims in rows:
        value = {claim.metric.removeprefix("classes.macro."): claim.value for claim in claims}
        precision, recall, f1 = value["precision"], value["recall"], value["f1_of_means"]
        assert precision
        assert recall
        assert f1
        assert 2 * precision * recall / (precision + recall) == pytest.approx(f1, abs=9e-4)
        assert value["f1"] is None


def test_ours_come_from_the_reports(tmp_path: Path) -> None:
    kept = {
        "data": "a folder",
        "tables": [
            {
                "entries": [
                    {
                        "variant": "urfnet",
                        "metric": "classes.accuracy",
                        "ours": {
                            "value": 0.5, "sd": None, "low": 0.4, "high": 0.6, "method": "m", "seeds": 1, "n": 9,
                        },
                        "data": {"name": "test part", "images": 9, "positive": None, "simulated": False},
                        "command": "osteon reproduce pediurf",
                    }
                ]
            }
        ],
    }  # fmt: skip
    (tmp_path / "pediurf.json").write_text(json.dumps(kept))
    found = [one for one in numbers_of(paper("pediurf"), tmp_path).entries if one.ours and one.metric]
    assert [(one.variant, one.metric, one.ours and one.ours.value) for one in found] == [
        ("urfnet", "classes.accuracy", 0.5)
    ]
    kept["tables"][0]["entries"][0]["ours"]["value"] = 0.25  # pyright: ignore[reportIndexIssue, reportArgumentType]
    (tmp_path / "pediurf-table.json").write_text(json.dumps(kept))
    found = [one for one in numbers_of(paper("pediurf"), tmp_path).entries if one.ours and one.metric]
    assert [one.ours and one.ours.value for one in found] == [0.25]  # that of the whole table goes first
    (tmp_path / "pediurf-table.json").unlink()
    (tmp_path / "pediurf.json").write_text("{}")
    with pytest.raises(DataError):
        numbers_of(paper("pediurf"), tmp_path)


@pytest.mark.parametrize("name", [one.name for one in PAPERS])
def test_every_paper_fits_80_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = CliRunner().invoke(application("claims"), ["claims", name])
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80


def test_the_command_lists_a_paper_in_80_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    runner = CliRunner()
    shown = runner.invoke(application("claims"), ["claims", "vindr_spinexr", "--out", str(tmp_path)])
    assert shown.exit_code == 0
    assert max(map(len, shown.output.splitlines())) <= 80
    for number in ("0.2808", "(0.8719 to 0.9002)", "40,561"):
        assert number in shown.output
    assert {path.name for path in tmp_path.iterdir()} == {"claims.json", "claims.md", "claims.html"}
    record = json.loads(runner.invoke(application("claims"), ["claims", "vindr_spinexr", "--json"]).output)
    assert len(record["entries"]) == len(numbers_of(paper("vindr_spinexr")).entries)
    assert all((entry["ours"] is None) == bool(entry["why_not"]) for entry in record["entries"])


def test_the_page_names_every_recipe_and_what_is_left_out() -> None:
    page = papers_markdown(PAPERS)
    for one in PAPERS:
        assert f"## {one.name}\n" in page
        for recipe in one.variants:
            assert f"`{recipe.name.removeprefix(f'{one.name}/')}`" in page
            assert all(line in page for line in (*recipe.unstated, *recipe.deviations))
