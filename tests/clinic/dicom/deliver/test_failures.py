"""Delivery to destinations that are down, slow, full or choosy."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, JPEGLSLossless, generate_uid
from sqlalchemy import update
from tests.clinic.dicom.conftest import storescu, until
from tests.clinic.dicom.deliver.conftest import FAST, PEERS, archive, deliveries, destination, states
from tests.orthanc import free_port

from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery
from osteon.core.errors import OsteonError

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


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


CHOICES = {
    "first": {"sr_class": "comprehensive-3d", "capture": "jpeg"},
    "second": {"sr_class": "comprehensive", "capture": "jpeg-ls"},
    "third": {"sr_class": "comprehensive", "capture": "none"},
}


def test_each_destination_chooses_the_forms_of_its_objects(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    ports = {name: free_port() for name in CHOICES}
    to = {
        name: destination(port, commitment=False, outputs=["sr", "sc"], **CHOICES[name]) for name, port in ports.items()
    }
    room = rooms(peers=PEERS, destinations=to, **FAST)
    uid = generate_uid()
    with archive(ports["first"]), archive(ports["second"]), archive(ports["third"]):
        storescu(room, put(film(1, StudyInstanceUID=uid)))
        room.read(uid)
        until(lambda: states(room).count("done") == 6)
    made = {(row.destination, row.form): row for row in deliveries(room)}
    classes = [made[name, "sr"].sop_class for name in CHOICES]
    assert classes == ["1.2.840.10008.5.1.4.1.1.88.34", *["1.2.840.10008.5.1.4.1.1.88.33"] * 2]
    assert made["second", "sr"].digest == made["third", "sr"].digest != made["first", "sr"].digest
    overlays = [dcmread(room.context.files.path(str(made[name, "sc"].digest))) for name in CHOICES]
    assert [one.file_meta.TransferSyntaxUID for one in overlays] == [
        JPEGBaseline8Bit,
        JPEGLSLossless,
        ExplicitVRLittleEndian,
    ]
    assert len({made[name, "sc"].instance for name in CHOICES}) == 3, "one SOPInstanceUID for each form"
    assert len({made[name, "sr"].instance for name in CHOICES}) == 2
