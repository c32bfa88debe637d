"""STOW-RS, QIDO-RS and WADO-RS, asked by dicomweb-client."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import storescu, until

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope
from osteon.clinic.store.access import keys

pytestmark = [pytest.mark.pacs]


@pytest.fixture(scope="module")
def client(room: Any) -> DICOMwebClient:
    with room.context.database.session() as session:
        _, secret = keys.create(session, "archive", Role.READER, None, "test", (Scope.ALL,))
    return DICOMwebClient(
        f"{room.url}/dicomweb", session=create_session(), headers={"Authorization": f"Bearer {secret}"}
    )


def test_stored_read_found_and_retrieved(room: Any, client: DICOMwebClient, film: Callable[..., bytes]) -> None:
    uid, accession, other = generate_uid(), "A-1", generate_uid()
    about = {"StudyInstanceUID": uid, "AccessionNumber": accession, "StudyDate": "20260203", "PatientID": "Q1"}
    sent = [film(seed, **about) for seed in (1, 2)]
    datasets = [dcmread(io.BytesIO(one)) for one in sent]
    answer = client.store_instances(
        [*datasets, dcmread(io.BytesIO(film(0, StudyInstanceUID=other, StudyDate="20250101")))]
    )
    assert len(answer.ReferencedSOPSequence) == 3
    assert "FailedSOPSequence" not in answer
    assert room.read(uid).view_count == 2
    room.read(other)
    for filters in (
        {"StudyInstanceUID": uid},
        {"PatientID": "Q1"},
        {"AccessionNumber": accession},
        {"StudyDate": "20260203"},
        {"StudyDate": "20260101-20261231"},
        {"StudyDate": "20260201-"},
    ):
        found = client.search_for_studies(search_filters=filters)
        assert [one["0020000D"]["Value"] for one in found] == [[uid]], filters
        assert (found[0]["00201208"]["Value"], found[0]["00080061"]["Value"]) == ([2], ["CR"])
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []
    assert len(client.search_for_studies(limit=1)) == 1
    assert len(client.search_for_series(uid)) == 2
    instances = client.search_for_instances(uid)
    assert {one["00080018"]["Value"][0] for one in instances} == {str(one.SOPInstanceUID) for one in datasets}
    back = client.retrieve_study(uid)
    key = lambda one: str(one.SOPInstanceUID)  # noqa: E731
    assert [one.PixelData for one in sorted(back, key=key)] == [one.PixelData for one in sorted(datasets, key=key)]
    first = datasets[0]
    names = (uid, str(first.SeriesInstanceUID), str(first.SOPInstanceUID))
    assert client.retrieve_instance(*names).PixelData == first.PixelData
    metadata = client.retrieve_instance_metadata(*names)
    assert metadata["00280010"]["Value"] == [first.Rows]
    assert "7FE00010" not in metadata
    peers = room.administrator.get("/api/v1/pacs/traffic").json()["peers"]
    assert [one["received"] for one in peers if one["name"] == "key:archive"] == [3]


def test_the_two_ways_in_make_one_study(
    room: Any, client: DICOMwebClient, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    uid = generate_uid()
    same = film(1, StudyInstanceUID=uid)
    storescu(room, put(same))
    client.store_instances([dcmread(io.BytesIO(same)), dcmread(io.BytesIO(film(2, StudyInstanceUID=uid)))])
    assert until(lambda: (row := room.read(uid)) and row.view_count == 2 and row)
    until(lambda: not room.context.node.collector.waiting())
    assert room.studies()[uid].view_count == 2
    assert room.held() == []


def body(*files: bytes, boundary: str = "x") -> bytes:
    parts = [f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + file + b"\r\n" for file in files]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def post(client: httpx.Client, data: bytes, path: str = "/dicomweb/studies", **headers: str) -> httpx.Response:
    kind = 'multipart/related; type="application/dicom"; boundary=x'
    return client.post(path, content=data, headers={"Content-Type": kind, **headers})


def test_what_is_refused(room: Any, film: Callable[..., bytes]) -> None:
    ask = room.administrator
    good, instance = film(1), generate_uid()
    answer = post(ask, body(good, b"no DICOM"))
    assert answer.status_code == 202
    assert len(answer.json()["00081198"]["Value"]) == len(answer.json()["00081199"]["Value"]) == 1
    assert post(ask, body(b"no DICOM")).status_code == 409
    assert post(ask, body(film(1)), f"/dicomweb/studies/{generate_uid()}").status_code == 409
    assert post(ask, body(film(1, SOPInstanceUID=instance))).status_code == 200
    assert post(ask, body(film(2, SOPInstanceUID=instance))).status_code == 409, "other content"
    assert post(ask, body(good)[:-20]).status_code == 400
    assert post(ask, b"--x--\r\n").status_code == 400
    assert post(ask, body(good), **{"Content-Type": "application/dicom"}).status_code == 415
    assert not list((room.context.settings.store / "incoming" / "new").iterdir())
    for query in ({"PatientSex": "F"}, {"StudyDate": "yesterday"}, {"limit": "-1"}, {"fuzzymatching": "perhaps"}):
        assert ask.get("/dicomweb/studies", params=query).status_code == 400
    assert ask.get(f"/dicomweb/studies/{generate_uid()}").status_code == 404
    assert ask.get("/dicomweb/other").status_code == 404


def test_a_body_in_small_pieces(room: Any, film: Callable[..., bytes]) -> None:
    uid = generate_uid()
    data = b"preamble\r\n" + body(film(1, StudyInstanceUID=uid), film(2, StudyInstanceUID=uid))
    pieces = (data[at : at + 997] for at in range(0, len(data), 997))
    kind = 'multipart/related; type="application/dicom"; boundary=x'
    answer = room.administrator.post("/dicomweb/studies", content=pieces, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    assert room.read(uid).view_count == 2


def test_who_may(room: Any, film: Callable[..., bytes]) -> None:
    with (
        room.client(Role.READER, Scope.SEND, name="sends") as sends,
        room.client(Role.VIEWER) as views,
        httpx.Client(base_url=room.url) as nobody,
    ):
        assert post(sends, body(film(1))).status_code == 200
        assert sends.get("/dicomweb/studies").status_code == 403
        assert post(views, body(film(1))).status_code == 403
        assert views.get("/dicomweb/studies").status_code == 403
        assert post(nobody, body(film(1))).status_code == 401
    entries = room.administrator.get("/api/v1/audit", params={"action": "DICOMweb"}).json()["items"]
    assert {entry["action"] for entry in entries} >= {"list studies (DICOMweb)", "fetch original (DICOMweb)"}
