"""``osteon models`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.cli import application
from osteon.core.errors import RecipeError
from osteon.learning.list_models import named, sizes


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "160")
    return tmp_path


def test_one_network_as_json() -> None:
    result = CliRunner().invoke(application("models"), ["models", "urfnet", "--json"])
    (line,) = json.loads(result.stdout)
    assert line["name"] == "pediurf/urfnet"
    assert line["task"] == "classification"
    assert line["input"] == [2, 3, 224, 224]
    assert line["parameters"] == pytest.approx(21.45e6, rel=0.005)
    assert line["multiply_adds"] == pytest.approx(7.36e9, rel=0.005)
    assert "Grad-CAM" in line["map_method"]


def test_one_network_in_words() -> None:
    result = CliRunner().invoke(application("models"), ["models", "vit_tiny_patch16_224"])
    assert result.exit_code == 0
    for words in ("3 x 224 x 224", "Chefer", "pediurf"):
        assert words in result.stdout


@pytest.mark.slow
def test_the_list_is_kept_for_the_next_time(own_cache: Path) -> None:
    first = CliRunner().invoke(application("models"), ["models"])
    assert first.exit_code == 0
    kept = own_cache / "osteon" / "models.json"
    assert len(json.loads(kept.read_text())) > 30
    assert CliRunner().invoke(application("models"), ["models"]).stdout == first.stdout
    for words in ("pediurf/urfnet", "vit_large_patch16_224", "303.30", "21.46"):
        assert words in first.stdout


def test_an_unknown_network() -> None:
    result = CliRunner().invoke(application("models"), ["models", "resnet35"])
    assert isinstance(result.exception, RecipeError)


@pytest.mark.slow
def test_the_list_fits_a_terminal_of_80_columns_with_every_number_whole(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = CliRunner().invoke(application("models"), ["models"]).stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    rows = {words[0]: words[1:] for words in (line.split() for line in lines) if words}
    for listed, size in zip(named(), sizes(named(), own_cache / "osteon" / "models.json"), strict=True):
        parameters, operations, shape = rows[listed.name][:3]
        assert parameters == f"{size.parameters / 1e6:.2f}"
        assert operations == f"{size.multiply_adds / 1e9:.2f}"
        assert shape == "x".join(map(str, listed.input))


def test_a_network_that_other_software_builds_is_listed_with_what_it_needs() -> None:
    (line,) = json.loads(CliRunner().invoke(application("models"), ["models", "yolov8", "--json"]).stdout)
    assert line["needs"] == "osteon[yolo]"
    assert line["parameters"] == 11_166_560
    assert line["architecture"] is None
    assert "osteon[yolo]" in CliRunner().invoke(application("models"), ["models", "yolov8"]).stdout
