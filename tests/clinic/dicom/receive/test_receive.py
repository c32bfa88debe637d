"""C-ECHO and C-STORE against dcmtk: kept before it is acknowledged, once, and never overwritten."""

from __future__ import annotations

import io
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fuzz import dimse_pdu as dimse
from pydicom import dcmread
from pydicom.uid import generate_uid
from pynetdicom import AE
from pynetdicom.sop_class import ComputedRadiographyImageStorage, CTImageStorage, Verification
from sqlalchemy import func, select
from tests.clinic.dicom.conftest import dcmtk, dcmtk_program, storescu, until
from tests.dicom_files import write_dicom

from osteon.clinic.store.tables.pacs import Receipt

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


def refused(room: Any, status: str) -> bool:
    """Whether the figures tell of an instance that was answered with a status."""
    event = f'osteon_dicom_events_total{{event="refused-{status}",peer="SENDER0"}}'
    return event in room.administrator.get("/api/v1/metrics").text


def test_echo(room: Any) -> None:
    dcmtk("echoscu", "-aet", "SENDER0", "-aec", "OSTEON", "127.0.0.1", room.port)


@pytest.mark.parametrize(("calling", "called"), [("STRANGER", "OSTEON"), ("SENDER0", "OTHER")])
def test_strangers_are_rejected_and_told_of(
    room: Any, calling: str, called: str, caplog: pytest.LogCaptureFixture
) -> None:
    done = dcmtk("echoscu", "-aet", calling, "-aec", called, "127.0.0.1", room.port, check=False)
    assert done.returncode
    assert "Reject" in done.stderr
    refused = [record for record in caplog.records if record.getMessage() == "an association was refused"]
    assert refused[-1].fields["calling"] == calling  # pyright: ignore[reportAttributeAccessIssue]


def test_a_peer_that_calls_from_elsewhere_is_rejected(rooms: Any) -> None:
    room = rooms(peers={"SENDER0": {"address": "10.1.0.0/16"}})
    done = dcmtk("echoscu", "-aet", "SENDER0", "-aec", "OSTEON", "127.0.0.1", room.port, check=False)
    assert "Reject" in done.stderr


def test_a_study_is_received_and_read(room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    uid = generate_uid()
    data = [film(seed, StudyInstanceUID=uid) for seed in (1, 2)]
    storescu(room, *map(put, data))
    study = room.read(uid)
    assert study.view_count == 2
    assert room.instances(study.id) == {str(dcmread(io.BytesIO(one)).SOPInstanceUID) for one in data}
    assert not list((room.context.settings.store / "incoming").glob("*.dcm")), "its study has it"


SYNTAXES = {
    "explicit": ((), "-xe"),
    "implicit": ((), "-xi"),
    "big endian": ((), "-xb"),
    "deflated": (("dcmconv", "+td"), "-xd"),
    "RLE": (("dcmcrle",), "-xr"),
    "JPEG lossless": (("dcmcjpeg", "+e1"), "-xs"),
    "JPEG extended": (("dcmcjpeg", "+ee"), "-xx"),
    "JPEG-LS": (("dcmcjpls", "+el"), "-xt"),
}


@pytest.mark.parametrize("name", SYNTAXES)
def test_transfer_syntaxes(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path], tmp_path: Path, name: str
) -> None:
    uid, (convert, option) = generate_uid(), SYNTAXES[name]
    file = put(film(1, StudyInstanceUID=uid))
    if convert:
        other = tmp_path / "converted.dcm"
        dcmtk(*convert, file, other)
        file = other
    storescu(room, file, options=[option])
    study = room.read(uid)
    with room.context.database.session() as session:
        from osteon.clinic.store.studies import studies

        digest = studies.originals(session, study.id)[0].digest
    kept = dcmread(room.context.files.path(digest))
    if convert:
        assert kept.file_meta.TransferSyntaxUID == dcmread(file).file_meta.TransferSyntaxUID, "kept as it was sent"


def test_what_is_no_radiograph_is_not_offered_to(room: Any) -> None:
    sender = AE("SENDER0")
    sender.add_requested_context(CTImageStorage)
    sender.add_requested_context(Verification)
    association = sender.associate("127.0.0.1", room.port, ae_title="OSTEON")
    assert association.is_established
    assert [context.abstract_syntax for context in association.rejected_contexts] == [CTImageStorage]
    association.release()


def test_the_same_instance_again_is_kept_once(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    uid = generate_uid()
    file = put(film(2, StudyInstanceUID=uid))
    storescu(room, file)
    storescu(room, file, sender="SENDER1")
    study = room.read(uid)
    storescu(room, file)
    until(lambda: not room.context.node.collector.waiting())
    with file.open("rb") as stream:  # and on the page, with its own file meta information
        answer = room.administrator.post("/api/v1/studies", files={"files": ("a.dcm", stream)})
    assert answer.status_code == 200, answer.text
    assert [one["outcome"] for one in answer.json()["files"]] == ["known"]
    again = room.studies()[uid]
    assert (again.id, again.version, again.view_count) == (study.id, 1, 1)
    with room.context.database.session() as session:
        assert session.scalar(select(func.count()).where(Receipt.study_id == study.id)) == 1, "it is counted once"
    assert room.held() == []


@pytest.mark.parametrize("wait", [True, False], ids=["read", "waiting"])
def test_other_content_under_the_same_uid_is_held_back(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path], *, wait: bool
) -> None:
    uid, instance = generate_uid(), generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid, SOPInstanceUID=instance)))
    if wait:
        room.read(uid)
    done = storescu(room, put(film(2, StudyInstanceUID=uid, SOPInstanceUID=instance)), check=False, options=["-v"])
    assert "CannotUnderstand" in done.stderr
    assert refused(room, "c111")
    study = room.read(uid)
    assert study.version == 1
    assert until(lambda: ("other-content", instance) in room.held())
    metrics = room.administrator.get("/api/v1/metrics").text
    assert 'osteon_dicom_instances{peer="SENDER0",state="quarantined"}' in metrics


def test_what_does_not_say_where_it_belongs_is_refused(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    whole = dcmread(io.BytesIO(film(1)))
    sender = AE("SENDER0")
    sender.add_requested_context(ComputedRadiographyImageStorage)
    association = sender.associate("127.0.0.1", room.port, ae_title="OSTEON")
    del whole.StudyInstanceUID
    status = association.send_c_store(whole)
    assert status.Status == 0xC000
    assert status.ErrorComment
    association.release()
    assert not list((room.context.settings.store / "incoming" / "new").iterdir())
    del put


def test_what_is_too_large_is_refused(rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]) -> None:
    room = rooms(instance_mebibytes=1)
    done = storescu(room, put(film(1, rows=8000)), check=False, options=["-v"])
    assert "CannotUnderstand" in done.stderr
    assert refused(room, "c112")
    assert not [path for path in (room.context.settings.store / "incoming").rglob("*") if path.is_file()]
    storescu(room, put(film(1)))


def test_an_association_that_breaks_off_leaves_nothing(room: Any, put: Callable[[bytes], Path]) -> None:
    begun = room.context.settings.store / "incoming" / "new"
    large = put(write_dicom(np.zeros((30_000, 2000), np.uint16)))
    command = [dcmtk_program("storescu"), "-aet", "SENDER0", "-aec", "OSTEON", "127.0.0.1", str(room.port)]
    process = subprocess.Popen([*command, "-pdu", "4096", str(large)])
    try:
        end = time.monotonic() + 20
        while not any(path.stat().st_size > 100_000 for path in begun.iterdir()):
            assert time.monotonic() < end
            time.sleep(0.002)
    finally:
        process.kill()
        process.wait()
    until(lambda: not list(begun.iterdir()))
    assert not room.context.node.collector.waiting(), "and it was killed before all had come"


@pytest.mark.parametrize("part", ["command", "data set"])
def test_what_is_no_dicom_ends_the_association_and_leaves_nothing(room: Any, part: str) -> None:
    sop_class, syntax = ComputedRadiographyImageStorage.encode(), b"1.2.840.10008.1.2"
    command = dimse.command(sop_class, b"1.2.3")
    nonsense = command.replace(b"\x00\x00\x00\x01\x02\x00", b"\x00\x00\x00\x01\x01\x00")  # a command of one byte
    begun = dimse.data(command, of_command=True) + dimse.data(b"\x08\x00", of_command=False)[:-1]
    with socket.create_connection(("127.0.0.1", room.port), 10) as client:
        client.settimeout(20)
        client.sendall(dimse.request(sop_class, syntax).replace(b"CR1    ", b"SENDER0"))
        assert client.recv(65536)[:1] == b"\x02"
        client.sendall(dimse.data(nonsense, of_command=True) if part == "command" else begun)
        if part == "command":
            assert client.recv(65536)[:1] == b"\x07", "aborted"
    until(lambda: not list((room.context.settings.store / "incoming" / "new").iterdir()))
    until(lambda: not room.context.node.listener._server.active_associations)
    dcmtk("echoscu", "-aet", "SENDER0", "-aec", "OSTEON", "127.0.0.1", room.port)
