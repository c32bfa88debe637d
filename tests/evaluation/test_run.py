"""A bundle run over a table by the reader of the clinic: what it said, what it refused, what stands beside it."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from typer.testing import CliRunner

from osteon.bundle.archive import Bundle, write_bundle
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import DataError
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.failures import laid, worst
from osteon.evaluation.inference.overlap import training_parts
from osteon.evaluation.inference.run_reader import read_table
from osteon.evaluation.predictions.predictions import predictions, write_predictions
from osteon.evaluation.report.context import bundle_context
from osteon.evaluation.report.model_card import card_sections
from osteon.evaluation.report.output import write_evaluation
from osteon.evaluation.report.run import evaluate_table, points_from, points_of

QUICK = Settings(resamples=200)


@pytest.fixture(scope="module")
def bundle(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The small bundle, which lists one training file."""
    folder = tmp_path_factory.mktemp("bundle")
    seen = blobs.save(blobs.film(0.5), folder / "seen.png")
    manifest = blobs.manifest()
    parts = blobs.parts(manifest) | training_parts([seen])
    return write_bundle(folder / "blobs.osteon", manifest, parts)


@pytest.fixture(scope="module")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 films in 20 studies: every fourth without the blob that its label speaks of, one blank, one broken."""
    root = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    for i in range(40):
        strength = random.uniform(0.62, 0.9) if (i // 2) % 2 else random.uniform(0.3, 0.68)
        blobs.save(blobs.film(strength, at=(random.uniform(0.2, 0.8), 0.5)), root / f"{i:02d}.png")
    blobs.save(np.zeros((256, 192), np.float32), root / "40.png")
    (root / "41.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    return root


@pytest.fixture(scope="module")
def table(films: Path) -> Table:
    """The table of the films."""

    def case(i: int) -> Case:
        return Case(
            image=f"{i:02d}.png",
            facts=FileFacts(192, 256, "L", "PNG", (films / f"{i:02d}.png").stat().st_size),
            study=f"s{i // 2}",
            patient=f"p{i // 4}",
            body_part=BodyPart.HAND if i % 4 < 2 else BodyPart.LEG,
            age=30.0 + i,
            labels={"fracture": (i // 2) % 2},
        )

    return from_cases([case(i) for i in range(42)], dataset="films", licence="CC0-1.0")


def test_a_bundle_is_measured_by_the_reader(bundle: Bundle, table: Table, films: Path, tmp_path: Path) -> None:
    found = evaluate_table(bundle, table, films, "fracture", settings=QUICK)
    said = found.predictions
    assert said.image.tolist() == table.images
    assert np.flatnonzero(~said.read).tolist() == [40, 41]
    assert "blank" in said.attributes["refused"][40] or said.attributes["refused"][40]
    assert said.attributes["failed"][41]
    assert said.attributes["failed_code"].tolist() == [""] * 41 + [FaultCode.RASTER_TRUNCATED]
    assert len(np.unique(said.cluster)) == 11
    assert set(said.attributes) >= {"body_part", "age_band"}
    assert found.figures["classification.auroc"].value > 0.7
    assert found.points == points_of(bundle)
    assert "study.classification.auroc" in found.figures
    sections = card_sections(found)
    assert "| body part: hand" in sections["Subgroups"]
    assert "2 of 42" in sections["Refused"]
    assert "missed" in sections["Known failures"] or "false alarm" in sections["Known failures"]
    report_context = bundle_context(bundle, table, films, found, part="all of it", command="osteon evaluate ...")
    assert report_context.about["Overlap with training"].startswith("Byte for byte, none of the 42")
    assert not any("patients" in caution for caution in report_context.cautions)
    assert report_context.errors
    assert report_context.errors[0].jpeg.startswith(b"\xff\xd8")
    write_evaluation(found, report_context, tmp_path, parquet=False)
    assert 'id="worst-errors-first"' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_jobs_change_nothing(bundle: Bundle, table: Table, films: Path) -> None:
    one, two = (read_table(bundle, table, films, "fracture", jobs=jobs) for jobs in (1, 2))
    np.testing.assert_array_equal(one.probability, two.probability)


def test_training_files_are_refused(blobs: ModuleType, table: Table, films: Path, tmp_path: Path) -> None:
    manifest = blobs.manifest()
    parts = blobs.parts(manifest) | training_parts([films / "03.png"])
    overlapping = write_bundle(tmp_path / "b.osteon", manifest, parts)
    with pytest.raises(DataError, match=r"1 of 42, e\.g\. 03\.png"):
        evaluate_table(overlapping, table, films, "fracture")
    silent = write_bundle(tmp_path / "c.osteon", manifest, blobs.parts(manifest))
    found = evaluate_table(silent, table, films, "fracture", settings=QUICK)
    report_context = bundle_context(silent, table, films, found, part="x", command="y", faults=0)
    assert "cannot be known" in report_context.cautions[0]


def test_wrong_folder_and_wrong_label(bundle: Bundle, table: Table, films: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not there"):
        read_table(bundle, table, tmp_path, "fracture")
    with pytest.raises(DataError, match="no such label"):
        read_table(bundle, table, films, "arthrosis")


def test_command_line(blobs: ModuleType, table: Table, films: Path, tmp_path: Path) -> None:
    from osteon.cli import application

    table.save(tmp_path / "cases.parquet")
    file = blobs.make(tmp_path / "blobs.osteon")
    command = ["evaluate", str(file), "--data", str(tmp_path / "cases.parquet"), "--root", str(films)]
    command += ["--split", "all", "--resamples", "200", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(application(command[0]), command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "classification.auroc" in done.output
    figures = json.loads((tmp_path / "out" / "figures.json").read_text(encoding="utf-8"))
    assert set(figures["classification.auroc"]) == {"value", "low", "high", "method", "n"}
    assert (tmp_path / "out" / "predictions.parquet").is_file()
    again = CliRunner().invoke(application("evaluate"), ["evaluate", str(file), "--out", str(tmp_path / "o")])
    assert again.exit_code == 2


def test_command_line_with_predictions(tmp_path: Path) -> None:
    from osteon.cli import application

    random = np.random.default_rng(0)
    for name in ("validation", "test"):
        labels = random.integers(0, 2, 80)
        chance = np.clip(0.3 * labels + 0.7 * random.random(80), 0, 1)
        write_predictions(predictions([f"{i}" for i in range(80)], labels, chance), tmp_path / f"{name}.csv")
    command = ["evaluate", str(tmp_path / "test.csv"), "--validation", str(tmp_path / "validation.csv")]
    command += ["--resamples", "200", "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(application(command[0]), command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "classification.youden.sensitivity" in done.output


def test_worst_first() -> None:
    table = predictions(list("abcdef"), [1, 1, 1, 0, 0, 0], [0.3, 0.1, 0.9, 0.95, 0.2, 0.85])
    found = worst(table, {"doubt": 0.4, "definite": 0.8})
    assert [(table.image[one.row], one.kind) for one in found] == [
        ("b", "missed"),
        ("a", "missed"),
        ("d", "false alarm"),
        ("f", "false alarm"),
    ]
    assert worst(table, {}) == ()
    assert set(points_from(table)) == {"sensitive", "youden", "specific"}


def test_maps_are_laid_where_they_belong() -> None:
    values = np.zeros((4, 4), np.float32)
    values[1, 2] = 1
    spread = laid(values, Box(0, 0, 80, 80), (80, 80), (40, 40))
    assert np.unravel_index(spread.argmax(), spread.shape) in {(y, x) for y in (14, 15) for x in (24, 25)}
    shifted = laid(values, Box(-40, 0, 120, 80), (80, 80), (40, 40))
    assert np.unravel_index(shifted.argmax(), shifted.shape)[1] in (29, 30)
