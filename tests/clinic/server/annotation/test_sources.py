"""Projects from a dataset, and from an archive by query, de-identified on the way; what may not belong there is screened."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from sqlalchemy import select
from tests.clinic.server.annotation.conftest import Desk
from tests.orthanc import free_port, orthanc
from typer.testing import CliRunner

from osteon.cli import application
from osteon.clinic.annotation.client import Annotation
from osteon.clinic.annotation.filling import Gathered
from osteon.clinic.client import Client
from osteon.clinic.role import Role
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.studies import Original, Study
from osteon.core.errors import DataError

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def run(room: Any) -> Run:
    """Runs ``osteon annotate`` with an administrator's key."""
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    environment = {"OSTEON_SERVER": room.url, "OSTEON_KEY": key, "COLUMNS": "200"}

    def start(*arguments: object, code: int = 0) -> Any:
        done = CliRunner().invoke(application("annotate"), ["annotate", *map(str, arguments)], env=environment)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    return start


@pytest.fixture(scope="module")
def listed(picture: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of three studies of two patients, one of two views; one file is no image, and one shows nothing."""
    root = tmp_path_factory.mktemp("listed")
    rows = [
        ("a1", "s1", "7", "frontal"),
        ("a2", "s1", "7", "lateral"),
        ("b", "s2", "7", ""),
        ("c", "s3", "8", "frontal"),
    ]
    for number, (name, *_) in enumerate(rows):
        (root / f"{name}.png").write_bytes(picture(5000 + number, 256, 256))
    import cv2

    (root / "blank.png").write_bytes(cv2.imencode(".png", np.full((300, 300), 90, np.uint8))[1].tobytes())
    (root / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno image")
    rows += [("blank", "s4", "9", ""), ("bad", "s5", "9", "")]
    with (root / "cases.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "study", "patient", "view"])
        writer.writerows((f"{name}.png", *rest) for name, *rest in rows)
    return root


def studies_of(room: Any, project: str) -> list[tuple[Study, list[Original]]]:
    """The studies of a project of this name, with their files."""
    with room.context.database.session() as session:
        query = select(Study).join(tables.Item, tables.Item.study_id == Study.id).join(tables.Project)
        found = session.scalars(query.where(tables.Project.name == project).order_by(tables.Item.id)).all()
        return [
            (study, list(session.scalars(select(Original).where(Original.study_id == study.id)))) for study in found
        ]


def views_of(room: Any, study: str) -> set[str | None]:
    client = room.with_key(Role.READER)
    return {image["view"] for image in client.get(f"/studies/{study}").json()["images"]}


def test_a_project_of_a_table(room: Any, run: Run, listed: Path) -> None:
    done = run("create", "Of a table", "--schema", "fractuvision", "--data", listed, code=1)
    assert "4 studies sent: 4 added, 0 were there, 0 cannot be read" in done.stdout
    assert "1 of them may not belong there" in done.stderr
    assert "left out: 1 times: the dataset leaves it out: unreadable" in done.stderr
    found = studies_of(room, "Of a table")
    assert sorted(len(files) for _, files in found) == [1, 1, 1, 2]
    (two,) = [study for study, files in found if len(files) == 2]
    assert views_of(room, two.id) == {"frontal", "lateral"}, "PNG say no view: the table does"
    assert sorted(study.pseudonym or "" for study, _ in found) == ["listed 7", "listed 7", "listed 8", "listed 9"]
    again = run("add-data", "Of a table", listed / "cases.csv", code=1)
    assert "0 added, 4 were there" in again.stdout


def test_what_may_not_belong_there_is_screened_by_a_person(room: Any, run: Run, listed: Path) -> None:
    run("create", "Screened", "--schema", "fractuvision", "--data", listed, code=1)
    shown = run("screen", "Screened")
    assert "[blank]" in shown.stdout
    assert "blank: there is next to no contrast" in shown.stdout
    assert "1 studies wait" in shown.stderr
    room.login("Screened reader", Role.ANNOTATOR)
    run("member", "Screened", "Screened reader")
    assert "1 studies wait to be screened" in run("assign", "Screened").stderr
    assert "1 wait to be screened" in run("status", "Screened").stdout
    assert "1 studies taken out" in run("screen", "Screened", "--code", "blank", "--out", "shows nothing").stdout
    assert "0 studies wait" in run("screen", "Screened").stderr
    with room.context.database.session() as session:
        rows = session.scalars(select(tables.Item).where(tables.Item.reason != "")).all()
        (row,) = [row for row in rows if row.reason == "shows nothing"]
        assert (row.state, row.to_screen, bool(row.screened_by)) == ("screened_out", False, True)
        assert row.screened is not None
        number = row.id
    assert "1 studies kept" in run("screen", "Screened", number, "--keep").stdout
    assert "screened out" not in run("status", "Screened").stdout
    assert "0 studies wait" in run("screen", "Screened").stderr, "whoever kept it is not asked again"
    run("screen", "Screened", number, code=2)
    run("screen", "Screened", "--keep", code=2)


def test_other_body_parts_are_proposed(desks: Callable[..., Desk], dicom: Callable[..., bytes]) -> None:
    desk = desks(studies=0, readers_per_study=1, body_parts=["spine"])
    words = np.random.default_rng(1).integers(0, 4000, (300, 256), np.uint16)
    sent = {}
    for part in ("LSPINE", "FOOT"):
        data = dicom(words, BodyPartExamined=part, PatientID=f"S{part}")
        answer = desk.lead.post("/studies", files={"files": ("a.dcm", data)})
        assert answer.status_code == 200, answer.text
        sent[part] = answer.json()["studies"][0]["id"]
    assert desk.lead.post(f"{desk.path}/items", json={"studies": list(sent.values())}).json()["added"] == 2
    assert desk.lead.get(f"{desk.path}/progress").json()["to_screen"] >= 1
    items = {item["study"]: item for item in desk.lead.get(f"{desk.path}/items").json()["items"]}
    foot = [one for one in items[sent["FOOT"]]["suspicions"] if one["code"] == "body_part"]
    assert [(one["values"], one["image"]) for one in foot] == [({"part": "foot", "allowed": ["spine"]}, 0)]
    assert foot[0]["sentence"]
    assert not [one for one in items[sent["LSPINE"]]["suspicions"] if one["code"] == "body_part"]
    assert desk.lead.patch(desk.path, json={"body_parts": ["foot"]}).status_code == 200
    items = {item["study"]: item for item in desk.lead.get(f"{desk.path}/items").json()["items"]}
    codes = {part: {one["code"] for one in items[study]["suspicions"]} for part, study in sent.items()}
    assert "body_part" in codes["LSPINE"]
    assert "body_part" not in codes["FOOT"]


def secret_words(room: Any, project: str) -> bool:
    """Whether a file of the project says who the patient is."""
    found = b""
    for _, files in studies_of(room, project):
        for file in files:
            found += room.context.files.path(file.digest).read_bytes()
    assert found
    return any(word in found for word in (b"Doe^Jane", b"MRN123", b"ACC9", b"Secret clinic"))


@pytest.fixture(scope="module")
def identified(dicom: Callable[..., bytes]) -> list[bytes]:
    """Two DICOM studies of one patient, the first of two images."""
    about: dict[str, Any] = {"PatientName": "Doe^Jane", "PatientID": "MRN123", "PatientSex": "F", "PatientAge": "048Y"}
    about |= {"InstitutionName": "Secret clinic", "BodyPartExamined": "LSPINE", "StudyTime": "101112"}
    files = []
    for number, uid in enumerate(("1.2.3.1", "1.2.3.1", "1.2.3.2")):
        words = np.random.default_rng(900 + number).integers(0, 4000, (256, 200), np.uint16)
        own = {"StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "SOPInstanceUID": f"{uid}.1.{number}"}
        own |= {
            "StudyDate": f"2026010{number + 1}",
            "AccessionNumber": "ACC9",
            "ViewPosition": ("AP", "LL", "AP")[number],
        }
        files.append(dicom(words, **about, **own))
    return files


def test_dicom_is_deidentified_on_the_way(room: Any, run: Run, identified: list[bytes], tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for number, content in enumerate(identified):
        (data / f"Doe-Jane-{number}.dcm").write_bytes(content)
    run("create", "Cleaned", "--schema", "vindr_spinexr")
    run("add-data", "Cleaned", data, "--deidentify", "--secret", tmp_path / "secret")
    assert not secret_words(room, "Cleaned")
    found = studies_of(room, "Cleaned")
    assert sorted(len(files) for _, files in found) == [1, 2]
    assert len({study.pseudonym for study, _ in found}) == 1, "studies of a patient stay together"
    assert {(study.age, study.sex) for study, _ in found} == {(48.0, "F")}
    again = run("add-data", "Cleaned", data, "--deidentify", "--secret", tmp_path / "secret")
    assert "0 added, 2 were there" in again.stdout
    run("add-data", "Cleaned", data, "--clean-pixels", code=2)


@pytest.mark.pacs
@pytest.mark.parametrize("way", ["get", "move", "web"])
def test_an_archive_is_asked_by_query(room: Any, run: Run, identified: list[bytes], way: str, tmp_path: Path) -> None:
    pytest.importorskip("pynetdicom")
    back = free_port()
    with orthanc(tmp_path / "pacs", peers={"OSTEON": ("127.0.0.1", back)}) as pacs:
        for content in identified:
            pacs.store(content)
        where: tuple[object, ...] = ("--url", pacs.dicomweb)
        if way != "web":
            config = tmp_path / "node.toml"
            peer = f'[dicom.peers.{pacs.aet}]\naddress = "127.0.0.1"\nport = {pacs.port}\n'
            config.write_text(f"[dicom]\nport = {back}\n{peer}")
            where = ("--peer", pacs.aet, "--config", config, "--way", way)
        name = f"By {way}"
        run("create", name, "--schema", "vindr_spinexr")
        cleaned = ("--deidentify", "--secret", tmp_path / "secret")
        done = run("add-pacs", name, *where, "--date", "20260101-20260102", *cleaned)
        assert "1 studies sent: 1 added" in done.stdout
        assert not secret_words(room, name)
        assert [len(files) for _, files in studies_of(room, name)] == [2]
        run("add-pacs", name, *where, "--patient", "MRN123")
        assert secret_words(room, name), "without --deidentify files come as they are"
        assert sorted(len(files) for _, files in studies_of(room, name)) == [1, 2, 2]
        missing = run("add-pacs", name, *where, "--study", "1.2.3.99", code=1)
        assert "left out: 1 times: the archive has no such study" in missing.stderr


def test_what_a_room_cannot_read_is_counted(room: Any, run: Run, picture: Callable[..., bytes]) -> None:
    run("create", "Half", "--schema", "fractuvision")
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    half = Gathered([("a.png", picture(7001, 256, 256)), ("b.png", b"no image at all")], "Half 1")
    none = Gathered([("c.png", b"nor this")])
    with Client(room.url, key) as client:
        projects = Annotation(client)
        done = projects.fill(projects.find("Half").id, [half, none, DataError("a file is gone")])
    assert (done.sent, done.added) == (2, 1)
    assert sum(done.problems.values()) == 3
    assert done.problems["a file is gone"] == 1


def test_text_in_the_pixels_waits_for_a_person(run: Run, dicom: Callable[..., bytes], tmp_path: Path) -> None:
    import cv2

    grey = np.full((600, 500), 30, np.uint8)
    cv2.putText(grey, "DOE JANE 1970", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (250,), 3)
    drawn = grey.astype(np.uint16) * 16
    data = tmp_path / "data"
    data.mkdir()
    content = dicom(drawn, BurnedInAnnotation="NO", PatientID="T1")
    (data / "a.dcm").write_bytes(content)
    assert dcmread(BytesIO(content)).PatientID == "T1"
    run(
        "create", "With text", "--schema", "vindr_spinexr", "--data", data, "--deidentify", "--secret", tmp_path / "key"
    )
    assert "[burned_in]" in run("screen", "With text").stdout
