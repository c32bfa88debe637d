"""Viewers that speak DICOM alone search the store and fetch from it: dcmtk's findscu, getscu and movescu."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE
from tests.clinic.dicom.conftest import dcmtk, until
from tests.orthanc import free_port

from osteon.clinic.dicom.network import STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE, VERIFICATION
from osteon.clinic.intake import Upload

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


@pytest.fixture(scope="module")
def port() -> int:
    """Where the viewer listens."""
    return free_port()


@pytest.fixture(scope="module")
def shared(rooms: Any, film: Callable[..., bytes], port: int) -> Any:
    """A room that VIEWER may search, with three studies; ``a`` has two series."""
    peers = {"VIEWER": {"address": "127.0.0.1", "port": port, "query": True}, "SENDER0": {"address": "127.0.0.1"}}
    room = rooms(peers=peers)
    room.uids = {name: generate_uid() for name in "abc"}
    room.files = {}
    for number, (name, uid) in enumerate(room.uids.items()):
        for image in range(2 if name == "a" else 1):
            about = {
                "PatientID": f"V{number}",
                "StudyDate": f"2026020{number + 1}",
                "SpecificCharacterSet": "ISO_IR 192",
            }
            about |= {"PatientName": "Müller^Jörg" if name == "a" else f"Other^{name}", "AccessionNumber": f"N{number}"}
            data = film(3 * number + image, StudyInstanceUID=uid, **about)
            room.files[str(dcmread(io.BytesIO(data)).SOPInstanceUID)] = data
            room.context.intake.take([Upload("x", io.BytesIO(data))])
    until(lambda: len(room.studies()) == 3)
    return room


def found(room: Any, folder: Path, *keys: str, caller: str = "VIEWER", level: str = "STUDY") -> list[Any]:
    """The answers that findscu gets."""
    folder.mkdir()
    words = [word for key in (f"QueryRetrieveLevel={level}", *keys) for word in ("-k", key)]
    options = ["-S", "-X", "-od", folder, "-aet", caller, "-aec", "OSTEON", *words, "127.0.0.1", room.port]
    dcmtk("findscu", *options, check=False)
    return [dcmread(path, force=True) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["PatientID=V1"], "b"),
        (["PatientName=mull*"], "a"),
        (["StudyDate=20260202-"], "bc"),
        (["AccessionNumber=N?"], "abc"),
        (["ModalitiesInStudy=CR", "PatientID=V2"], "c"),
        (["ModalitiesInStudy=MR"], ""),
        (["PatientID=nobody"], ""),
    ],
)
def test_studies_are_found(shared: Any, tmp_path: Path, keys: list[str], names: str) -> None:
    answers = found(shared, tmp_path / "found", "StudyInstanceUID", "NumberOfStudyRelatedInstances", *keys)
    assert {one.StudyInstanceUID for one in answers} == {shared.uids[name] for name in names}
    counts = {one.StudyInstanceUID: int(one.NumberOfStudyRelatedInstances) for one in answers}
    assert all(counts[shared.uids[name]] == (2 if name == "a" else 1) for name in names)
    assert all(one.RetrieveAETitle == "OSTEON" for one in answers)


def test_series_and_images_are_found(shared: Any, tmp_path: Path) -> None:
    study = f"StudyInstanceUID={shared.uids['a']}"
    names = found(shared, tmp_path / "names", study, "PatientName")
    assert [str(one.PatientName) for one in names] == ["Müller^Jörg"]
    series = found(shared, tmp_path / "series", study, "SeriesInstanceUID", "Modality", level="SERIES")
    assert [(one.Modality, len(one.SeriesInstanceUID) > 10) for one in series] == [("CR", True)] * 2
    within = f"SeriesInstanceUID={series[0].SeriesInstanceUID}"
    (image,) = found(shared, tmp_path / "images", study, within, "SOPInstanceUID", "SOPClassUID", "Rows", level="IMAGE")
    assert image.SOPInstanceUID in shared.files
    assert image.Rows == 96


def test_images_come_by_get_and_move(shared: Any, tmp_path: Path, port: int) -> None:
    common = ["-S", "-aet", "VIEWER", "-aec", "OSTEON", "-k", "QueryRetrieveLevel=STUDY"]
    common += ["-k", f"StudyInstanceUID={shared.uids['a']}"]
    for program, options in (("getscu", ["+B"]), ("movescu", ["-aem", "VIEWER", "+P", port])):
        folder = tmp_path / program
        folder.mkdir()
        dcmtk(program, *options, "-od", folder, *common, "127.0.0.1", shared.port)
        came = {str(one.SOPInstanceUID): one for one in map(dcmread, folder.iterdir())}
        assert len(came) == 2, program
        for uid, one in came.items():
            assert one.PixelData == dcmread(io.BytesIO(shared.files[uid])).PixelData


def test_who_may_not(shared: Any, tmp_path: Path) -> None:
    """A peer that may send may not search for that reason; images go nowhere but to peers that the settings name."""
    assert found(shared, tmp_path / "sender", "PatientID=V1", "StudyInstanceUID", caller="SENDER0") == []
    common = ["-S", "-v", "-aet", "VIEWER", "-aec", "OSTEON", "-k", "QueryRetrieveLevel=STUDY"]
    common += ["-k", f"StudyInstanceUID={shared.uids['a']}", "-aem", "ELSEWHERE", "+P", free_port()]
    answer = dcmtk("movescu", *common, "-od", tmp_path, "127.0.0.1", shared.port, check=False)
    assert "MoveDestinationUnknown" in answer.stdout + answer.stderr
    entries = shared.administrator.get("/api/v1/audit", params={"action": "DICOM"}).json()["items"]
    told = {(one["person"], one["action"], one["result"]) for one in entries}
    assert ("SENDER0", "query (DICOM)", "refused") in told
    assert ("VIEWER", "list studies (DICOM)", "done") in told
    assert ("VIEWER", "fetch original (DICOM)", "done") in told


def test_what_is_not_valid(shared: Any, tmp_path: Path) -> None:
    for number, (level, keys) in enumerate(
        (("PATIENT", ["PatientID=V1"]), ("SERIES", ["SeriesInstanceUID"]), ("STUDY", ["StudyDate=yesterday"]))
    ):
        assert found(shared, tmp_path / str(number), *keys, level=level) == []


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # it is meant
def test_why_a_request_is_refused(shared: Any, port: int) -> None:
    entity = AE(ae_title="VIEWER")
    for service in (STUDY_ROOT_FIND, STUDY_ROOT_GET, STUDY_ROOT_MOVE):
        entity.add_requested_context(service)
    association = entity.associate("127.0.0.1", shared.port, ae_title="OSTEON")
    # The viewer listens, and is called even so: pynetdicom says that a request is refused when it has reached the destination.
    viewer = AE(ae_title="VIEWER")
    viewer.add_supported_context(VERIFICATION)
    listening = viewer.start_server(("127.0.0.1", port), block=False)
    assert listening is not None
    try:
        for wanted in (
            {"QueryRetrieveLevel": "STUDY", "PatientID": "a\0b", "StudyInstanceUID": "1\0.2"},
            {"QueryRetrieveLevel": "PATIENT"},
        ):
            keys = Dataset()
            for name, value in wanted.items():
                setattr(keys, name, value)
            answers = (
                *association.send_c_find(keys, STUDY_ROOT_FIND),
                *association.send_c_get(keys, STUDY_ROOT_GET),
                *association.send_c_move(keys, "VIEWER", STUDY_ROOT_MOVE),
            )
            assert [status.Status for status, _ in answers] == [0xA900, 0xA900, 0xA900]
    finally:
        association.release()
        listening.shutdown()


def test_nobody_may_search_by_default(room: Any) -> None:
    answer = dcmtk(
        "findscu", "-S", "-aet", "SENDER0", "-aec", "OSTEON", "-k", "PatientID", "127.0.0.1", room.port, check=False
    )
    assert answer.returncode
    assert "No Acceptable Presentation Contexts" in answer.stderr
