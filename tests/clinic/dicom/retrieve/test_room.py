"""The reading room fetches studies itself, and shows a patient's earlier studies beside the current one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import storescu, until
from tests.orthanc import Orthanc, free_port, orthanc
from typer.testing import CliRunner

from osteon.cli import application
from osteon.clinic.role import Role

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]

DATES = ("20200101", "20210101", "20260101")


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, port: int) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("pacs"), peers={"OSTEON": ("127.0.0.1", port)}) as started:
        yield started


@pytest.fixture(scope="module")
def asking(rooms: Any, pacs: Orthanc, port: int) -> Any:
    """A room that knows an archive by all ways, and asks it for earlier studies."""
    peers = {"SENDER0": {"address": "127.0.0.1"}, pacs.aet: {"address": "127.0.0.1", "port": pacs.port}}
    archives = {"get": {"peer": pacs.aet}, "move": {"peer": pacs.aet, "way": "move"}, "web": {"url": pacs.dicomweb}}
    return rooms(port=port, peers=peers, archives=archives, earlier="web", earlier_seconds=15)


def stored(pacs: Orthanc, film: Callable[..., bytes], patient: str, **about: Any) -> dict[str, str]:
    """Studies of a patient in the archive, by their dates."""
    found = {date: generate_uid() for date in DATES}
    for number, (date, uid) in enumerate(found.items()):
        pacs.store(
            film(number, StudyInstanceUID=uid, StudyDate=date, PatientID=patient, StudyDescription="Wrist", **about)
        )
    return found


def done(room: Any, pull: dict[str, Any]) -> dict[str, Any]:
    def look() -> Any:
        told = room.administrator.get(f"/api/v1/pacs/pulls/{pull['id']}").json()
        return told["state"] not in ("waiting", "running") and told

    return until(look, 60)


@pytest.mark.parametrize("way", ["get", "move", "web"])
def test_into_the_room(asking: Any, pacs: Orthanc, film: Callable[..., bytes], way: str) -> None:
    studies = stored(pacs, film, f"R{way}")
    answer = asking.administrator.post("/api/v1/pacs/pulls", json={"archive": way, "patient": f"R{way}"})
    assert answer.status_code == 202, answer.text
    told = done(asking, answer.json())
    assert (told["state"], told["studies"], told["done"], told["fetched"], told["failures"]) == ("done", 3, 3, 3, [])
    for uid in studies.values():
        asking.read(uid)
    again = done(
        asking, asking.administrator.post("/api/v1/pacs/pulls", json={"archive": way, "patient": f"R{way}"}).json()
    )
    assert (again["fetched"], again["known"]) == (0, 3)
    peers = {one["name"]: one for one in asking.administrator.get("/api/v1/pacs/traffic").json()["peers"]}
    assert peers["archive:web" if way == "web" else pacs.aet]["received"] >= 3


def test_by_the_command(asking: Any, pacs: Orthanc, film: Callable[..., bytes], tmp_path: Path) -> None:
    studies = stored(pacs, film, "SECRET-PATIENT", PatientName="Secret^Name")
    key = asking.administrator.headers["authorization"].removeprefix("Bearer ")
    environment = {"OSTEON_SERVER": asking.url, "OSTEON_KEY": key}

    def run(*arguments: str, code: int = 0) -> str:
        found = CliRunner().invoke(application("pacs"), ["pacs", "pull", *arguments], env=environment)
        assert found.exit_code == code, found.output
        return f"{found.output} {found.exception or ''}"

    query = ("--patient", "SECRET-PATIENT", "--date", "20210101-")
    shown = run("--url", pacs.dicomweb, *query, "--dry-run")
    assert {studies["20210101"], studies["20260101"]} == {line.split()[0] for line in shown.splitlines()[1:3]}
    assert "Secret" not in shown.replace("SECRET-PATIENT", "")
    assert "3 images fetched" in run("--peer", "get", "--patient", "SECRET-PATIENT")
    assert "3 were here already" in run("--peer", "get", "--patient", "SECRET-PATIENT")
    run("--peer", "get", code=2)
    run("--url", pacs.dicomweb, *query, "--out", str(tmp_path))
    assert len(list(tmp_path.iterdir())) == 2
    assert "one of archives or peers" in run("--peer", "nowhere", *query, code=1)
    assert "no such study" in run("--peer", "get", "--study", generate_uid(), code=1)


def test_what_is_refused(asking: Any) -> None:
    post = asking.administrator.post
    assert post("/api/v1/pacs/pulls", json={"archive": "nowhere", "patient": "X"}).status_code == 404
    for body in ({"archive": "get"}, {"archive": "get", "patient": "X*"}, {"archive": "get", "dates": "today"}):
        assert post("/api/v1/pacs/pulls", json=body).status_code == 422, body
    assert asking.administrator.get("/api/v1/pacs/pulls/none").status_code == 404
    with asking.client(Role.READER) as reader:
        assert reader.post("/api/v1/pacs/pulls", json={"archive": "get", "patient": "X"}).status_code == 403


def test_earlier_studies(
    asking: Any,
    pacs: Orthanc,
    film: Callable[..., bytes],
    put: Callable[[bytes], Path],
    caplog: pytest.LogCaptureFixture,
) -> None:
    about = {"PatientName": "Curie^Marie", "PatientBirthDate": "19671107", "PatientSex": "F"}
    before = stored(pacs, film, "C1", **about)
    stranger = film(
        1, StudyInstanceUID=generate_uid(), PatientID="C1", StudyDate="20190101", PatientBirthDate="19800101"
    )
    pacs.store(stranger)
    uid = generate_uid()
    storescu(asking, put(film(2, StudyInstanceUID=uid, PatientID="C1", StudyDate="20220101", **about)))
    study = asking.read(uid).id
    with asking.client(Role.READER) as reader, asking.client(Role.VIEWER) as viewer:
        path = f"/api/v1/studies/{study}/earlier"
        told = until(lambda: (answer := reader.get(path).json())["state"] == "done" and answer)
        assert [(one["uid"], one["date"], one["description"]) for one in told["studies"]] == [
            (before["20210101"], "2021-01-01", "Wrist"),
            (before["20200101"], "2020-01-01", "Wrist"),
        ], "no later study, and not the one of another birth date"
        assert told["others"] == 1
        assert all(one["here"] is None and one["fetching"] is None and one["readable"] for one in told["studies"])
        assert viewer.get(path).status_code == 403
        fetch = reader.post(f"{path}/{before['20210101']}/fetch")
        assert fetch.status_code == 202, fetch.text
        assert reader.post(f"{path}/{generate_uid()}/fetch").status_code == 404, "only what was found"
        here = until(lambda: next((one["here"] for one in reader.get(path).json()["studies"] if one["here"]), None), 30)
        assert asking.read(before["20210101"]).id == here
        assert reader.get(f"/api/v1/studies/{here}").status_code == 200
        assert reader.post(path).json()["state"] == "waiting"
        until(lambda: reader.get(path).json()["state"] == "done")
    entries = asking.administrator.get("/api/v1/audit", params={"action": "earlier"}).json()["items"]
    assert {entry["action"] for entry in entries} >= {"see earlier studies", "fetch earlier study"}
    assert "Curie" not in caplog.text
    assert "C1" not in caplog.text


def test_an_archive_that_is_down_delays_nothing(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    """A peer that accepts connections and says nothing: the study is read, and the page told why there is nothing."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        peers = {"SENDER0": {"address": "127.0.0.1"}, "OLD": {"address": "127.0.0.1", "port": silent.getsockname()[1]}}
        room = rooms(peers=peers, archives={"old": {"peer": "OLD"}}, earlier="old", earlier_seconds=3)
        uid = generate_uid()
        storescu(room, put(film(1, StudyInstanceUID=uid)))
        study = room.read(uid).id
        path = f"/api/v1/studies/{study}/earlier"
        told = until(lambda: (answer := room.administrator.get(path).json())["state"] == "failed" and answer)
        assert "does not" in told["problem"]
        room.stop()


def test_off_by_default(room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    study = room.read(uid).id
    told = room.administrator.get(f"/api/v1/studies/{study}/earlier").json()
    assert (told["state"], told["studies"]) == ("off", [])
    assert room.administrator.post(f"/api/v1/studies/{study}/earlier").status_code == 409


def test_a_killed_process_leaves_a_request_that_goes_on(pacs: Orthanc, film: Callable[..., bytes], rooms: Any) -> None:
    from osteon.clinic.store.pacs import pulls
    from osteon.clinic.store.tables.retrieve import PullState

    uid = generate_uid()
    pacs.store(film(1, StudyInstanceUID=uid, PatientID="K1"))
    query = {"studies": [uid], "patient": "", "accession": "", "dates": "", "modalities": [], "limit": 5}
    first = rooms(
        peers={pacs.aet: {"address": "127.0.0.1", "port": pacs.port}}, archives={"web": {"url": pacs.dicomweb}}
    )
    first.stop()
    from osteon.clinic.server.open import open_store

    database = open_store(first.context.settings)
    with database.session() as session:
        row = pulls.add(session, "web", query, "somebody")
        assert row is not None
        row.state, row.done, row.fetched = PullState.RUNNING, 7, 7
    database.close()
    second = rooms(
        first.context.settings.store,
        peers={pacs.aet: {"address": "127.0.0.1", "port": pacs.port}},
        archives={"web": {"url": pacs.dicomweb}},
    )
    second.read(uid)
    told = done(second, {"id": row.id})
    assert (told["state"], told["done"], told["fetched"]) == ("done", 1, 1)


def test_images_are_the_same_bytes(asking: Any, pacs: Orthanc, film: Callable[..., bytes]) -> None:
    uid, data = generate_uid(), b""
    data = film(
        1, StudyInstanceUID=uid, SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName="Yamada^Tarou=山田^太郎"
    )
    pacs.store(data)
    asking.administrator.post("/api/v1/pacs/pulls", json={"archive": "get", "studies": [uid]})
    study = asking.read(uid)
    came = asking.administrator.get(f"/api/v1/studies/{study.id}/files/0").content
    assert dcmread(io.BytesIO(came)).PatientName == dcmread(io.BytesIO(data)).PatientName
    assert dcmread(io.BytesIO(came)).PixelData == dcmread(io.BytesIO(data)).PixelData
    assert json.loads(asking.administrator.get("/dicomweb/studies", params={"PatientName": "山田*"}).content)
