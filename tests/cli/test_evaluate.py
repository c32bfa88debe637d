"""``osteon evaluate``: what it takes, what it writes, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest
from click.testing import Result
from PIL import Image, ImageOps
from typer.testing import CliRunner

from osteon.bundle.archive import open_bundle, write_bundle
from osteon.cli import application
from osteon.core.errors import DataError, OsteonError
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart
from osteon.data.splits.split import split
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.inference.overlap import training_parts
from osteon.evaluation.predictions.predictions import read_predictions

pytest.importorskip("polars")
pytest.importorskip("matplotlib")


def run(*words: object) -> Result:
    """Run the command; errors of Osteon come through."""
    command = ["evaluate", *(str(word) for word in words), "--resamples", "120"]
    return CliRunner().invoke(application("evaluate"), command, catch_exceptions=False)


def figures(out: Path) -> dict[str, dict[str, object]]:
    """What ``figures.json`` holds."""
    return json.loads((out / "figures.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 films in two folders that a reader of folders takes for labels, two views of each study."""
    root = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    for i in range(48):
        label = "fracture" if (i // 2) % 2 else "normal"
        (root / label).mkdir(exist_ok=True)
        strength = random.uniform(0.5, 0.9) if label == "fracture" else random.uniform(0.3, 0.78)
        # Clouds keep the films from being near-duplicates of each other.
        clouds = cv2.resize(random.random((7, 6)).astype(np.float32), (192, 256), interpolation=cv2.INTER_CUBIC)
        film = np.maximum(0.55 * np.clip(clouds, 0, 1), blobs.film(strength, at=(random.uniform(0.2, 0.8), 0.5)))
        blobs.save(film, root / label / f"{i:02d}.png")
    return root


@pytest.fixture(scope="module")
def table(films: Path) -> Table:
    """The cases: studies of two films, patients of two studies, boxes where there is a blob."""

    def case(i: int) -> Case:
        positive = (i // 2) % 2
        name = f"{'fracture' if positive else 'normal'}/{i:02d}.png"
        return Case(
            image=name,
            facts=FileFacts(192, 256, "L", "PNG", (films / name).stat().st_size),
            study=f"s{i // 2}",
            patient=f"p{i // 4}",
            body_part=BodyPart.HAND if i % 8 < 4 else BodyPart.LEG,
            age=20.0 + i,
            labels={"fracture": positive},
            boxes=(LabelledBox(Box(60, 90, 130, 160), "fracture"),) * positive,
        )

    return from_cases([case(i) for i in range(48)], dataset="films", licence="CC0-1.0")


@pytest.fixture(scope="module")
def place(table: Table, blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``cases.parquet``, ``split.json``, a bundle that carries the split, and one of two classes."""
    folder = tmp_path_factory.mktemp("place")
    table.save(folder / "cases.parquet")
    parts = split(table, {"train": 0.2, "val": 0.4, "test": 0.4}, seed=1, group="patient")
    parts.save(folder / "split.json")
    manifest = blobs.manifest()
    content = blobs.parts(manifest) | {"split.json": (folder / "split.json").read_bytes()}
    write_bundle(folder / "blobs.osteon", manifest, content)
    blobs.make(folder / "two.osteon", blobs.manifest(softmax=True))
    return folder


def test_a_bundle_on_its_own_split(place: Path, films: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(place / "blobs.osteon", "--data", place / "cases.parquet", "--root", films, "--out", out)
    assert done.exit_code == 0
    assert "classification.auroc" in done.output
    found = figures(out)
    assert all(set(one) == {"value", "low", "high", "method", "n"} for one in found.values())
    # Per image and per study, with the closed intervals beside the bootstrap.
    for name in ("auroc", "auroc_bca", "auroc_delong", "doubt.sensitivity_wilson", "doubt.ppv_at_0.02"):
        assert f"classification.{name}" in found
    assert found["study.classification.auroc"]["n"] == found["classification.auroc"]["n"] // 2
    said = read_predictions(out / "predictions.parquet")
    chosen = json.loads((place / "split.json").read_text())["parts"]["test"]
    assert sorted(said.image.tolist()) == sorted(chosen)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "per study" in report
    assert "cannot be known" in report
    assert "calibration.none.brier" in found
    assert (out / "plots" / "roc.png").is_file()
    assert (out / "plots" / "roc.svg").is_file()
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "- [ ] Funding" in card
    assert "- [x] Intended use" in card


def test_the_validation_part_gives_youden_and_calibrations(place: Path, films: Path, tmp_path: Path) -> None:
    command = (place / "blobs.osteon", "--data", place / "cases.parquet", "--root", films, "--read-validation")
    assert run(*command, "--prevalence", "0.3", "--figures-only", "--out", tmp_path).exit_code == 0
    found = figures(tmp_path)
    assert "classification.youden.sensitivity" in found
    assert "classification.youden.npv_at_0.3" in found
    assert "classification.youden.npv_at_0.02" not in found
    assert "calibration.isotonic.brier_change" in found
    assert "calibration.platt.ece" in found


def test_the_split_may_be_named(place: Path, films: Path, tmp_path: Path) -> None:
    command = (place / "blobs.osteon", "--data", place / "cases.parquet", "--root", films, "--figures-only")
    assert run(*command, "--split-file", place / "split.json", "--split", "val", "--out", tmp_path).exit_code == 0
    chosen = json.loads((place / "split.json").read_text())["parts"]["val"]
    assert sorted(read_predictions(tmp_path / "predictions.parquet").image.tolist()) == sorted(chosen)
    with pytest.raises(DataError, match="no such part"):
        run(*command, "--split", "night", "--out", tmp_path)
    with pytest.raises(DataError, match="which cases are the test part"):
        run(place / "two.osteon", *command[1:], "--out", tmp_path)


def test_a_folder_and_a_dataset_by_name(place: Path, films: Path, tmp_path: Path) -> None:
    bundle = place / "blobs.osteon"
    assert run(bundle, "--data", films, "--split", "all", "--figures-only", "--out", tmp_path / "a").exit_code == 0
    command = (bundle, "--data", "folder", "--root", films, "--split", "all", "--figures-only", "--out", tmp_path / "b")
    named = run(*command)
    assert named.exit_code == 0
    assert f"Figures: {tmp_path / 'b' / 'figures.json'}" in named.output
    assert not (tmp_path / "b" / "report.html").exists()
    assert not (tmp_path / "b" / "plots").exists()
    assert figures(tmp_path / "a") == figures(tmp_path / "b")
    assert run(bundle, "--data", "folder", "--split", "all", "--out", tmp_path / "c").exit_code == 2
    assert run(bundle, "--data", "nowhere", "--split", "all", "--out", tmp_path / "c").exit_code == 2
    assert run(bundle, "--out", tmp_path / "c").exit_code == 2


def test_training_films_are_refused(place: Path, films: Path, table: Table, blobs: ModuleType, tmp_path: Path) -> None:
    manifest = blobs.manifest()
    seen = blobs.parts(manifest) | training_parts([films / table.images[5]])
    write_bundle(tmp_path / "seen.osteon", manifest, seen)
    command = ("--data", place / "cases.parquet", "--root", films, "--split", "all", "--out", tmp_path)
    with pytest.raises(DataError, match="overlap the bundle's training data"):
        run(tmp_path / "seen.osteon", *command)
    other = blobs.save(blobs.film(0.1), tmp_path / "other.png")
    unseen = blobs.parts(manifest) | training_parts([other])
    write_bundle(tmp_path / "unseen.osteon", manifest, unseen)
    assert run(tmp_path / "unseen.osteon", *command).exit_code == 0
    assert "Byte for byte, none of the 48" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_altered_copies_of_training_films_are_named(films: Path, blobs: ModuleType, tmp_path: Path) -> None:
    sources = sorted(films.rglob("*.png"))
    manifest = blobs.manifest()
    write_bundle(tmp_path / "seen.osteon", manifest, blobs.parts(manifest) | training_parts(sources[:24]))
    copies = tmp_path / "copies"
    for number, source in enumerate(sources):
        (copies / source.parent.name).mkdir(parents=True, exist_ok=True)
        image = Image.open(source)
        image = ImageOps.mirror(image) if number % 2 else image.rotate(90, expand=True)
        image.save(copies / source.parent.name / f"copy-{source.stem}.png", compress_level=9)
    done = run(tmp_path / "seen.osteon", "--data", copies, "--split", "all", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "24 of them show what one of its 24 training images shows" in done.stderr
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f"copy-{sources[0].stem}.png" in report
    named = json.loads((tmp_path / "out" / "evaluation.json").read_text(encoding="utf-8"))["cautions"]
    assert any("24 training images" in caution for caution in named)


def test_every_evaluation_goes_into_the_ledger(place: Path, films: Path, tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    command = (place / "blobs.osteon", "--data", place / "cases.parquet", "--root", films, "--out", tmp_path / "out")
    command += ("--figures-only",)
    said = [run(*command, "--ledger", book, "--purpose", f"look {number}").stderr for number in range(3)]
    entries = [json.loads(line) for line in book.read_text(encoding="utf-8").splitlines()]
    assert [entry["purpose"] for entry in entries] == ["look 0", "look 1", "look 2"]
    assert len({entry["part"] for entry in entries}) == 1
    assert entries[0]["sha256"] == open_bundle(place / "blobs.osteon").digest
    auroc = figures(tmp_path / "out")["classification.auroc"]
    assert entries[2]["figures"]["classification.auroc"] == [auroc["value"], auroc["low"], auroc["high"]]
    assert ["2 times before" in text for text in said] == [False, False, True]
    run(*command, "--ledger", book, "--split", "all")
    assert json.loads(book.read_text(encoding="utf-8").splitlines()[-1])["part"] != entries[0]["part"]
    with pytest.raises(DataError, match="cannot be written"):
        run(*command, "--ledger", films / "normal" / "00.png" / "ledger.jsonl")


def test_the_card_goes_into_the_bundle(place: Path, films: Path, tmp_path: Path) -> None:
    command = (place / "blobs.osteon", "--data", place / "cases.parquet", "--root", films, "--out", tmp_path)
    assert run(*command, "--figures-only", "--card", tmp_path / "new.osteon").exit_code == 0
    made = open_bundle(tmp_path / "new.osteon")
    found = figures(tmp_path)
    auroc = made.manifest.figures["classification.auroc"]
    assert auroc.model_dump() == found["classification.auroc"]
    assert f"{auroc.value:.3f}" in made.card
    assert made.card == (tmp_path / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "split.json" in made.parts


def test_two_classes(place: Path, films: Path, tmp_path: Path) -> None:
    command = ("--data", place / "cases.parquet", "--root", films, "--split", "all", "--out", tmp_path)
    assert run(place / "two.osteon", *command).exit_code == 0
    found = figures(tmp_path)
    assert found["classes.fracture.auroc"]["value"] == pytest.approx(found["classification.auroc"]["value"])
    assert "study.classes.macro.f1" in found
    said = read_predictions(tmp_path / "predictions.parquet")
    assert said.classes is not None
    np.testing.assert_allclose(said.classes.probability[:, 1], said.probability)
    np.testing.assert_array_equal(said.classes.truth[:, 1], said.label)
    # What was written can be evaluated again.
    assert run(tmp_path / "predictions.parquet", "--figures-only", "--out", tmp_path / "again").exit_code == 0
    assert figures(tmp_path / "again")["classes.macro.auroc"] == found["classes.macro.auroc"]


def test_predictions_with_the_truth_of_a_table(place: Path, table: Table, films: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [f"{Path(image).name},{random.random():.3f}" for image in table.images]
    (tmp_path / "p.csv").write_text("\n".join(["image,probability", *rows, "elsewhere.png,0.5"]))
    command = ("--data", place / "cases.parquet", "--root", films, "--split", "all", "--out", tmp_path / "out")
    assert run(tmp_path / "p.csv", *command).exit_code == 0
    said = read_predictions(tmp_path / "out" / "predictions.parquet")
    np.testing.assert_array_equal(said.label, table.label("fracture"))
    assert "1 predictions are of images outside" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "subgroups.body_part.hand.auroc" in figures(tmp_path / "out")
    (tmp_path / "q.csv").write_text("image,probability\nnowhere.png,0.5")
    with pytest.raises(DataError, match="none of the predicted images"):
        run(tmp_path / "q.csv", *command)
    assert run(tmp_path / "p.csv", *command, "--card", tmp_path / "card.md").exit_code == 2


def test_detections_of_another_system(place: Path, table: Table, films: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    records = [
        {
            "image_id": image,
            "category_id": 1,
            "bbox": [60 + random.uniform(-9, 9), 90 + random.uniform(-9, 9), 70, 70],
            "score": random.random(),
        }
        for image in table.images
        if random.random() < 0.6
    ]
    (tmp_path / "d.json").write_text(json.dumps(records))
    command = ("--data", place / "cases.parquet", "--root", films, "--split", "all", "--out", tmp_path / "out")
    done = run(tmp_path / "d.json", *command)
    assert done.exit_code == 0
    assert "detection.map50" in done.output
    found = figures(tmp_path / "out")
    assert {"detection.map", "detection.marked.map50", "detection.froc", "detection.recall"} <= set(found)
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "false positive" in report
    assert (tmp_path / "out" / "plots" / "detection_froc.png").is_file()
    assert run(tmp_path / "out" / "detections.json", "--figures-only", *command[:-1], tmp_path / "again").exit_code == 0
    assert figures(tmp_path / "again")["detection.map"]["value"] == pytest.approx(
        found["detection.map"]["value"], abs=1e-3
    )
    assert run(tmp_path / "d.json", "--out", tmp_path / "no").exit_code == 2


def test_wrong_input_is_said(tmp_path: Path) -> None:
    with pytest.raises(OsteonError, match="no such file"):
        run(tmp_path / "absent.csv", "--out", tmp_path)
    (tmp_path / "one.csv").write_text("image,label,probability\na,1,0.2\nb,1,0.4")
    with pytest.raises(DataError, match="one class"):
        run(tmp_path / "one.csv", "--out", tmp_path)
    (tmp_path / "nan.csv").write_text("image,label,probability\na,1,\nb,0,nan")
    with pytest.raises(DataError, match="no predictions"):
        run(tmp_path / "nan.csv", "--out", tmp_path)
    (tmp_path / "patient.csv").write_text("image,label,probability,cluster\na,1,0.2,p\nb,0,0.4,p")
    with pytest.raises(DataError, match="nothing to resample"):
        run(tmp_path / "patient.csv", "--out", tmp_path)
    assert run(tmp_path / "one.csv", "--out", tmp_path, "--prevalence", "many").exit_code == 2
    assert run(tmp_path / "one.csv", "--out", tmp_path, "--prevalence", "1.5").exit_code == 2
