"""Delivery to a real Orthanc, over DICOM with storage commitment and over DICOMweb, and to destinations that fail."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ComprehensiveSRStorage, generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import BasicTextSRStorage
from sqlalchemy import select, update
from tests.clinic.dicom.conftest import storescu, until
from tests.clinic.dicom.results import ONE, TWO
from tests.orthanc import Orthanc, free_port, orthanc

from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery
from osteon.core.errors import OsteonError
from osteon.outputs import FORMATS

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]

FAST = {"pause_seconds": 0.2, "longest_pause_minutes": 0.02}


@pytest.fixture(autouse=True)
def _formats(monkeypatch: pytest.MonkeyPatch) -> None:
    from osteon.clinic.dicom import making

    monkeypatch.setattr(making, "FORMATS", (*making.FORMATS, ONE, TWO))


@pytest.fixture(scope="module")
def node_port() -> int:
    """Where the node listens, which Orthanc has to know before."""
    return free_port()


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, node_port: int) -> Iterator[Orthanc]:
    """A PACS."""
    with orthanc(tmp_path_factory.mktemp("pacs"), peers={"OSTEON": ("127.0.0.1", node_port)}) as started:
        yield started


def destination(port: int, **more: Any) -> dict[str, Any]:
    return {"aet": "PACS", "host": "127.0.0.1", "port": port, "outputs": ["one"], **more}


PEERS = {"SENDER0": {"address": "127.0.0.1"}, "PACS": {"address": "127.0.0.1"}}


def deliveries(room: Any) -> list[Delivery]:
    with room.context.database.session() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def states(room: Any) -> list[str]:
    return [row.state for row in deliveries(room)]


def test_orthanc_gets_results_and_commits_itself(
    rooms: Any, pacs: Orthanc, node_port: int, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    web = {"url": f"{pacs.dicomweb}/studies", "outputs": ["two"]}
    room = rooms(port=node_port, peers=PEERS, destinations={"pacs": destination(pacs.port), "web": web}, **FAST)
    for name in ("pacs", "web", "PACS"):
        answer = room.administrator.post(f"/api/v1/pacs/peers/{name}/test")
        assert answer.status_code == (404 if name == "PACS" else 200), answer.text
        assert name == "PACS" or answer.json() == {"answers": True, "problem": ""}
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    room.read(uid)
    assert until(lambda: states(room) == ["done"] * 3), "committed, and accepted"
    rows = deliveries(room)
    assert [(row.destination, row.form, row.part) for row in rows if row.destination == "web"] == [
        ("web", "two", 0),
        ("web", "two", 1),
    ]
    for row in rows:
        sent = room.context.files.read(str(row.digest))
        assert dcmread(io.BytesIO(pacs.file(str(row.instance)))) == dcmread(io.BytesIO(sent))
    told = room.administrator.get("/api/v1/pacs/traffic").json()
    assert [(one["name"], one["way"], one["committed"]) for one in told["destinations"]] == [
        ("pacs", "dicom", 1),
        ("web", "dicomweb", 2),
    ]
    assert told["listening"]


class Archive:
    """A destination of pynetdicom that can fail in many ways, and keeps the bytes that it gets.

    Attributes:
        statuses: what it answers to the next objects; 0 after them.
        got: the data set of each object, whether it was taken or not.
    """

    def __init__(self, port: int, statuses: tuple[int, ...] = ()) -> None:
        self.statuses = list(statuses)
        self.got: list[bytes] = []
        entity = AE("PACS")
        entity.add_supported_context(BasicTextSRStorage)
        self._server = entity.start_server(
            ("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, self._store)]
        )

    def _store(self, event: Any) -> int:
        path = event.dataset_path
        self.got.append(dcmread(path)["ContentLabel"].value.encode() + path.read_bytes()[-40:])
        return self.statuses.pop(0) if self.statuses else 0

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()


@contextmanager
def archive(port: int, *statuses: int) -> Iterator[Archive]:
    made = Archive(port, statuses)
    try:
        yield made
    finally:
        made.stop()


def test_the_same_bytes_until_they_are_accepted(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    ports = {"down": free_port(), "full": free_port(), "well": free_port()}
    to = {name: destination(port, commitment=False) for name, port in ports.items()}
    room = rooms(peers=PEERS, destinations=to, **FAST)
    uid = generate_uid()
    with archive(ports["full"], 0xA700, 0xA700) as full, archive(ports["well"]) as well:
        storescu(room, put(film(1, StudyInstanceUID=uid)))
        room.read(uid)
        until(lambda: states(room).count("done") == 2)
        assert len(well.got) == 1, "another one that is down holds nothing up"
        assert len(full.got) == 3
        assert len(set(full.got)) == 1
        assert set(full.got) == set(well.got), "made once, for all destinations"
        (late,) = [row for row in deliveries(room) if row.destination == "down"]
        until(lambda: next(row for row in deliveries(room) if row.destination == "down").attempts > 1)
        told = room.administrator.get("/api/v1/pacs/deliveries", params={"destination": "down"}).json()["objects"]
        assert "cannot be reached" in told[0]["problem"]
        assert late.digest is not None
        answer = room.administrator.post("/api/v1/pacs/peers/down/test").json()
        assert not answer["answers"]
        with archive(ports["down"]) as back:
            until(lambda: states(room).count("done") == 3)
            assert back.got == well.got
        answer = room.administrator.post("/api/v1/pacs/deliveries/resend", json={"destination": "well"})
        assert answer.json() == {"objects": 1}
        until(lambda: len(well.got) == 2)
        assert len(set(well.got)) == 1, "the same bytes again"


def test_held_results_wait(rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    port = free_port()
    room = rooms(peers=PEERS, destinations={"pacs": destination(port, commitment=False)}, **FAST)
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    room.read(uid)
    until(lambda: deliveries(room) and deliveries(room)[0].attempts)
    change = "/api/v1/pacs/deliveries"
    assert room.administrator.post(f"{change}/hold", json={"destination": "pacs"}).json() == {"objects": 1}
    with archive(port) as back:
        until(lambda: deliveries(room)[0].lease_owner is None)
        assert room.administrator.post(f"{change}/release", json={"states": ["held"]}).json() == {"objects": 1}
        until(lambda: states(room) == ["done"])
        assert len(back.got) == 1
    assert room.administrator.post(f"{change}/hold", json={}).status_code == 422


def test_what_cannot_be_delivered_for_a_day_is_stuck_and_still_tried(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    port = free_port()
    room = rooms(peers=PEERS, destinations={"pacs": destination(port, commitment=False)}, **FAST)
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    room.read(uid)
    until(lambda: deliveries(room))
    with room.context.database.session() as session:
        session.execute(update(Delivery).values(created=now() - timedelta(hours=25)))
    until(lambda: states(room) == ["stuck"])
    metrics = room.administrator.get("/api/v1/metrics").text
    assert 'osteon_dicom_results{destination="pacs",state="stuck"} 1.0' in metrics
    with archive(port):
        until(lambda: states(room) == ["done"])


def test_a_slow_destination_is_given_up_for_now(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []
    end = threading.Event()

    def accept() -> None:
        silent.settimeout(0.1)
        while not end.is_set():
            try:
                kept.append(silent.accept()[0])
            except TimeoutError:
                continue

    thread = threading.Thread(target=accept)
    thread.start()
    well = free_port()
    to = {
        "silent": destination(silent.getsockname()[1], commitment=False),
        "well": destination(well, commitment=False),
    }
    room = rooms(peers=PEERS, destinations=to, patience=1.0, **FAST)
    uid = generate_uid()
    try:
        with archive(well) as other:
            storescu(room, put(film(1, StudyInstanceUID=uid)))
            room.read(uid)
            until(lambda: len(other.got) == 1)
            until(lambda: any(row.attempts and row.destination == "silent" for row in deliveries(room)))
        room.stop()
    finally:
        end.set()
        thread.join()
        for one in (silent, *kept):
            one.close()


def test_positives_only(rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    port = free_port()
    to = {"pacs": destination(port, commitment=False, when="positives")}
    room = rooms(peers=PEERS, destinations=to, **FAST)
    positive, negative = generate_uid(), generate_uid()
    with archive(port) as back:
        storescu(room, put(film(2, StudyInstanceUID=positive)), put(film(0, StudyInstanceUID=negative)))
        calls = {room.read(uid).id: room.read(uid).call for uid in (positive, negative)}
        assert set(calls.values()) >= {"no fracture"}, "the bundle for tests tells them apart"
        assert len(set(calls.values())) == 2
        until(lambda: sorted(states(room)) == ["done", "unwanted"])
        assert len(back.got) == 1
    (sent,) = [row for row in deliveries(room) if row.state == "done"]
    assert calls[sent.study_id] != "no fracture"


def test_a_destination_that_does_not_know_commitment_is_told_of(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    port = free_port()
    room = rooms(peers=PEERS, destinations={"pacs": destination(port)}, **FAST)
    uid = generate_uid()
    with archive(port) as back:
        storescu(room, put(film(1, StudyInstanceUID=uid)))
        room.read(uid)
        until(lambda: states(room) == ["sent"] and deliveries(room)[0].problem)
        told = room.administrator.get("/api/v1/pacs/deliveries").json()["objects"][0]
        assert "commitment = false" in told["problem"]
        assert len(back.got) == 1, "it is not sent again for that"


def test_results_go_with_their_study(rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    room = rooms(peers=PEERS, destinations={"pacs": destination(free_port(), commitment=False)}, **FAST)
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    study = room.read(uid)
    until(lambda: deliveries(room) and deliveries(room)[0].digest)
    file = room.context.files.path(deliveries(room)[0].digest)
    assert file.exists()
    assert room.administrator.delete(f"/api/v1/studies/{study.id}").status_code == 204
    assert deliveries(room) == []
    assert not file.exists()


def test_an_output_that_is_no_dicom_object_is_refused(rooms: Any) -> None:
    with pytest.raises(OsteonError, match=r"makes no DICOM object.*pacs"):
        rooms(peers=PEERS, destinations={"pacs": destination(1, outputs=["json"])})


def test_every_dicom_output_arrives_as_it_was_made(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path], tmp_path: Path
) -> None:
    names = [form.name for form in FORMATS if form.media_type == "application/dicom"]
    port = free_port()
    with orthanc(tmp_path / "pacs", peers={"OSTEON": ("127.0.0.1", port)}) as own:
        to = {"pacs": destination(own.port, outputs=names, sr_class="comprehensive")}
        room = rooms(port=port, peers=PEERS, destinations=to, **FAST)
        uid = generate_uid()
        storescu(room, put(film(2, StudyInstanceUID=uid, rows=512)), put(film(1, StudyInstanceUID=uid, rows=512)))
        first = room.read(uid)
        until(lambda: deliveries(room) and set(states(room)) <= {"done", "unwanted"}, 60)
        done = [row for row in deliveries(room) if row.state == "done"]
        assert {row.form for row in deliveries(room)} == set(names)
        assert {row.form for row in done} >= {"sr", "text-sr"}, "not every reading has every object"
        assert len({row.instance for row in done}) == len(done)
        for row in done:
            sent = room.context.files.read(str(row.digest))
            assert dcmread(io.BytesIO(own.file(str(row.instance)))) == dcmread(io.BytesIO(sent))
        (overlay,) = [row for row in done if row.form == "sc"]
        file = put(room.context.files.read(str(overlay.digest)))
        storescu(room, file, options=["-xy"])
        changed = dcmread(file)
        changed.SeriesDescription = "changed by the archive"
        changed.save_as(file)
        storescu(room, file, options=["-xy"])
        assert until(lambda: room.held() == [("own-result", overlay.instance)]), "what comes back is not read"
        assert room.studies()[uid].version == 1
        (report,) = [row for row in done if row.form == "sr"]
        assert report.sop_class == ComprehensiveSRStorage
        storescu(room, put(film(2, StudyInstanceUID=uid, rows=500)))
        second = until(lambda: (row := room.read(uid)) and row.version == 2 and row)
        assert second.id != first.id

        def later() -> Any:
            rows = [row for row in deliveries(room) if row.study_id == second.id and row.form == "sr"]
            return rows and rows[0].state == "done" and rows[0]

        newer = dcmread(io.BytesIO(own.file(str(until(later, 60).instance))))
        (replaced,) = newer.PredecessorDocumentsSequence
        assert replaced.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID == report.instance
        room.stop()


def test_one_object_has_one_form(rooms: Any) -> None:
    to = {name: destination(1, commitment=False, outputs=["sr"], sr_class=name) for name in FORMS}
    with pytest.raises(OsteonError, match="in different forms"):
        rooms(peers=PEERS, destinations=to)


FORMS = ("comprehensive", "comprehensive-3d")
