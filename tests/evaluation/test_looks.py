"""Which evaluations enter themselves in the ledger, from Python and from the commands that compare and reproduce."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from osteon.bundle.archive import Bundle, write_bundle
from osteon.cli import application
from osteon.core.errors import DataError
from osteon.core.labels import BodyPart
from osteon.data.splits.record import Split
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.predictions.predictions import predictions, write_predictions
from osteon.evaluation.report import ledger
from osteon.evaluation.report.ledger import LONGEST, append, default_ledger, identify, make, read_ledger
from osteon.evaluation.report.looks import NOT_ENTERED, TRUTH, Look, counts, part_of
from osteon.evaluation.report.run import evaluate_table

QUICK = Settings(resamples=120)


@pytest.fixture
def root(blobs: ModuleType, tmp_path: Path) -> Path:
    """24 images, of which every second shows a blob."""
    folder = tmp_path / "images"
    folder.mkdir()
    random = np.random.default_rng(0)
    for i in range(24):
        blobs.save(blobs.film(random.uniform(0.5, 0.9) if i % 2 else random.uniform(0.2, 0.7)), folder / f"{i:02d}.png")
    return folder


def table(root: Path, dataset: str, part: str | None = None) -> Table:
    cases = [
        Case(
            image=f"{i:02d}.png",
            facts=FileFacts(192, 256, "L", "PNG", (root / f"{i:02d}.png").stat().st_size),
            study=f"s{i}",
            body_part=BodyPart.HAND,
            labels={"fracture": i % 2},
            split=part,
        )
        for i in range(24)
    ]
    return from_cases(cases, dataset=dataset, licence="CC0-1.0")


@pytest.fixture
def bundle(blobs: ModuleType, tmp_path: Path) -> Bundle:
    """A bundle whose split has these images as its test part."""
    split = Split("fracatlas", {"test": tuple(f"{i:02d}.png" for i in range(24))})
    split.save(tmp_path / "split.json")
    manifest = blobs.manifest()
    parts = {**blobs.parts(manifest), "split.json": (tmp_path / "split.json").read_bytes()}
    return write_bundle(tmp_path / "blobs.osteon", manifest, parts)


def test_python_enters_the_test_part_of_a_registered_dataset(
    bundle: Bundle, root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("OSTEON_LEDGER", str(tmp_path / "own.jsonl"))
    assert default_ledger() == tmp_path / "own.jsonl"
    with caplog.at_level(logging.WARNING, "osteon"):
        for _ in range(3):
            found = evaluate_table(bundle, table(root, "fracatlas"), root, "fracture", settings=QUICK)
    entries = read_ledger(tmp_path / "own.jsonl")
    assert [(entry.dataset, entry.split, entry.system) for entry in entries] == [
        ("fracatlas", "test", "blobs@1.0.0")
    ] * 3
    assert entries[0].figures["classification.auroc"][0] == found.figures["classification.auroc"].value
    assert [record.message for record in caplog.records if "2 times before" in record.message]
    assert len([record for record in caplog.records if "times before" in record.message]) == 1


def test_other_cases_are_not_entered(bundle: Bundle, blobs: ModuleType, root: Path, tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    bare = write_bundle(tmp_path / "bare.osteon", bundle.manifest, blobs.parts(bundle.manifest))
    for system, dataset in ((bundle, "folder"), (bundle, "cases"), (bare, "fracatlas")):
        evaluate_table(system, table(root, dataset), root, "fracture", settings=QUICK, look=Look(book))
    evaluate_table(bundle, table(root, "fracatlas"), root, "fracture", settings=QUICK, look=NOT_ENTERED)
    assert read_ledger(book) == []
    evaluate_table(bare, table(root, "fracatlas", "test"), root, "fracture", settings=QUICK, look=Look(book, "why"))
    assert [entry.purpose for entry in read_ledger(book)] == ["why"]
    (root / TRUTH).write_text("[]")
    evaluate_table(bundle, table(root, "fracatlas"), root, "fracture", settings=QUICK, look=Look(book))
    assert len(read_ledger(book)) == 1


def test_a_ledger_that_cannot_be_written_stops_no_evaluation(
    bundle: Bundle, root: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING, "osteon"):
        look = Look(tmp_path / "file" / "ledger.jsonl")
        assert evaluate_table(bundle, table(root, "fracatlas"), root, "fracture", settings=QUICK, look=look).figures
    assert "not recorded" in caplog.text


def evaluation(folder: Path, part: ledger.TestPart | None, shift: float) -> Path:
    """A folder as ``osteon evaluate`` writes it, as far as a comparison needs it."""
    folder.mkdir()
    random = np.random.default_rng(0)
    label = np.arange(60) % 2
    score = np.clip(0.3 + 0.3 * label + shift + random.normal(0, 0.2, 60), 0.01, 0.99)
    write_predictions(predictions([f"{i}" for i in range(60)], label, score), folder / "predictions.parquet")
    record = {"operating_points": {}, **({} if part is None else {"part": asdict(part)})}
    (folder / "evaluation.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize(
    ("dataset", "split", "entered"), [("fracatlas", "test", 3), ("fracatlas", "all", 0), ("own", "test", 0)]
)
def test_compare_enters_the_test_part_of_a_registered_dataset(
    dataset: str, split: str, entered: int, tmp_path: Path
) -> None:
    part = identify(dataset, split, ["a", "b"], None)
    assert counts(part) == bool(entered)
    folders = [evaluation(tmp_path / name, part, shift) for name, shift in (("one", 0.0), ("two", 0.1))]
    assert part_of(folders[0]) == part
    book = tmp_path / "ledger.jsonl"
    command = ["compare", *map(str, folders), "--resamples", "100", "--ledger", str(book)]
    said = [CliRunner().invoke(application(command[0]), command, catch_exceptions=False).stderr for _ in range(3)]
    found = read_ledger(book)
    assert len(found) == entered
    assert ["2 times before" in words for words in said] == [False, False, bool(entered)]
    if entered:
        assert (found[0].system, found[0].purpose) == ("one and two", "comparison")
        assert set(found[0].figures) == {"one: classification.auroc", "two: classification.auroc"}


def test_comparing_cases_that_nobody_states_enters_nothing(tmp_path: Path) -> None:
    part = identify("fracatlas", "test", ["a"], None)
    book = tmp_path / "ledger.jsonl"
    first, second = evaluation(tmp_path / "one", part, 0.0), evaluation(tmp_path / "two", None, 0.1)
    command = ["compare", str(first), str(second), "--resamples", "100", "--ledger", str(book)]
    assert CliRunner().invoke(application(command[0]), command, catch_exceptions=False).exit_code == 0
    assert read_ledger(book) == []
    (first / "evaluation.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        part_of(first)


def test_a_long_ledger_is_read_line_by_line(tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    part = identify("fracatlas", "test", ["a"], None)
    append(book, make(part, "first", "0" * 64, purpose="", figures={}))
    with book.open("a") as file:
        file.write("x" * (3 * LONGEST))
    append(book, make(part, "second", "0" * 64, purpose="", figures={}))
    assert [entry.system for entry in read_ledger(book)] == ["first", "second"]


def test_reproduced_runs_are_entered_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="needs osteon[learn]")
    from osteon.cli.ledger import enter_reproduction
    from osteon.learning.recipes import find
    from osteon.learning.reproduce.planning.plan import Work

    def work(name: str, dataset: str, shift: float) -> Work:
        folder = tmp_path / name
        folder.mkdir()
        part = identify(dataset, "test", ["a", "b"], None)
        written = evaluation(folder / "evaluation", part, shift)
        auroc = {"value": 0.9, "low": 0.8, "high": 0.95, "method": "x", "n": 60}
        (written / "figures.json").write_text(json.dumps({"classification.auroc": auroc, "calibration.ece": auroc}))
        return Work(name, find("fracatlas"), (), 0, tmp_path, folder, tmp_path, 100)

    works = [work(f"run{i}", "fracatlas", 0.01 * i) for i in range(3)]
    own, unfinished = (
        work("own", "folder", 0.0),
        Work("none", find("fracatlas"), (), 0, tmp_path, tmp_path / "none", tmp_path, 100),
    )
    book = tmp_path / "ledger.jsonl"
    enter_reproduction([*works[:2], own, unfinished], book, "paper")
    entries = read_ledger(book)
    assert [(entry.system, entry.purpose) for entry in entries] == [
        ("run0, seed 0", "reproduction of paper"),
        ("run1, seed 0", "reproduction of paper"),
    ]
    assert entries[0].figures == {"classification.auroc": [0.9, 0.8, 0.95]}
    assert "times before" not in capsys.readouterr().err
    enter_reproduction([*works, own], book, "paper")
    assert [entry.system for entry in read_ledger(book)][2:] == ["run2, seed 0"]
    assert "2 times before" in capsys.readouterr().err
    enter_reproduction(works, None, "paper")
    assert len(read_ledger(book)) == 3
