"""QIDO-RS by dates, names, wildcards and lists, page by page: the database alone finds what is looked for."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from sqlalchemy import select
from tests.clinic.dicom.conftest import until

from osteon.clinic.intake import Upload
from osteon.clinic.store.tables.studies import Study

pytestmark = [pytest.mark.pacs]

STUDIES: dict[str, dict[str, Any]] = {
    "a": {
        "PatientName": "Müller^Jörg",
        "PatientID": "Q_1",
        "StudyDate": "20260101",
        "StudyTime": "0915",
        "StudyID": "7",
    },
    "b": {"PatientName": "MULLER^Anna Maria", "PatientID": "Qx1", "StudyDate": "20260102", "StudyTime": "235959.5"},
    "c": {
        "PatientName": "Yamada^Tarou=山田^太郎",
        "PatientID": "q[1]",
        "StudyDate": "20260103",
        "AccessionNumber": "AC-3",
    },
    "d": {"PatientName": "O'Neil^50%", "PatientID": "Z9", "StudyDate": "", "ReferringPhysicianName": "Dr^House"},
}


@pytest.fixture(scope="module")
def held(rooms: Any, film: Callable[..., bytes]) -> Any:
    """A room with these studies; ``b`` has two series, and is a DX and a CR."""
    room = rooms(rules=[{"modalities": ["CR", "DX"]}])
    room.uids = {name: generate_uid() for name in STUDIES}
    for number, (name, about) in enumerate(STUDIES.items()):
        about = {"SpecificCharacterSet": "ISO_IR 192", "StudyInstanceUID": room.uids[name], **about}
        files = [film(number, **about)]
        if name == "b":
            files.append(film(number + 9, **{**about, "Modality": "DX"}))
        room.context.intake.take([Upload("x", io.BytesIO(data)) for data in files])
    until(lambda: len(room.studies()) == len(STUDIES))
    return room


def names(room: Any, path: str = "/dicomweb/studies", **query: Any) -> list[str]:
    answer = room.administrator.get(path, params=query)
    assert answer.status_code == 200, answer.text
    uids = {uid: name for name, uid in room.uids.items()}
    return sorted(uids[one["0020000D"]["Value"][0]] for one in answer.json())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"StudyDate": "20260102"}, "b"),
        ({"StudyDate": "20260102-"}, "bc"),
        ({"StudyDate": "-20260102"}, "ab"),
        ({"StudyDate": "20260101-20260103"}, "abc"),
        ({"StudyDate": ""}, "abcd"),
        ({"StudyTime": "0900-1000"}, "a"),
        ({"StudyTime": "235959"}, "b"),
        ({"StudyTime": "09"}, "a"),
        ({"PatientID": "Q_1"}, "a"),
        ({"PatientID": "Q?1"}, "ab"),
        ({"PatientID": "q*"}, "c"),
        ({"PatientID": "q[1]*"}, "c"),
        ({"PatientID": "*"}, "abcd"),
        ({"PatientID": "Q_*"}, "a"),
        ({"PatientName": "muller^jorg"}, "a"),
        ({"PatientName": "Mull*"}, "ab"),
        ({"PatientName": "Mull"}, ""),
        ({"PatientName": "*50%"}, "d"),
        ({"PatientName": "山田*"}, "c"),
        ({"PatientName": "anna", "fuzzymatching": "true"}, "b"),
        ({"PatientName": "jor mul", "fuzzymatching": "true"}, "a"),
        ({"PatientName": "ller", "fuzzymatching": "true"}, ""),
        ({"ReferringPhysicianName": "Dr^H*"}, "d"),
        ({"StudyID": "7"}, "a"),
        ({"AccessionNumber": "AC-?"}, "c"),
        ({"ModalitiesInStudy": "DX"}, "b"),
        ({"ModalitiesInStudy": "DX\\CR"}, "abcd"),
        ({"ModalitiesInStudy": "MR"}, ""),
        ({"00100020": "Z9"}, "d"),
    ],
)
def test_what_matches(held: Any, query: dict[str, str], found: str) -> None:
    assert "".join(names(held, **query)) == found


def test_lists_levels_and_pages(held: Any) -> None:
    ask: httpx.Client = held.administrator
    both = f"{held.uids['a']},{held.uids['c']}"
    assert names(held, StudyInstanceUID=both) == ["a", "c"]
    assert names(held, "/dicomweb/series", PatientID="Q?1") == ["a", "b", "b"]
    assert names(held, "/dicomweb/series", Modality="DX") == ["b"]
    assert names(held, "/dicomweb/instances", StudyDate="20260102") == ["b", "b"]
    for path, count in (("studies", 4), ("series", 5), ("instances", 5)):
        pages = [ask.get(f"/dicomweb/{path}", params={"limit": 2, "offset": at}).json() for at in (0, 2, 4)]
        assert [len(page) for page in pages] == ([2, 2, 0] if count == 4 else [2, 2, 1])
        links = [one["00081190"]["Value"][0] for page in pages for one in page]
        assert len(set(links)) == count, "each once"
    (told,) = ask.get(
        "/dicomweb/studies", params={"PatientID": "Qx1", "includefield": ["BodyPartExamined", "nonsense"]}
    ).json()
    assert (told["00080061"]["Value"], told["00201206"]["Value"], told["00201208"]["Value"]) == (["CR", "DX"], [2], [2])
    assert told["00180015"]["Value"] == ["HAND"]
    (whole,) = ask.get("/dicomweb/studies", params={"PatientID": "Qx1", "includefield": "all"}).json()
    assert whole["00280010"]["Value"] == [96]


@pytest.mark.parametrize(
    "query", [{"StudyTime": "noon"}, {"StudyDate": "2026010220260103"}, {"StudyDate": "-"}, {"offset": "x"}]
)
def test_what_is_not_valid(held: Any, query: dict[str, str]) -> None:
    assert held.administrator.get("/dicomweb/studies", params=query).status_code == 400


def test_a_further_image_keeps_what_is_known(held: Any, film: Callable[..., bytes]) -> None:
    about = {"StudyInstanceUID": held.uids["d"], "SpecificCharacterSet": "ISO_IR 192", **STUDIES["d"]}
    data = film(30, **{**about, "StudyDate": "20260909", "Modality": "DX"})
    held.context.intake.take([Upload("x", io.BytesIO(data))])
    assert names(held, StudyDate="20260909") == ["d"]
    assert names(held, ReferringPhysicianName="Dr^House") == ["d"]
    assert dcmread(io.BytesIO(data)).Modality == "DX"
    with held.context.database.session() as session:
        row = session.scalar(select(Study).where(Study.uid == held.uids["d"], Study.newer.is_(None)))
        assert row is not None
        assert (row.date, row.name) == ("20260909", "=o'neil^50%=")
