"""The adaptor of YOLOv8: what needs no ultralytics."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.bundle.archive import open_bundle, write_bundle
from osteon.bundle.card import render_card
from osteon.core.errors import DataError, RecipeError
from osteon.data.datasets import read
from osteon.data.splits.record import Split
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.run import evaluate_table
from osteon.imaging.preprocess import Preprocessing
from osteon.inference.networks.detect import BoxNetwork
from osteon.learning.recipe import BoxRule, Change, UltralyticsRecipe
from osteon.learning.recipes import find, find_any, paper
from osteon.learning.reproduce.jobs.run_one import reproduce_one
from osteon.learning.reproduce.planning.plan import budget, plan
from osteon.learning.reproduce.planning.source import Source, given
from osteon.learning.reproduce.report.tables import TableContext, tables
from osteon.learning.reproduce.results.outcomes import gather
from osteon.learning.yolo import best_of, detect_yolo, train_yolo, write_data
from osteon.phantom.layouts.write import write


def dealt(table: Table, *parts: str) -> Split:
    """Every so manieth film to each part; of those with boxes, too."""
    films = sorted(table.images, key=lambda image: image.split("/")[-2])
    return Split(table.dataset, {part: tuple(sorted(films[row :: len(parts)])) for row, part in enumerate(parts)})


def changed(part: Any, **fields: Any) -> Any:
    """A part of a manifest with other values, checked."""
    return type(part).model_validate(part.model_dump() | fields)


def yolo() -> UltralyticsRecipe:
    """The paper's."""
    found = find_any("fractuvision/yolov8")
    assert isinstance(found, UltralyticsRecipe)
    return found


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write("hand", "fracatlas", 30, 1, tmp_path_factory.mktemp("yolo") / "phantoms", size=96)


@pytest.mark.parametrize("only_with_boxes", [True, False])
def test_images_are_written_as_ultralytics_wants_them(phantoms: Path, tmp_path: Path, *, only_with_boxes: bool) -> None:
    table = read("fracatlas", phantoms)
    made = dealt(table, "train", "val", "test")
    file = write_data(table, made, phantoms, tmp_path / "data", only_with_boxes=only_with_boxes)
    lines = file.read_text().splitlines()
    assert lines[0] == f"path: {(tmp_path / 'data').resolve()}"  # ultralytics looks elsewhere for relative ones
    assert {"train: images/train", "val: images/val", "test: images/test", "  0: fracture"} <= set(lines)
    boxes = dict(zip(table.images, table.frame["boxes"].to_list(), strict=True))
    for part, images in made.parts.items():
        names = {Path(image).stem for image in images if boxes[image] or not only_with_boxes}
        assert {path.stem for path in (file.parent / "images" / part).iterdir()} == names
        marks = sum(len(path.read_text().splitlines()) for path in (file.parent / "labels" / part).iterdir())
        assert marks == sum(len(boxes[image] or ()) for image in images)


def test_crowds_are_no_boxes_to_ultralytics_and_images_of_crowds_alone_are_left_out(
    phantoms: Path, tmp_path: Path
) -> None:
    """It cannot ignore a region: a crowd would be learnt as a box, and its image without it as one of nothing."""
    table = read("fracatlas", phantoms)
    made = dealt(table, "train", "val", "test")
    image = next(row["image"] for row in table.frame.to_dicts() if row["boxes"] and row["image"] in made.parts["train"])
    crowd = pl.element().struct.with_fields(crowd=pl.lit(value=True))
    changed = pl.when(pl.col("image") == image).then(pl.col("boxes").list.eval(crowd)).otherwise(pl.col("boxes"))
    table = replace(table, frame=table.frame.with_columns(changed.alias("boxes")))
    file = write_data(table, made, phantoms, tmp_path / "data", only_with_boxes=False)
    names = {path.stem for path in (file.parent / "images" / "train").iterdir()}
    assert names == {Path(other).stem for other in made.parts["train"] if other != image}


def test_a_split_without_a_part_is_refused(phantoms: Path, tmp_path: Path) -> None:
    table = read("fracatlas", phantoms)
    made = dealt(table, "train", "test")
    with pytest.raises(DataError, match="val part"):
        write_data(table, made, phantoms, tmp_path / "data", only_with_boxes=True)


def test_it_is_a_recipe_of_its_own_that_osteon_does_not_train() -> None:
    recipe = yolo()
    assert recipe.size is not None
    assert replace(recipe, model="mine.yaml").size is None
    with pytest.raises(RecipeError, match="not trained by itself") as caught:
        find("fractuvision/yolov8")
    assert "osteon reproduce fractuvision" in str(caught.value)


def test_the_epoch_that_was_kept_is_found(tmp_path: Path) -> None:
    file = tmp_path / "train" / "results.csv"
    file.parent.mkdir()
    file.write_text(
        "epoch,time,metrics/mAP50(B),metrics/mAP50-95(B)\n1,9,0.5,0.1\n2,18,0.4,0.25\n3,27,0.6,0.2\n", "utf-8"
    )
    assert best_of(file.parent / "weights" / "best.pt") == {"validation": 0.25, "epoch": 1}


ABSENT = find_spec("ultralytics") is None


@pytest.mark.skipif(not ABSENT, reason="ultralytics is installed")
def test_without_ultralytics_the_extra_is_named(tmp_path: Path) -> None:
    assert yolo().unavailable
    with pytest.raises(RecipeError, match=r"osteon\[yolo\]"):
        train_yolo(tmp_path / "data.yaml", yolo(), 0, tmp_path)
    with pytest.raises(RecipeError, match="AGPL"):
        detect_yolo(tmp_path / "best.pt", [], 640, tmp_path / "found.json")


@pytest.mark.skipif(not ABSENT, reason="ultralytics is installed")
def test_without_ultralytics_a_reproduction_leaves_it_out_and_says_why(tmp_path: Path) -> None:
    found = paper("fractuvision")
    chosen = budget(found, "small")
    source = Source(tmp_path, simulated=True, digest="", words="nothing")
    works = plan(found, chosen, source, tmp_path)
    assert [work.name for work in works] == [
        "dinov2_small",
        "vit_base",
        "resnet_mlp",
        "resnet_mlp_same_split",
        "detector",
    ]
    made = {table.title: table for table in tables(TableContext(found, chosen, source, {}, {}), ())}
    why = {entry.variant: entry.why for entry in made["5.3"].entries}
    assert "AGPL-3.0" in why["yolov8"]
    assert "not run here" in why["detector"]
    assert any("not the paper's network" in note for note in made["5.3"].notes)


@pytest.mark.slow
@pytest.mark.skipif(ABSENT, reason="needs osteon[yolo], which is licensed under AGPL-3.0")
@pytest.mark.filterwarnings("ignore")  # ultralytics' own
def test_with_ultralytics_it_is_a_run_as_any_other(tmp_path: Path) -> None:
    # Several fractures in each part: an interval over patients needs several patients.
    phantoms = write("hand", "fracatlas", 120, 1, tmp_path / "phantoms", size=96)
    found = paper("fractuvision")
    tiny = ("model=yolov8n.yaml", "epochs=2", "batch_size=4", "side=96")
    chosen = replace(
        budget(found, "small"),
        variants=("yolov8",),
        changes=(Change(variants=(), settings=tiny, why="A test."),),
        resamples=50,
    )
    (work,) = plan(found, chosen, given(phantoms), tmp_path)
    reproduce_one(work, 1, "osteon reproduce")
    (variant,) = gather((work,))
    assert variant.runs[0].boxes is not None
    assert "AGPL" in variant.runs[0].done["weights"]
    assert 0 <= variant.validation <= 1


@pytest.mark.slow
@pytest.mark.skipif(ABSENT, reason="needs osteon[yolo], which is licensed under AGPL-3.0")
@pytest.mark.filterwarnings("ignore")  # ultralytics' own
def test_with_ultralytics_its_graph_reads_within_a_bundle(blobs: Any, tmp_path: Path) -> None:
    from ultralytics import YOLO

    from osteon.learning.yolo_graph import yolo_graph

    side, rule = 96, BoxRule(300, 0.7, 0.001, 0.9, 0.5, 0.0)  # the rule of ultralytics' own predictions
    phantoms = write("hand", "fracatlas", 120, 1, tmp_path / "phantoms", size=side)
    table = read("fracatlas", phantoms)
    parts = dealt(table, "train", "val", "test")
    prepared = write_data(table, parts, phantoms, tmp_path / "data", only_with_boxes=True)
    recipe = replace(yolo(), model="yolov8n.yaml", epochs=4, batch_size=8, side=side)
    weights = train_yolo(prepared, recipe, 0, tmp_path / "run")

    of = blobs.alone()
    label = of.detector.labels[0]
    preprocessing = Preprocessing(side, side, "letterbox", 3, 0.0, 1.0)
    detector = changed(of.detector, labels=(label,), preprocessing=preprocessing, method="YOLOv8, AGPL-3.0")
    manifest = changed(of, detector=detector, preprocessing=preprocessing, licence="AGPL-3.0")
    files = {"MODEL_CARD.md": render_card(manifest).encode(), "detector.onnx": yolo_graph(weights, side, rule)}
    write_bundle(tmp_path / "yolo.osteon", manifest, files)
    bundle = open_bundle(tmp_path / "yolo.osteon")

    # The same boxes as ultralytics finds by its own ways.
    image = np.random.default_rng(3).integers(0, 255, (side, side), np.uint8)
    (expected,) = YOLO(str(weights)).predict(
        np.repeat(image[..., None], 3, 2), imgsz=side, conf=0.001, iou=0.7, max_det=300, verbose=False
    )
    pixels = np.repeat(image[None, None] / np.float32(255), 3, 1).astype(np.float32)
    (found,) = BoxNetwork(bundle, threads=1).run(pixels)
    assert len(expected.boxes) > 5
    np.testing.assert_allclose(found.scores[:5], expected.boxes.conf.numpy()[:5], atol=1e-4)
    np.testing.assert_allclose(found.corners[:5], expected.boxes.xyxy.numpy()[:5], atol=0.1)

    test = table.select(parts.parts["test"])
    evaluation = evaluate_table(bundle, test, phantoms, "fracture", settings=Settings(resamples=50))
    assert evaluation.boxes is not None
    assert evaluation.boxes.read.all(), "the engine looked at each image"
    assert evaluation.figures["detection.map50"].n == len(test.images)
