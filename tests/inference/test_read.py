"""From paths to readings: discovery, studies, jobs, failures."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from types import ModuleType

import pytest

import osteon
from osteon.bundle.archive import open_bundle
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError
from osteon.core.labels import Call
from osteon.core.records import Radiograph, Reading
from osteon.inference.engine import InferenceEngine
from osteon.inference.readings import Readings, reading_html
from osteon.inference.stream import AHEAD, read_studies
from osteon.inference.studies import Study, discover


@pytest.fixture
def folder(blobs: ModuleType, tmp_path: Path) -> Path:
    """Films of every kind, two views of one study, and what is no film."""
    root = tmp_path / "films"
    (root / "deep" / "er").mkdir(parents=True)
    blobs.save(blobs.film(1.0), root / "b.png")
    blobs.save(blobs.film(0.0), root / "a.jpg")
    blobs.save(blobs.film(0.0), root / "deep" / "c.tiff")
    blobs.save_dicom(blobs.film(0.0), root / "deep" / "er" / "view1", "1.2.3")
    blobs.save_dicom(blobs.film(1.0), root / "deep" / "view2.dcm", "1.2.3")
    blobs.save_dicom(blobs.film(1.0), root / "z.dcm", "1.2.4")
    (root / "notes.txt").write_text("no film")
    (root / "deep" / "DICOMDIR").write_bytes(bytes(200))
    (root / "._a.jpg").write_bytes(b"fork")
    (root / ".hidden.png").write_bytes(b"hidden")
    return root


def names(studies: tuple[Study, ...]) -> list[list[str]]:
    return [[file.name for file in study.files] for study in studies]


def test_a_folder_is_searched_and_its_dicom_files_are_grouped(folder: Path) -> None:
    found = discover([folder])
    assert names(found.studies) == [["a.jpg"], ["b.png"], ["z.dcm"], ["view2.dcm", "view1"], ["c.tiff"]] or names(
        found.studies
    ) == [["a.jpg"], ["b.png"], ["z.dcm"], ["c.tiff"], ["view2.dcm", "view1"]]
    assert found.failures == ()
    assert found.skipped == 1
    study = next(study for study in found.studies if len(study.files) == 2)
    assert study.source == str(folder / "deep")


def test_a_file_named_twice_is_read_once_and_a_missing_one_is_a_failure(folder: Path) -> None:
    found = discover([folder / "a.jpg", folder, folder / "gone.png"])
    assert names(found.studies)[0] == ["a.jpg"]
    assert names(found.studies).count(["a.jpg"]) == 1
    assert [failure.source for failure in found.failures] == [str(folder / "gone.png")]


def test_overlays_of_an_earlier_run_are_no_radiographs(folder: Path, bundle_file: Path) -> None:
    from osteon.outputs.formats.overlay import FORMAT
    from osteon.outputs.result import StudyResult

    reading = osteon.read(folder / "a.jpg", bundle_file)[0]
    FORMAT.write(StudyResult.of(reading), folder / "a.overlay.png")
    assert ["a.overlay.png"] not in names(discover([folder]).studies)


def test_a_folder_is_read(folder: Path, bundle_file: Path) -> None:
    readings = osteon.read(folder, bundle_file)
    calls = {Path(reading.source).name: reading.call for reading in readings}
    assert calls == {
        "a.jpg": Call.NO_FRACTURE,
        "b.png": Call.FRACTURE,
        "z.dcm": Call.FRACTURE,
        "deep": Call.FRACTURE,
        "c.tiff": Call.NO_FRACTURE,
    }
    assert (readings.failures, readings.skipped) == ((), 1)
    study = next(reading for reading in readings if reading.study == "1.2.3")
    assert len(study.radiographs) == len(study.heat_maps) == 2


def test_several_jobs_give_the_same_in_the_same_order(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    for index in range(24):
        shape = (900, 700) if index % 5 == 0 else (128, 96)
        blobs.save(blobs.film(1.0 if index % 3 == 0 else 0.0, shape=shape), tmp_path / f"{index:02}.png")
    (tmp_path / "07.png").write_bytes(b"broken")
    one, four = (osteon.read(tmp_path, bundle_file, jobs=jobs) for jobs in (1, 4))
    assert [reading.source for reading in one] == [reading.source for reading in four]
    assert [reading.probability for reading in one] == [reading.probability for reading in four]
    assert len(four) == 23
    assert [Path(failure.source).name for failure in four.failures] == ["07.png"]


def test_memory_stays_bounded_however_long_the_caller_waits(
    blobs: ModuleType, bundle_file: Path, tmp_path: Path
) -> None:
    file = blobs.save(blobs.film(0.0, shape=(128, 96)), tmp_path / "a.png")
    jobs, begun = 2, threading.Semaphore(0)

    def endless() -> object:
        while True:
            begun.release()
            yield Study((file,))

    outcomes = read_studies(InferenceEngine(open_bundle(bundle_file), 1), endless(), jobs)  # pyright: ignore[reportArgumentType]
    for _ in range(5):
        next(outcomes)
    outcomes.close()  # pyright: ignore[reportAttributeAccessIssue]
    drawn = 0
    while begun.acquire(blocking=False):
        drawn += 1
    assert drawn <= 5 + AHEAD * jobs


def test_one_bad_view_does_not_stop_its_study(folder: Path, bundle_file: Path) -> None:
    (folder / "deep" / "er" / "view1").write_bytes((folder / "deep" / "er" / "view1").read_bytes()[:2000])
    readings = osteon.read(folder, bundle_file)
    study = next(reading for reading in readings if reading.study == "1.2.3")
    assert study.call is Call.FRACTURE
    assert len(readings.failures) == 1
    assert Note(NoteCode.FILES_FAILED, {"failed": 1, "files": 2}) in study.notes
    assert "Secret" not in str(readings.failures[0].error)
    assert "S3CR3T" not in str(readings.failures[0].error)


def test_bytes_radiographs_and_lists_are_read(blobs: ModuleType, folder: Path, bundle_file: Path) -> None:
    opened = open_bundle(bundle_file)
    from_bytes = osteon.read((folder / "b.png").read_bytes(), opened)[0]
    from_file = osteon.read(str(folder / "b.png"), opened)[0]
    assert from_bytes.probability == from_file.probability
    film = Radiograph(blobs.film(1.0))
    assert osteon.read(film, opened)[0].call is Call.FRACTURE
    assert len(osteon.read([film, film], opened)[0].radiographs) == 2
    assert len(osteon.read([folder / "a.jpg", folder / "b.png"], opened)) == 2
    with pytest.raises(TypeError, match="got both"):
        osteon.read([film, folder], opened)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["gone.jpg", "notes.txt", "broken.jpg", "empty.dcm", "."])
def test_nothing_to_read_is_an_error(tmp_path: Path, bundle_file: Path, name: str) -> None:
    (tmp_path / "notes.txt").write_text("no film")
    if name != ".":
        (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
        (tmp_path / "empty.dcm").write_bytes(b"")
    with pytest.raises(InputError):
        osteon.read(tmp_path / name, bundle_file)


def test_readings_show_themselves(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    blobs.save(blobs.film(1.0), tmp_path / "<b>&.png")
    (tmp_path / "bad.png").write_bytes(b"bad")
    readings = osteon.read(tmp_path, bundle_file)
    page = readings._repr_html_()
    assert "&lt;b&gt;&amp;.png" in page
    assert "<b>" not in page
    assert "fracture" in page
    assert page.count("data:image/png;base64,") == 1
    assert "failed" in page
    assert reading_html(readings[0]).count("<img") == 1


def test_a_reading_is_shown_by_ipython(bundle_file: Path, blobs: ModuleType) -> None:
    shell_module = pytest.importorskip("IPython.core.interactiveshell")
    shell = shell_module.InteractiveShell.instance()
    readings = osteon.read(Radiograph(blobs.film(1.0)), bundle_file)
    formatter = shell.display_formatter.formatters["text/html"]
    assert "<img" in formatter(readings[0])


def test_pixels_are_freed_when_a_reading_is_dropped(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    for index in range(6):
        blobs.save(blobs.film(0.0, shape=(128, 96)), tmp_path / f"{index}.png")
    studies = discover([tmp_path]).studies
    outcomes = read_studies(InferenceEngine(open_bundle(bundle_file), 1), studies, 2)
    assert sum(outcome.reading is not None for outcome in outcomes) == 6
    gc.collect()
    alive = [thing.source for thing in gc.get_objects() if type(thing) is Reading]
    assert not [source for source in alive if source.startswith(str(tmp_path))]


def test_readings_are_a_list() -> None:
    assert Readings() == []
    assert Readings().html().startswith("<table>")
