"""Reports of readers: made once, verified where they are signed, sent until they are committed to."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from sqlalchemy import select
from tests.clinic.dicom.conftest import storescu, until
from tests.clinic.dicom.deliver.conftest import FAST, PEERS, deliveries
from tests.orthanc import Orthanc, free_port, orthanc

from osteon.clinic.store.tables.reports import ReaderReport
from osteon.core.errors import OsteonError

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]

READERS = {"jane": {"name": "Doe^Jane", "organization": "Radiology"}}


@pytest.fixture(scope="module")
def both(rooms: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Orthanc]]:
    """A node, and a PACS that gets all reports under one name and the signed ones under another."""
    port = free_port()
    with orthanc(tmp_path_factory.mktemp("pacs"), peers={"OSTEON": ("127.0.0.1", port)}) as pacs:
        to = {
            "pacs": {"aet": "PACS", "host": "127.0.0.1", "port": pacs.port, "outputs": ["sr"], "readers": "all"},
            "web": {"url": f"{pacs.dicomweb}/studies", "outputs": ["sr"], "readers": "signed"},
        }
        settings = {"reader_seconds": 0.4, "readers": READERS, "organization": "Hospital"}
        room = rooms(port=port, peers=PEERS, destinations=to, **settings, **FAST)
        yield room, pacs
        room.stop()


def reports(room: Any, study: str) -> list[ReaderReport]:
    with room.context.database.session() as session:
        query = select(ReaderReport).where(ReaderReport.study_id == study)
        return list(session.scalars(query.order_by(ReaderReport.id)))


def states(room: Any, study: str, destination: str) -> list[str]:
    own = [row for row in deliveries(room) if (row.study_id, row.destination) == (study, destination)]
    return [row.state for row in own if row.form == "reader-sr"]


def kept(pacs: Orthanc, report: ReaderReport) -> Dataset:
    return dcmread(io.BytesIO(pacs.file(str(report.instance))))


def replaced(report: Dataset) -> set[str]:
    return {
        str(one.ReferencedSOPInstanceUID)
        for item in report.PredecessorDocumentsSequence
        for series in item.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }


def comments(item: Dataset) -> str:
    own = str(item.get("TextValue", ""))
    return " ".join([own, *(comments(one) for one in item.get("ContentSequence", []))])


def test_what_a_reader_says_goes_out_and_is_verified_where_it_is_signed(
    both: tuple[Any, Orthanc], film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room, pacs = both
    uid = generate_uid()
    storescu(room, put(film(2, StudyInstanceUID=uid, rows=512)))
    study = room.read(uid).id
    ask = f"/api/v1/studies/{study}/opinions"
    with room.person("jane") as jane:
        assert jane.get("/api/v1/session").json()["reports"]
        given = jane.post(ask, json={"agrees": False, "note": "Old and healed.", "call": "no fracture"}).json()
        box = {"image": 0, "kind": "box", "points": [[5, 6], [40, 50]], "label": "fracture"}
        assert jane.post(f"/api/v1/studies/{study}/marks", json=box).status_code == 201
        until(lambda: states(room, study, "pacs") == ["done"])
        (first,) = reports(room, study)
        report = kept(pacs, first)
        assert (report.VerificationFlag, report.CompletionFlag) == ("UNVERIFIED", "COMPLETE")
        assert "Old and healed." in comments(report)
        assert "disagrees" in comments(report)
        assert "Drawn by the reader" in comments(report), "what was drawn meanwhile is in the same report"
        (ai,) = [
            row for row in deliveries(room) if row.study_id == study and row.destination == "pacs" and row.form == "sr"
        ]
        assert replaced(report) == {ai.instance}
        assert until(lambda: states(room, study, "web") == ["unwanted"]), "it wants signed ones"

        signed = jane.patch(f"{ask}/{given['id']}", json={"signed": True}).json()
        assert signed["signed"] is not None
        until(lambda: states(room, study, "pacs") == ["done"] * 2)
        until(lambda: states(room, study, "web") == ["unwanted", "done"])
        second = reports(room, study)[1]
        report = kept(pacs, second)
        assert report.VerificationFlag == "VERIFIED"
        assert str(report.VerifyingObserverSequence[0].VerifyingObserverName) == "Doe^Jane"
        assert report.VerifyingObserverSequence[0].VerifyingOrganization == "Radiology"
        assert replaced(report) == {ai.instance, first.instance}
        assert dcmread(io.BytesIO(room.context.files.read(str(second.digest)))) == report, "byte for byte what was kept"
        rows = [row for row in deliveries(room) if row.part == second.id and row.form == "reader-sr"]
        assert {row.digest for row in rows} == {second.digest}, "made once, for both"

        changed = jane.patch(f"{ask}/{given['id']}", json={"note": "Perhaps not."}).json()
        assert changed["signed"] is None, "what was changed has to be signed again"
        until(lambda: len(reports(room, study)) == 3)
        assert jane.patch(f"{ask}/{given['id']}", json={"note": "Perhaps not."}).status_code == 200
        jane.request("DELETE", f"{ask}/{given['id']}")
        drawn = jane.get(f"/api/v1/studies/{study}/marks").json()
        jane.request("DELETE", f"/api/v1/studies/{study}/marks/{drawn[0]['id']}")
        until(lambda: states(room, study, "pacs") == ["done"] * 4)
        last = kept(pacs, reports(room, study)[3])
        assert "has withdrawn" in comments(last), "who takes it back is heard"
        assert reports(room, study)[2].instance in replaced(last)
    with room.context.database.session() as session:
        files = [room.context.files.path(digest) for digest in session.scalars(select(ReaderReport.digest))]
    assert all(file.exists() for file in files)
    metrics = room.administrator.get("/api/v1/metrics").text
    assert 'osteon_reader_reports{state="made"} 4.0' in metrics
    traffic = room.administrator.get("/api/v1/pacs/traffic").json()
    assert traffic["reports"] == {"pending": 0, "made": 4}
    listed = room.administrator.get("/api/v1/pacs/deliveries", params={"output": "reader-sr"}).json()["objects"]
    assert {one["output"] for one in listed} == {"reader-sr"}
    assert room.administrator.delete(f"/api/v1/studies/{study}").status_code == 204
    assert not any(file.exists() for file in files)


def test_programs_have_no_reports_and_sign_nothing(
    both: tuple[Any, Orthanc], film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room, _ = both
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    study = room.read(uid).id
    ask = f"/api/v1/studies/{study}/opinions"
    assert room.administrator.post(ask, json={"agrees": True, "signed": True}).status_code == 403
    assert room.administrator.post(ask, json={"agrees": True}).status_code == 201
    with room.person("rick") as rick:
        for _ in range(2):
            rick.post(ask, json={"agrees": True})
        until(lambda: states(room, study, "pacs") == ["done"])
    (report,) = reports(room, study)
    assert report.author == "rick", "the same opinion twice is one report, and that of a program none"


def test_a_report_outlives_its_process_as_the_same_bytes(
    rooms: Any, both: tuple[Any, Orthanc], film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    _, pacs = both
    to = {"outputs": ["sr"], "readers": "signed"}
    away = {"web": {**to, "url": f"http://127.0.0.1:{free_port()}/studies"}}
    first = rooms(peers=PEERS, destinations=away, reader_seconds=0.1, **FAST)
    uid = generate_uid()
    storescu(first, put(film(2, StudyInstanceUID=uid, rows=512)))
    study = first.read(uid).id
    with first.person("jane") as jane:
        jane.post(f"/api/v1/studies/{study}/opinions", json={"agrees": True, "signed": True})
        until(lambda: [row.digest for row in reports(first, study)] not in ([], [None]))
    (made,) = reports(first, study)
    first.stop()
    there = {"web": {**to, "url": f"{pacs.dicomweb}/studies"}}
    second = rooms(first.context.settings.store, peers=PEERS, destinations=there, reader_seconds=0.1, **FAST)
    until(lambda: states(second, study, "web") == ["done"])
    assert [row.digest for row in reports(second, study)] == [made.digest], "made once"
    report = kept(pacs, made)
    assert report == dcmread(io.BytesIO(second.context.files.read(str(made.digest))))
    assert report.VerificationFlag == "VERIFIED"
    second.stop()


def test_a_report_has_one_form(rooms: Any) -> None:
    to = {
        name: {
            "aet": "PACS",
            "host": "127.0.0.1",
            "port": 1,
            "commitment": False,
            "outputs": ["text-sr"],
            "readers": "all",
        }
        | {"sr_class": name}
        for name in ("comprehensive", "comprehensive-3d")
    }
    with pytest.raises(OsteonError, match="reports of readers in different forms"):
        rooms(peers=PEERS, destinations=to)
