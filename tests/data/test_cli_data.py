"""``osteon data`` as it is typed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from osteon.cli.data import app
from osteon.core.errors import DataError
from osteon.data.convert import TARGETS
from osteon.data.datasets import DATASETS, read
from osteon.data.splits.record import Split, load_split
from osteon.phantom.layouts import write


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
    assert {"kind", "severity", "images", "code", "values", "detail"} == set(found["problems"][0])
    assert page.stat().st_size > 2000
    assert "Truncated files" in run("check", "fracatlas", fracatlas)
    run("check", "fracatlas", fracatlas, "--strict", code=1)


def test_stats(fracatlas: Path) -> None:
    found = json.loads(run("stats", "fracatlas", fracatlas, "--json"))
    lines = {line["name"]: line["values"] for line in found["lines"]}
    assert found["columns"] == ["train", "test", "no part", "total"]
    assert lines["Images"] == ["6", "2", "14", "22"]
    assert lines["fracture: yes"] == ["6", "2", "0", "8"]
    assert lines["fracture"] == ["6", "2", "0", "8"]
    assert lines["Age (mean, years [range])"][-1] == "unknown"
    assert "Studies" in run("stats", "fracatlas", fracatlas)


def test_list_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = run("list")
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert "40,005" in text


def test_stats_writes_a_folder(fracatlas: Path, tmp_path: Path) -> None:
    text = run("stats", "fracatlas", fracatlas, "--out", tmp_path / "out")
    assert "compared with published figures" in text
    assert "[range]" in text
    assert (tmp_path / "out" / "stats.html").exists()
    assert (tmp_path / "out" / "labels.svg").exists()


@pytest.mark.parametrize(
    ("shares", "parts"),
    [("4:1", {"train", "test"}), ("70/15/15", {"train", "val", "test"}), ("81/9/10", {"train", "val", "test"})],
)
def test_split_writes_a_file_with_a_hash(fracatlas: Path, tmp_path: Path, shares: str, parts: set[str]) -> None:
    path = tmp_path / "split.json"
    text = run("split", "fracatlas", fracatlas, "--out", path, "--parts", shares, "--seed", 3, "--group", "cluster")
    made = load_split(path)
    assert set(made.parts) == parts
    assert made.hash[:12] in text
    assert made.group == ("cluster",)


def test_fracatlas_is_grouped_by_runs_of_numbers_and_copies(fracatlas: Path, tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    words = ["split", "fracatlas", fracatlas, "--out", path, "--parts", "4:1"]
    said = CliRunner().invoke(app, [str(word) for word in words]).stderr
    assert load_split(path).group == ("run", "cluster")
    assert "Look-alikes were not searched: there are too few images" in said


def test_split_by_runs_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    with pytest.raises(DataError, match="too few groups"):
        run("split", "folder", numbered(tmp_path / "run", range(40)), "--out", path, "--group", "run")
    run("split", "folder", numbered(tmp_path / "runs", range(0, 200, 5)), "--out", path, "--group", "run")
    assert load_split(path).group == ("run",)


def numbered(root: Path, numbers: range) -> Path:
    """Images of one class each, with these numbers."""
    for number in numbers:
        folder = root / ("fracture" if number % 2 else "normal")
        folder.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (40, 40), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04d}.png")
    return root


def test_check_finds_leaks_of_a_split_file(tmp_path: Path) -> None:
    root = numbered(tmp_path / "data", range(30))
    shutil.copy(root / "normal" / "0000.png", root / "normal" / "0900.png")
    Image.open(root / "normal" / "0004.png").transpose(Image.Transpose.ROTATE_90).save(root / "normal" / "0904.png")
    images = sorted(f"{path.parent.name}/{path.name}" for path in root.rglob("*.png"))
    test = [name for name in images if "/09" in name]
    parts = {"train": tuple(name for name in images if name not in test), "test": tuple(test)}
    Split("folder", parts).save(tmp_path / "split.json")
    found = json.loads(run("check", "folder", root, "--split-file", tmp_path / "split.json", "--json").splitlines()[-1])
    leaks = [set(one["images"]) for one in found["problems"] if one["kind"] == "duplicate-across-splits"]
    assert leaks == [{"normal/0000.png", "normal/0900.png"}, {"normal/0004.png", "normal/0904.png"}]


def test_split_makes_folds(fracatlas: Path, tmp_path: Path) -> None:
    run("split", "fracatlas", fracatlas, "--out", tmp_path / "fold.json", "--folds", 4)
    folds = [load_split(tmp_path / f"fold-{number}.json") for number in range(4)]
    assert sorted(image for fold in folds for image in fold.parts["test"]) == sorted(
        image for images in folds[0].parts.values() for image in images
    )


@pytest.fixture(scope="module")
def spines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty simulated studies of two views, several labels each."""
    root = tmp_path_factory.mktemp("spines") / "spinexr"
    return write("spine", "spinexr", 20, 4, root, size=64)


def test_the_official_split_is_kept_whole_or_in_part(spines: Path, tmp_path: Path) -> None:
    run("split", "spinexr", spines, "--out", tmp_path / "official.json", "--official")
    official = load_split(tmp_path / "official.json")
    assert set(official.parts) == {"train", "test"}
    run("split", "spinexr", spines, "--out", tmp_path / "s.json", "--keep", "test", "--parts", "81/9/10")
    made = load_split(tmp_path / "s.json")
    assert made.parts["test"] == official.parts["test"]
    assert made.parts["val"]


def test_a_split_by_study_balances_several_labels_at_once(spines: Path, tmp_path: Path) -> None:
    run("split", "spinexr", spines, "--out", tmp_path / "s.json", "--group", "study", "--parts", "4:1", "--seed", 2)
    made = load_split(tmp_path / "s.json")
    table = read("spinexr", spines)
    assert len(made.stratify) == len(table.labels) > 10
    studies = [set(made.part(name, table).frame["study"]) for name in ("train", "test")]
    assert not studies[0] & studies[1]
    assert (made.part("test", table).label("abnormal") == 1).sum() == pytest.approx(4, abs=1)


def test_a_split_that_leaks_is_refused_on_the_command_line(fracatlas: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not complete"):
        run("split", "fracatlas", fracatlas, "--out", tmp_path / "s.json", "--official")
    assert not (tmp_path / "s.json").exists()


@pytest.mark.parametrize("to", [target.name for target in TARGETS])
def test_convert_to_every_format(fracatlas: Path, tmp_path: Path, to: str) -> None:
    pictures = "dicom" if to == "vindr" else "keep"
    text = run("convert", "fracatlas", fracatlas, "--out", tmp_path / "out", "--to", to, "--images", pictures)
    assert "22 images, 3 left out" in text
    assert (tmp_path / "out" / "SOURCE.md").exists()
    reader = next(target.reader for target in TARGETS if target.name == to)
    assert len(read(reader, tmp_path / "out")) == 22


def test_fetch_says_how_to_apply(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="PhysioNet"):
        run("fetch", "spinexr", "--out", tmp_path)


def test_wrong_shares_are_wrong_usage(fracatlas: Path, tmp_path: Path) -> None:
    run("split", "fracatlas", fracatlas, "--out", tmp_path / "s.json", "--parts", "most", code=2)


ODD = ["hand[red].png", "wrist[/old].png", "[bold]x[.png", "[/].png", "x\x1b[31my.png"]


@pytest.mark.parametrize("name", ODD)
def test_names_are_shown_as_they_are(
    tmp_path: Path, write_image: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    write_image(tmp_path / "d" / name, 1)
    mark = {"image_id": 1, "category_id": 1, "bbox": [500, 500, 3, 3]}
    images = [{"id": 1, "file_name": name, "width": 60, "height": 80}]
    content = {"images": images, "annotations": [mark], "categories": [{"id": 1, "name": "fracture [/x]"}]}
    (tmp_path / "d" / "a.json").write_text(json.dumps(content))
    text = run("check", "coco", tmp_path / "d")
    assert name.replace("\x1b", "\\x1b") in text
    assert "\x1b[31m" not in text
    assert "fracture_x" in run("stats", "coco", tmp_path / "d")


def test_a_table_of_which_nothing_is_left_says_why(tmp_path: Path) -> None:
    content = {"images": [{"id": 1, "file_name": "x[red].png"}], "annotations": [], "categories": []}
    (tmp_path / "a.json").write_text(json.dumps(content))
    with pytest.raises(DataError, match=r"x\[red\]\.png.*there is no such file"):
        run("check", "coco", tmp_path)
