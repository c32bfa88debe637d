"""The commands of ``docs/own-dataset.md``, as they stand there, on sixty images with a COCO file of two classes."""

from __future__ import annotations

import json
import logging
import re
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.bundle.archive import open_bundle
from osteon.cli import application

pytestmark = [
    pytest.mark.learn,
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx and Lightning, of their own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

PAGE = Path(__file__).parents[2] / "docs" / "own-dataset.md"


def commands() -> list[list[str]]:
    """What the page says to type: the lines of its ``sh`` blocks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.strip()]


def write_data(root: Path) -> None:
    """Limbs of all widths, bends and brightnesses; a dark gap is a fracture, a bright rod an implant."""
    (root / "images").mkdir(parents=True)
    random = np.random.default_rng(0)
    images, annotations = [], []
    rows, columns = np.mgrid[:160, :128]
    for number in range(60):
        pixels = random.normal(random.uniform(10, 30), 5, (160, 128))
        slope, middle, half = random.uniform(-0.3, 0.3), random.uniform(45, 80), random.uniform(12, 26)
        centre = middle + slope * (rows - 80) + random.uniform(0, 8) * np.sin(rows / random.uniform(15, 50))
        pixels[np.abs(columns - centre) < half] += random.uniform(70, 120)
        boxes = []
        if number % 2:
            top = int(random.integers(20, 120))
            boxes.append((1, [int(middle - half), top, int(2 * half), 12]))
            pixels[top : top + 12] -= 0.7 * (pixels[top : top + 12] - 20)
        if number % 3 == 0:
            left, top = int(middle - 6), int(random.integers(20, 90))
            boxes.append((2, [left, top, 12, 40]))
            pixels[top : top + 40, left : left + 12] = 250
        name = f"{number:03d}.png"
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(root / "images" / name)
        images.append({"id": number + 1, "file_name": name, "width": 128, "height": 160})
        for category, (x, y, width, height) in boxes:
            x = max(0, x)
            bbox = [x, y, min(width, 128 - x), height]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number + 1,
                    "category_id": category,
                    "bbox": bbox,
                    "iscrowd": 0,
                }
            )
    categories = [{"id": 1, "name": "fracture"}, {"id": 2, "name": "implant"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (root / "annotations.json").write_text(json.dumps(content))


def test_the_page_s_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    write_data(tmp_path / "mydata")
    torch.set_num_threads(1)  # two of them only wait for each other where a machine has much to do
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said: list[str] = []
    with caplog.at_level(logging.WARNING, "osteon"):
        for program, *arguments in commands():
            assert program == "osteon"
            done = CliRunner().invoke(application(arguments[0]), arguments, catch_exceptions=False)
            assert done.exit_code == 0, f"{arguments}: {done.output}"
            said.append(done.output)
    for name in ("audit.html", "figures/stats.html", "split.json", "evaluation/report.html", "evaluation/figures.json"):
        assert (tmp_path / name).is_file(), name
    assert len(list((tmp_path / "readings").glob("*"))) >= 60
    bundle = open_bundle("trial.osteon")
    assert [label.name for label in bundle.manifest.labels] == ["fracture", "implant"]
    assert [label.positive for label in bundle.manifest.labels] == [True, False]
    assert bundle.parts["split.json"] == (tmp_path / "runs" / "trial" / "split.json").read_bytes()
    split = json.loads((tmp_path / "split.json").read_text())
    assert json.loads(bundle.parts["split.json"])["parts"] == split["parts"]
    assert "implant" not in caplog.text  # it is named: nothing is left out
    _check_card(said[-1], tmp_path)


def _check_card(card: str, folder: Path) -> None:
    """The card speaks of these data, and its commands can be typed."""
    for word in ("FracAtlas", "three hospitals", "373"):
        assert word not in card
    assert "boxes round fracture and implant" in card
    assert "The data name no patients" in card
    assert "validation cases only" in card
    (block,) = re.findall(r"^```\n(.*?)^```", card, re.MULTILINE | re.DOTALL)
    unpack, train, export, evaluate = block.splitlines()
    assert unpack == "python -m zipfile -e trial.osteon parts"
    with zipfile.ZipFile(folder / "trial.osteon") as archive:
        archive.extract("split.json", folder / "parts")
    named = {"DIR": "mydata", "RUN": "runs/again"}
    words = [named.get(word, word) for word in shlex.split(train)][1:]
    # Up to the point where it would train: settings, data and split are those of the run.
    words += ["--resume"]
    (folder / "runs" / "trial").rename(folder / "runs" / "again")
    done = CliRunner().invoke(application(words[0]), words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert shlex.split(export)[1] == "export"
    assert shlex.split(evaluate)[:3] == ["osteon", "evaluate", "trial.osteon"]
