"""``osteon read`` as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from tests.command import osteon

KEYS = ["source", "study", "bundle", "call", "reason", "probability", "findings", "overlay", "milliseconds"]


def process(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-c", "from osteon.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)  # pyright: ignore[reportCallIssue, reportArgumentType]


@pytest.fixture
def films(blobs: ModuleType, tmp_path: Path) -> Path:
    """Two films, two views of a study, a broken file and a text."""
    folder = tmp_path / "films"
    folder.mkdir()
    blobs.save(blobs.film(0.0), folder / "a normal.jpg")
    blobs.save(blobs.film(1.0), folder / "b [bold]fracture.png")
    blobs.save_dicom(blobs.film(0.0), folder / "c1.dcm", "1.2.3")
    blobs.save_dicom(blobs.film(1.0), folder / "c2.dcm", "1.2.3")
    blobs.save_dicom(blobs.film(1.0), folder / "d.dcm", "1.2.4", part="CHEST")
    (folder / "e.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    (folder / "readme.txt").write_text("no film")
    return folder


def test_json_is_all_that_stands_on_stdout(films: Path, bundle_file: Path) -> None:
    done = process("read", films, "--bundle", bundle_file, "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["source"]).name for line in lines] == [
        "a normal.jpg",
        "b [bold]fracture.png",
        "c1.dcm",
        "c2.dcm",
        "d.dcm",
    ]
    assert [line["call"] for line in lines] == ["no fracture", "fracture", "fracture", "fracture", "abstain"]
    for line in lines:
        assert list(line)[: len(KEYS)] == KEYS
        assert line["bundle"] == "blobs@1.0.0"
        assert line["findings"] == []
        assert line["overlay"] is None
        assert set(line["milliseconds"]) == {"load", "prepare", "infer", "render", "total"}
        assert (line["probability"] is None) == (line["call"] == "abstain") == bool(line["reason"])
    assert "e.jpg" in done.stderr
    assert "1 failed" in done.stderr
    assert "1 other files skipped" in done.stderr
    assert "Secret" not in done.stdout + done.stderr
    assert "S3CR3T" not in done.stdout + done.stderr


def test_a_table_is_for_people(films: Path, bundle_file: Path) -> None:
    done = osteon("read", films, "--bundle", bundle_file, columns=300)
    assert done.returncode == 1
    for text in ("no fracture", "b [bold]fracture.png", "c1.dcm + 1 more", "abstain", "chest", "Not for diagnosis"):
        assert text in done.stdout
    assert "\x1b" not in done.stdout


def test_all_read_is_0_and_an_abstention_is_a_reading(films: Path, bundle_file: Path) -> None:
    done = osteon("read", films / "a normal.jpg", films / "d.dcm", "-b", bundle_file, "--json")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


def test_one_file_leaves_stderr_silent(films: Path, bundle_file: Path) -> None:
    done = process("read", films / "a normal.jpg", "-b", bundle_file, "--json")
    assert (done.returncode, done.stderr) == (0, "")


def test_several_failures_are_counted_by_their_cause(films: Path, bundle_file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    done = osteon("read", "gone.jpg", "away.jpg", tmp_path / "empty.png", films / "a normal.jpg", "-b", bundle_file)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-3:] == [
        "1 read, 3 failed",
        "failed (2): there is no such file or folder",
        "failed (1): the file is empty",
    ]


def test_a_path_at_which_nothing_lies_is_a_failed_input(films: Path, bundle_file: Path) -> None:
    done = osteon("read", "gone.jpg", films / "a normal.jpg", "-b", bundle_file, "--json")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert "gone.jpg: there is no such file or folder" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["read"], "PATH"),
        (["read", "{films}", "--jobs", "0"], "jobs"),
        (["read", "{films}", "--bundle", "nosuch"], "no bundle named 'nosuch'"),
        (["read", "{films}", "--bundle", "{films}/e.jpg"], "not a bundle"),
        (["read", "{empty}", "--bundle", "{bundle}"], "no radiograph"),
        (["read", "{films}", "--bundle", "{bundle}", "--format", "csv"], "--out"),
        (["read", "{films}", "--bundle", "{bundle}", "--out", "{out}", "--format", "gif"], "overlay, json, csv"),
        (["read", "{films}", "--bundle", "{bundle}", "--out", "{films}/e.jpg"], "cannot be written"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_2(films: Path, bundle_file: Path, tmp_path: Path, arguments: list[str], reason: str) -> None:
    (tmp_path / "empty").mkdir()
    places = {"films": films, "bundle": bundle_file, "empty": tmp_path / "empty", "out": tmp_path / "out"}
    done = osteon(*(argument.format(**places) for argument in arguments), columns=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_out_gets_overlays_and_tables(films: Path, bundle_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    formats = ["--format", "overlay", "--format", "csv", "-f", "json"]
    for _ in range(2):
        done = osteon("read", films, "-b", bundle_file, "--out", out, *formats, "--json", "--jobs", "3")
        assert done.returncode == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "a normal.overlay.png",
        "b [bold]fracture.overlay.png",
        "c1.overlay.png",
        "d.overlay.png",
        "readings.csv",
        "readings.jsonl",
    ]
    assert (out / "readings.jsonl").read_text() == done.stdout
    assert len((out / "readings.csv").read_text().splitlines()) == 6
    for line in map(json.loads, done.stdout.splitlines()):
        assert Path(line["overlay"]).is_file()
        assert line["milliseconds"]["total"] >= line["milliseconds"]["render"] > 0


def test_files_of_one_name_do_not_overwrite_each_other(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    for folder in ("x", "y", "z"):
        (tmp_path / folder).mkdir()
        blobs.save(blobs.film(0.0), tmp_path / folder / ("IMG.png" if folder == "z" else "img.png"))
    done = osteon("read", tmp_path, "-b", bundle_file, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "IMG-3.overlay.png",
        "img-2.overlay.png",
        "img.overlay.png",
    ]


def test_jobs_keep_the_order(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    for index in range(30):
        blobs.save(
            blobs.film(index / 30, shape=(600, 450) if index % 4 == 0 else (90, 70)), tmp_path / f"{index:02}.png"
        )

    def lines(jobs: int) -> list[dict[str, object]]:
        done = osteon("read", tmp_path, "-b", bundle_file, "--json", "--jobs", jobs)
        assert done.returncode == 0
        return [{**json.loads(line), "milliseconds": None} for line in done.stdout.splitlines()]

    alone = lines(1)
    assert [Path(str(line["source"])).name for line in alone] == [f"{index:02}.png" for index in range(30)]
    assert lines(3) == alone


def test_a_reader_that_goes_away_is_no_error(films: Path, bundle_file: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from osteon.cli import main; main()",
        "read",
        films,
        "-b",
        bundle_file,
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        message = process.stderr.read()
        process.wait(timeout=60)
    assert "Traceback" not in message
    assert "BrokenPipe" not in message


def test_help_and_version_are_light() -> None:
    done = process("read", "--help", env={**os.environ, "COLUMNS": "120"})
    assert done.returncode == 0
    for text in ("Examples", "osteon read hand.dcm", "--bundle", "--jobs", "Exit code"):
        assert text in done.stdout
    assert process("--version").stdout.startswith("osteon 0.")
    heavy = "('numpy', 'cv2', 'onnxruntime', 'pydantic', 'rich')"
    light = f"import sys, osteon.cli; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", light], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_jpeg_needs_no_dicom_table_or_torch_library(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    film = blobs.save(blobs.film(0.0), tmp_path / "a.jpg")
    heavy = "('pydicom', 'pandas', 'matplotlib', 'torch', 'scipy', 'rich', 'onnx')"
    code = (
        "import sys\nfrom osteon.cli import main\ntry: main()\n"
        f"except SystemExit: print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "read", film, "-b", bundle_file, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.real_data
def test_the_shared_dicom_files_give_a_line_each(shared_data: Path, bundle_file: Path) -> None:
    done = osteon("read", shared_data / "dicom", "-b", bundle_file, "--json", "--jobs", "2")
    files = sorted(path.name for path in (shared_data / "dicom").glob("*.dcm"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert sorted(Path(line["source"]).name for line in lines) == files
    chest = next(line for line in lines if "RG1" in line["source"])
    assert chest["call"] == "abstain"
    assert "chest" in chest["reason"]


@pytest.fixture(scope="module")
def pair_file(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a classifier and a detector."""
    return blobs.make(tmp_path_factory.mktemp("pair") / "pair.osteon", blobs.both(blobs.fusion(weight=0.5)))


def test_a_bundle_of_two_networks_prints_findings(films: Path, pair_file: Path) -> None:
    done = osteon("read", films, "--bundle", pair_file, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(line["findings"]) for line in lines] == [0, 1, 0, 1, 0]
    assert [line["call"] for line in lines] == ["no fracture", "fracture", "fracture", "fracture", "abstain"]
    for line in lines:
        assert set(line["milliseconds"]) == {"load", "prepare", "infer", "detect", "render", "total"}
    (found,) = lines[1]["findings"]
    assert list(found) == ["label", "box", "score", "definite"]
    assert (found["label"], found["definite"]) == ("fracture", True)
    assert 0 <= found["box"][0] < found["box"][2] <= 192


def test_the_table_counts_boxes_and_all_formats_are_written(films: Path, pair_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    formats = [word for name in ("overlay", "coco", "yolo", "csv") for word in ("--format", name)]
    for _ in range(2):
        done = osteon("read", films, "-b", pair_file, "--out", out, *formats, "--jobs", "2", columns=200)
    assert "1 (1 definite)" in done.stdout
    assert "Boxes found: 2." in done.stdout
    content = json.loads((out / "readings.coco.json").read_text())
    assert [Path(one["file_name"]).name for one in content["images"]] == [
        "a normal.jpg",
        "b [bold]fracture.png",
        "c1.dcm",
        "c2.dcm",
    ]
    assert len(content["annotations"]) == 2
    assert sorted(path.name for path in (out / "labels").iterdir()) == [
        "a normal.txt",
        "b [bold]fracture.txt",
        "c1.1.txt",
        "c1.2.txt",
    ]
    assert (out / "data.yaml").read_text() == 'path: .\ntrain: images\nnames: ["fracture", "metal"]\n'


def test_dicom_objects_are_written_of_dicom_files_and_the_rest_goes_on(films: Path, pair_file: Path) -> None:
    """They lie beside their sources here, and a second run does not take them for radiographs."""
    from pydicom import dcmread

    names = ("sr", "text-sr", "gsps", "sc", "kos", "pdf-dicom")
    formats = [word for name in names for word in ("--format", name)]
    for _ in range(2):
        done = osteon("read", films, "-b", pair_file, "--out", films, *formats)
        assert done.returncode == 1
        assert "2 read, 3 failed" in done.stderr
        for picture in ("a normal.jpg", "b [bold]fracture.png"):
            assert f"{picture}: the format sr refers to DICOM objects" in done.stderr.replace("\n", " ")
    kinds = ("gsps", "kos", "pdf", "sc", "sr", "text-sr")
    expected = [f"c1.{kind}.dcm" for kind in kinds] + [f"d.{kind}.dcm" for kind in kinds if kind != "kos"]
    assert sorted(file.name for file in films.glob("*.*.dcm")) == expected
    for name in expected:
        made = dcmread(films / name)
        assert made.StudyInstanceUID == ("1.2.3" if name.startswith("c1") else "1.2.4")
        assert str(made.PatientName) == "Secret^Sam"
    assert "Secret" not in done.stdout + done.stderr


def test_a_bundle_without_detector_counts_no_boxes(films: Path, bundle_file: Path) -> None:
    assert "boxes" not in osteon("read", films, "-b", bundle_file).stdout.lower()


def test_help_names_every_output_format() -> None:
    from osteon.outputs import FORMATS

    done = process("read", "--help", env={**os.environ, "COLUMNS": "400", "TERMINAL_WIDTH": "400"})
    listed = done.stdout.partition("Output format: ")[2].partition(".")[0]
    assert listed.split(", ") == [*(form.name for form in FORMATS), "parquet"]
