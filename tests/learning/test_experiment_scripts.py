"""Images travel packed and come back as they are read, and planned experiments are run, resumed and compared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.data.datasets import read
from osteon.learning.recipes import find
from osteon.learning.runs.overrides import apply

pytestmark = pytest.mark.learn

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture
def small_fracatlas(tmp_path: Path) -> Path:
    """FracAtlas's layout with images of several sizes and modes; one is truncated."""
    root, random = tmp_path / "FracAtlas", np.random.default_rng(0)
    rows = ["image_id,hand,leg,hip,shoulder,mixed,hardware,multiscan,fractured,fracture_count,frontal,lateral,oblique"]
    images, marks = [], []
    for number in range(12):
        broken = number % 2
        folder = root / "images" / ("Fractured" if broken else "Non_fractured")
        folder.mkdir(parents=True, exist_ok=True)
        name, size = f"IMG{10 * number:07d}.jpg", (1200, 900) if number in (3, 4) else (300, 400)
        shape = (size[1], size[0], 3) if number in (5, 6) else (size[1], size[0])
        Image.fromarray(random.integers(0, 255, shape, np.uint8)).save(folder / name, quality=80)
        if number == 8:
            (folder / name).write_bytes((folder / name).read_bytes()[:-4000])
        rows.append(f"{name},1,0,0,0,0,0,0,{broken},{broken},1,0,0")
        images.append({"id": number, "file_name": name, "width": size[0], "height": size[1]})
        if broken:
            box = [size[0] // 4, size[1] // 4, size[0] // 8, size[1] // 8]
            marks.append({"id": number, "image_id": number, "category_id": 0, "iscrowd": 0, "bbox": box, "area": 1})
    (root / "dataset.csv").write_text("\n".join(rows) + "\n")
    (root / "Utilities" / "Fracture Split").mkdir(parents=True)
    for part in ("train", "valid", "test"):
        (root / "Utilities" / "Fracture Split" / f"{part}.csv").write_text("image_id\n")
    coco = root / "Annotations" / "COCO JSON"
    coco.mkdir(parents=True)
    content = {"images": images, "annotations": marks, "categories": [{"id": 0, "name": "fractured"}]}
    (coco / "COCO_fracture_masks.json").write_text(json.dumps(content))
    return root


def test_packed_images_are_read_as_before(small_fracatlas: Path, tmp_path: Path) -> None:
    script = [sys.executable, str(SCRIPTS / "pack_images.py")]
    subprocess.run(
        [*script, str(small_fracatlas), str(tmp_path / "pieces"), "--side", "600", "--piece", "1"], check=True
    )
    subprocess.run([*script, "--unpack", str(tmp_path / "pieces"), str(tmp_path / "again")], check=True)
    pieces = sorted((tmp_path / "pieces").glob("piece-*.tar"))
    assert len(pieces) > 1
    assert all(piece.stat().st_size <= 2**20 for piece in pieces)
    before, after = read("fracatlas", small_fracatlas), read("fracatlas", tmp_path / "again")
    assert after.images == before.images  # the truncated one is in neither
    assert len(after) == 11
    np.testing.assert_array_equal(after.label("fracture"), before.label("fracture"))
    for image, old, new in zip(
        before.images, before.frame["boxes"].to_list(), after.frame["boxes"].to_list(), strict=True
    ):
        with Image.open(tmp_path / "again" / image) as opened, Image.open(small_fracatlas / image) as source:
            assert opened.mode == "L"
            assert max(opened.size) <= 600
            factor = opened.size[0] / source.size[0]
        if factor == 1 and image.endswith(("00.jpg", "10.jpg")):
            assert (tmp_path / "again" / image).read_bytes() == (small_fracatlas / image).read_bytes()
        for first, second in zip(old or [], new or [], strict=True):
            assert [second[side] for side in ("x0", "y0", "x1", "y1")] == pytest.approx(
                [factor * first[side] for side in ("x0", "y0", "x1", "y1")], abs=0.01
            )


def planned() -> list[tuple[str, str, list[str]]]:
    listed = subprocess.run(
        [sys.executable, str(SCRIPTS / "experiments.py"), "--list"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [
        (
            line.split(":")[0],
            line.split("?")[-1].split()[0] if "?" in line else "",
            [w for w in line.split() if "=" in w],
        )
        for line in listed
    ]


def test_the_settings_of_each_experiment_fit_its_recipe() -> None:
    found = planned()
    assert len(found) > 8
    for name, _, settings in found:
        recipe = find("fracatlas/detector" if name.startswith("boxes") else "fracatlas")
        assert apply(recipe, settings) is not None


@pytest.mark.slow
def test_two_experiments_are_run_and_compared(
    classes_folder: Path, small_settings: tuple[str, ...], tmp_path: Path
) -> None:
    brief = [*small_settings, "phases.0.epochs=1", "phases.1.epochs=1", "split.stratify=label_displaced"]
    words = [word for setting in brief for word in ("--set", setting)]
    call = [sys.executable, str(SCRIPTS / "experiments.py"), "--data", str(classes_folder), "--out", str(tmp_path)]
    call += ["--only", "base,alike", "--folds", "3", "--jobs", "2", "--minutes", "8", *words]
    subprocess.run(call, check=True)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert {name: one["ended"] for name, one in summary.items()} == {"base": "done", "alike": "done"}
    assert "classification.auroc" in summary["base"]["figures"]
    differences = {one["figure"]: one for one in summary["alike"]["differences"]}
    assert differences["classification.auroc"]["test"] is not None
