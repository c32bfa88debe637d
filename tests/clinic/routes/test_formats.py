"""Every output of a study, from a store of today and one that an earlier version wrote: the same lists and files everywhere."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from osteon.clinic.reading.stored_result import fetch, stored_result
from osteon.clinic.store.migrations import SCRIPTS
from osteon.outputs import FORMATS
from osteon.outputs.format import Need
from osteon.outputs.result import BundleInfo, StudyResult

NOTHING = "This format has nothing to say of this reading"
NAMELESS = [form for form in FORMATS if Need.IDENTITY not in form.needs]
NAMING = [form for form in FORMATS if Need.IDENTITY in form.needs]
UID = "1.2.826.0.1.3680043.8.498.77"
NAMES = {
    "PatientName": "CANARY^ANNA",
    "PatientID": "CANARY-PATIENT",
    "IssuerOfPatientID": "CANARY-ISSUER",
    "PatientBirthDate": "19800102",
    "PatientSex": "F",
    "AccessionNumber": "CANARY-ACC",
    "StudyID": "CANARY-STUDY",
    "ReferringPhysicianName": "CANARY^DOCTOR",
    "StudyDate": "20260228",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats") / "store"


@pytest.fixture(scope="module")
def room(rooms: Any, store: Path) -> Any:
    return rooms(store=store)


@pytest.fixture(scope="module")
def study(room: Any, dicom: Any) -> str:
    """A study of two images."""
    files = []
    for number in (1, 2):
        words = np.random.default_rng(number).integers(0, 4095, (90, 70))
        names = {
            **NAMES,
            "StudyInstanceUID": UID,
            "SeriesInstanceUID": f"{UID}.2",
            "SOPInstanceUID": f"{UID}.3.{number}",
        }
        files.append(("files", (f"{number}.dcm", dicom(words, **names))))
    return room.reader.post("/studies", files=files).json()["studies"][0]["id"]


def result(room: Any, study: str) -> StudyResult:
    """A stored study as outputs see it."""
    with room.context.database.session() as session:
        stored = fetch(session, study)
    assert stored is not None
    return stored_result(stored, room.context.files, BundleInfo(stored.content["bundle"]))


def written(room: Any, study: str) -> dict[str, bytes]:
    """The content of each output."""
    found: dict[str, bytes] = {}
    for form in NAMELESS:
        answer = room.viewer.get(f"/studies/{study}/outputs/{form.name}")
        assert answer.status_code == 200, (form.name, answer.text)
        content = answer.content
        if answer.headers["content-type"] == "application/zip":
            archive = zipfile.ZipFile(io.BytesIO(content))
            content = b"".join(name.encode() + archive.read(name) for name in sorted(archive.namelist()))
        found[form.name] = content
    return found


def identified(found: StudyResult) -> None:
    """Check who it is of, and that every instance is there."""
    assert found.identity is not None
    identity = found.identity()
    assert (identity.patient.name, identity.patient.id) == (NAMES["PatientName"], NAMES["PatientID"])
    assert (identity.patient.birth_date, identity.patient.issuer) == ("19800102", "CANARY-ISSUER")
    assert (identity.uid, identity.accession, identity.study_id) == (UID, "CANARY-ACC", "CANARY-STUDY")
    instances = [one.identity for one in found.instances]
    assert [one and one.sop_instance_uid for one in instances] == [f"{UID}.3.1", f"{UID}.3.2"]
    assert {one and one.series_uid for one in instances} == {f"{UID}.2"}
    assert {one and one.sop_class_uid for one in instances} == {"1.2.840.10008.5.1.4.1.1.1"}
    assert [(one.index, one.frame) for one in found.instances] == [(0, 1), (1, 1)]


def test_the_list_is_that_of_the_command_line(room: Any) -> None:
    listed = room.viewer.get("/formats").json()
    assert [(one["name"], one["label"], one["media_type"], one["extension"]) for one in listed] == [
        (form.name, form.label, form.media_type, form.suffix) for form in FORMATS
    ]
    assert [set(one["needs"]) for one in listed] == [set(form.needs) for form in FORMATS]


def test_a_stored_study_says_whose_it_is_to_those_who_may_know(room: Any, study: str) -> None:
    identified(result(room, study))


def test_outputs_name_nobody(room: Any, study: str) -> None:
    for name, content in written(room, study).items():
        assert b"CANARY" not in content, name
        assert UID.encode() not in content, name


def test_what_names_the_patient_is_for_those_who_may_fetch_the_files(room: Any, study: str) -> None:
    """An object is the same each time that it is fetched: its time is that of the reading."""
    from io import BytesIO

    from pydicom import dcmread

    told = room.reader.get(f"/studies/{study}").json()
    assert told["silent"] == (["kos"] if told["reading"]["call"] == "no fracture" else [])
    key = {"name": "views", "role": "reader", "scopes": ["view"]}
    views = {"Authorization": f"Bearer {room.administrator.post('/keys', json=key).json()['key']}"}
    for form in NAMING:
        path = f"/studies/{study}/outputs/{form.name}"
        assert room.viewer.get(path).status_code == 403
        answer = room.reader.get(path)
        assert room.viewer.get(path, headers=views).status_code == 403
        if form.name in told["silent"]:
            assert (answer.status_code, answer.json()["title"]) == (404, NOTHING)
            continue
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dicom"), answer.text
        assert answer.headers["cache-control"] == "no-store"
        made = dcmread(BytesIO(answer.content))
        assert (made.StudyInstanceUID, str(made.PatientName)) == (UID, NAMES["PatientName"])
        assert room.reader.get(path).content == answer.content
        assert room.reader.get(f"/studies/{study}/images/1/outputs/{form.name}").status_code == 404


def test_a_picture_becomes_no_dicom_object(room: Any) -> None:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(5).integers(0, 255, (90, 70), dtype=np.uint8)).save(stream, "PNG")
    found = room.reader.post("/studies", files=[("files", ("a.png", stream.getvalue()))]).json()["studies"][0]["id"]
    for form in NAMING:
        answer = room.reader.get(f"/studies/{found}/outputs/{form.name}")
        assert answer.status_code == 404
        assert "DICOM" in answer.json()["detail"]


def test_the_report_is_the_same_by_either_address(room: Any, study: str) -> None:
    for address, name in (("report.html", "html"), ("report.pdf", "pdf"), ("overlay.png", "overlay")):
        first, second = (room.viewer.get(f"/studies/{study}/{path}") for path in (address, f"outputs/{name}"))
        assert first.content == second.content
        assert first.headers["content-disposition"].startswith("inline")
        assert second.headers["content-disposition"].startswith("attachment")
    shown = room.viewer.get(f"/studies/{study}/outputs/html", params={"inline": True})
    assert shown.headers["content-disposition"].startswith("inline")
    assert "style-src 'sha256-" in shown.headers["content-security-policy"]


def test_the_report_is_that_of_the_command_line(room: Any, study: str, tmp_path: Path) -> None:
    """What the store alone knows is more than the command line has; all else is the same, to the letter."""
    from osteon.cli.write_outputs import OutputWriter
    from osteon.inference.results import bundle_info
    from osteon.inference.stream import read_study_files
    from osteon.inference.studies import Study
    from osteon.outputs.formats.html import FORMAT

    paths: list[Path] = []
    for place in (0, 1):
        paths.append(tmp_path / f"{place}.dcm")
        paths[-1].write_bytes(room.reader.get(f"/studies/{study}/files/{place}").content)
    files = Study(tuple(paths))
    writer = OutputWriter(tmp_path, (FORMAT,), [files], bundle_info(room.context.bundle))
    outcome = read_study_files(
        room.context.engines.engine(room.context.bundle.manifest.identity),
        files,
        lambda reading, study: writer.write(reading, study),
    )
    assert outcome.reading is not None
    here = (tmp_path / "0.html").read_text(encoding="utf-8")
    there = room.viewer.get(f"/studies/{study}/report.html").text
    own = r"<dt>(?:Study|Patient|Received|Read)</dt><dd>[^<]*</dd>\n"
    picture = r'src="data:[^"]*"'
    assert re.sub(own, "", re.sub(picture, "", there)) == re.sub(picture, "", here)
    assert len(re.findall(own, there)) == 4


def test_formats_of_one_image(room: Any, study: str) -> None:
    for form in NAMELESS:
        answer = room.viewer.get(f"/studies/{study}/images/1/outputs/{form.name}")
        assert answer.status_code == (404 if Need.ALL_IMAGES in form.needs else 200), form.name
    overlay, again = (
        room.viewer.get(f"/studies/{study}/images/1/{path}").content for path in ("outputs/overlay", "overlay.png")
    )
    assert overlay == again
    assert room.viewer.get(f"/studies/{study}/images/2/outputs/overlay").status_code == 404


def test_a_store_of_an_earlier_version_gives_every_output(
    room: Any, rooms: Any, store: Path, study: str, tmp_path: Path
) -> None:
    """The series and the SOP class are read from the files, which that version kept."""
    import shutil
    import sqlite3
    from contextlib import closing

    from osteon.clinic.store.database import Database

    copy = tmp_path / "store"
    shutil.copytree(store, copy, ignore=shutil.ignore_patterns("*.db*", "*.sqlite*", "*lock*"))
    source = Path(room.context.database.file)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy / source.name)) as new:
        old.backup(new)
    database = Database(f"sqlite:///{copy / source.name}")
    settings = Config()
    settings.set_main_option("script_location", SCRIPTS)
    with database._engine.begin() as connection:
        connection.execute(text("DELETE FROM facts WHERE name = 'instances'"))
        settings.attributes["connection"] = connection
        command.downgrade(settings, "0005")
    database.close()
    former = rooms(store=copy)
    identified(result(former, study))
    before, after = written(room, study), written(former, study)
    assert before == after
    assert all(b"CANARY" not in content for content in after.values())


def test_identifiers_go_with_the_study(room: Any, dicom: Any) -> None:
    from sqlalchemy import func, select

    from osteon.clinic.store.tables.studies import Original

    words = np.random.default_rng(9).integers(0, 4095, (90, 70))
    data = dicom(words, SeriesInstanceUID=f"{UID}.9")
    gone = room.reader.post("/studies", files=[("files", ("9.dcm", data))]).json()["studies"][0]["id"]

    def kept() -> int:
        with room.context.database.session() as session:
            return session.scalar(select(func.count()).where(Original.series == f"{UID}.9")) or 0

    assert kept() == 1
    assert room.administrator.delete(f"/studies/{gone}").status_code in {200, 204}
    assert kept() == 0
