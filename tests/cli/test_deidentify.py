"""``osteon data deidentify``: folders, pictures, refusals, secrets."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ComputedRadiographyImageStorage, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from osteon.cli import main

Run = Callable[..., "Done"]


@dataclass(frozen=True)
class Done:
    """What a run of the command left behind."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in an empty folder, as its entry point does."""
    monkeypatch.chdir(tmp_path)

    def execute(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["osteon", "data", "deidentify", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return Done(int(left.value.code or 0), printed.out, printed.err)

    return execute


def film(study: str, instance: str, **elements: Any) -> bytes:
    """A small radiograph of one patient."""
    header = Dataset()
    header.SOPClassUID, header.Modality = ComputedRadiographyImageStorage, "CR"
    header.StudyInstanceUID, header.SeriesInstanceUID, header.SOPInstanceUID = study, f"{study}.1", instance
    header.PatientName, header.PatientID, header.PatientSex = "Canary^Carla", "CANARY77", "F"
    header.PatientBirthDate, header.StudyDate = "20150301", "20260301"
    header.Rows, header.Columns, header.SamplesPerPixel = 80, 60, 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit, header.PixelRepresentation = 7, 0
    header.PixelData = np.add.outer(np.arange(80), np.arange(60)).astype(np.uint8).tobytes()
    header["PixelData"].VR = "OB"
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    header.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Two views of a study, a document, a truncated file, a text, and a picture; paths hold a name."""
    folder = tmp_path / "archive" / "Canary Carla"
    folder.mkdir(parents=True)
    (folder / "a.dcm").write_bytes(film("1.2.3", "1.2.3.4", ViewPosition="AP"))
    (folder / "b.dcm").write_bytes(film("1.2.3", "1.2.3.5", ViewPosition="LL"))
    (folder / "c.dcm").write_bytes(film("1.2.3", "1.2.3.6")[:-400])
    (folder / "d.dcm").write_bytes(film("1.2.3", "1.2.3.7", SOPClassUID=EncapsulatedPDFStorage))
    (folder / "e.txt").write_text("Canary Carla")
    stream = io.BytesIO()
    Image.fromarray(np.add.outer(np.arange(80), np.arange(60)).astype(np.uint8)).save(stream, "JPEG", comment="Canary")
    (folder / "front.jpg").write_bytes(stream.getvalue())
    return tmp_path / "archive"


def test_batch_goes_on_and_says_nothing_of_the_patient(run: Run, archive: Path, tmp_path: Path) -> None:
    done = run(archive.name, "--out", "clean", "--secret", "secret", "--json")
    assert done.returncode == 1
    summary = json.loads(done.stdout)
    assert (summary["files"], summary["written"], summary["failed"]) == (6, 3, 3)
    assert [entry["file"] for entry in summary["results"] if "error" in entry] == [3, 4, 5]
    codes = [entry["code"] for entry in summary["results"] if "error" in entry]
    assert codes == ["pixels_truncated", "not_deidentified", "unknown_format"]
    assert "Encapsulated PDF Storage" in done.stderr
    assert "anary" not in done.stdout + done.stderr
    outputs = sorted(path for path in (tmp_path / "clean").rglob("*") if path.is_file())
    assert len(outputs) == 3
    assert not any(b"anary" in path.read_bytes() or b"CANARY" in path.read_bytes() for path in outputs)
    assert not any("anary" in str(path.relative_to(tmp_path)) for path in outputs)
    first = dcmread(next(path for path in outputs if path.suffix == ".dcm"))
    assert f"{first.StudyInstanceUID}/{first.SeriesInstanceUID}/{first.SOPInstanceUID}.dcm" in map(
        str, (path.relative_to(tmp_path / "clean") for path in outputs)
    )
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_again_gives_the_same_and_another_secret_does_not(run: Run, archive: Path, tmp_path: Path) -> None:
    for name, key in (("one", "key"), ("two", "key"), ("three", "other")):
        run(archive, "--out", name, "--secret", key, "--jobs", "2")
    files = {
        name: {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
            if path.is_file()
        }
        for name in ("one", "two", "three")
    }
    assert files["one"] == files["two"]
    assert not set(files["one"]) & set(files["three"])
    again = run(archive, "--out", "one", "--secret", "key")
    assert "3 of 6 files" in again.stdout


def test_pictures_and_their_table(run: Run, archive: Path, tmp_path: Path) -> None:
    run(archive, "--out", "pictures", "--as", "jpeg", "--secret", "key")
    with (tmp_path / "pictures" / "patients.csv").open() as file:
        rows = list(csv.DictReader(file))
    views = {(Path(row["image"]).name, row["view"], row["age"], row["sex"]) for row in rows}
    assert views == {
        ("front.jpg", "frontal", "11", "F"),
        ("side.jpg", "lateral", "11", "F"),
        ("front.jpg", "frontal", "", ""),
    }
    assert len({row["study"] for row in rows}) == 2
    for row in rows:
        with Image.open(tmp_path / "pictures" / row["image"]) as picture:
            assert (picture.mode, picture.size) == ("L", (60, 80))
            assert not picture.getexif()


def test_mapping_is_written_where_asked(run: Run, archive: Path, tmp_path: Path) -> None:
    run(archive, "--out", "clean", "--secret", "key", "--mapping", "back.csv", "--dates", "shift")
    path = tmp_path / "back.csv"
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["patient"] == "CANARY77"
    assert rows[0]["file"] == "Canary Carla/a.dcm"
    assert (tmp_path / "clean" / rows[0]["output"]).exists()
    assert -3652 <= int(rows[0]["days"]) <= -1


@pytest.mark.parametrize(
    "arguments",
    [
        ("archive", "--out", "archive/clean"),
        ("archive", "--out", "."),
        ("archive", "--out", "archive"),
        ("archive", "--out", "clean", "--mapping", "clean/back.csv"),
        ("archive", "--out", "clean", "--secret", "clean/secret"),
        ("nowhere", "--out", "clean"),
    ],
)
def test_places_that_would_harm_are_refused(arguments: tuple[str, ...], run: Run, archive: Path) -> None:
    before = sorted(archive.rglob("*"))
    done = run(*arguments)
    assert done.returncode == 2
    assert sorted(archive.rglob("*")) == before


def test_help_has_examples(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "osteon data deidentify archive/" in done.stdout


def test_two_files_of_one_instance_are_not_written_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.dcm").write_bytes(film("1.2", "1.2.3"))
    (tmp_path / "in" / "b.dcm").write_bytes(film("1.2", "1.2.3"))
    (tmp_path / "in" / "c.dcm").write_bytes(film("1.2", "1.2.3", KVP="70"))
    done = run("in", "--out", "clean", "--secret", "key")
    assert done.returncode == 1
    assert "another file has the same path" in done.stderr
    assert "2 of 3 files" in done.stdout


@pytest.mark.real_data
@pytest.mark.slow
def test_no_new_errors_by_dciodvfy(run: Run, shared_data: Path, tmp_path: Path) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs Debian's dicom3tools: dciodvfy is not there")

    def errors(path: Path) -> set[str]:
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False, errors="replace")
        return {line for line in done.stderr.splitlines() if line.startswith("Error")}

    for name in ("RG1_J2KI", "RG2_JPLL", "RG3_JLSL"):
        source, out = shared_data / "dicom" / f"{name}.dcm", tmp_path / name
        run(source, "--out", out, "--secret", "key", "--dates", "shift", "--keep-patient", "--clean-pixels")
        assert errors(next(out.rglob("*.dcm"))) <= errors(source)
