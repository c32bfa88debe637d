"""Delivery to a real Orthanc, over DICOM with storage commitment and over DICOMweb."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docs.generate import OBJECTS
from pydicom import dcmread
from pydicom.uid import ComprehensiveSRStorage, generate_uid
from tests.clinic.dicom.conftest import storescu, until
from tests.clinic.dicom.deliver.conftest import FAST, PEERS, deliveries, destination, states
from tests.orthanc import Orthanc, free_port, orthanc

from osteon.outputs import FORMATS

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


@pytest.fixture(scope="module")
def node_port() -> int:
    """Where the node listens, which Orthanc has to know before."""
    return free_port()


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, node_port: int) -> Iterator[Orthanc]:
    """A PACS."""
    with orthanc(tmp_path_factory.mktemp("pacs"), peers={"OSTEON": ("127.0.0.1", node_port)}) as started:
        yield started


def test_orthanc_gets_results_and_commits_itself(
    rooms: Any, pacs: Orthanc, node_port: int, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    web = {"url": f"{pacs.dicomweb}/studies", "outputs": ["two"]}
    room = rooms(port=node_port, peers=PEERS, destinations={"pacs": destination(pacs.port), "web": web}, **FAST)
    for name in ("pacs", "web", "PACS"):
        answer = room.administrator.post(f"/api/v1/pacs/peers/{name}/test")
        assert answer.status_code == (404 if name == "PACS" else 200), answer.text
        assert name == "PACS" or answer.json()["answers"], answer.text
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
        assert all(row.sop_class in OBJECTS[row.form] for row in done), "as the conformance statement says"
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
