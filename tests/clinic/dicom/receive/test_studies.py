"""One study however its images arrive: many associations, several senders, out of order, two patients, stragglers."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import storescu, until

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


def test_twelve_instances_in_twelve_associations_of_six_senders(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room = rooms(quiet_seconds=2.0)
    studies = [generate_uid() for _ in range(3)]
    sent = [(studies[number % 3], generate_uid(), f"SENDER{number % 6}") for number in range(12)]
    files = [
        (put(film(number, StudyInstanceUID=uid, SOPInstanceUID=instance, InstanceNumber=number)), sender)
        for number, (uid, instance, sender) in enumerate(sent)
    ]
    random.Random(3).shuffle(files)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda item: storescu(room, item[0], sender=item[1]), files))
    for uid in studies:
        study = room.read(uid)
        assert (study.version, study.view_count) == (1, 4)
        assert room.instances(study.id) == {instance for other, instance, _ in sent if other == uid}
    assert set(room.studies()) == set(studies)
    traffic = room.administrator.get("/api/v1/metrics").text
    assert 'osteon_dicom_instances{peer="SENDER5",state="read"} 2.0' in traffic


def test_a_straggler_makes_a_version_that_names_the_one_before(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    uid = generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    first = room.read(uid)
    storescu(room, put(film(2, StudyInstanceUID=uid)), sender="SENDER1")
    second = until(lambda: (row := room.read(uid)) and row.version == 2 and row)
    assert second.view_count == 2
    told = room.administrator.get(f"/api/v1/studies/{second.id}").json()
    assert told["previous"]["id"] == first.id


def test_a_study_of_the_page_and_of_the_network_is_one(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    uid = generate_uid()
    answer = room.administrator.post("/api/v1/studies", files={"files": film(1, StudyInstanceUID=uid)})
    assert answer.status_code == 200, answer.text
    storescu(room, put(film(2, StudyInstanceUID=uid)))
    study = until(lambda: (row := room.read(uid)) and row.version == 2 and row)
    assert study.view_count == 2


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one after the other"])
def test_two_patients_are_never_one_study(
    room: Any, film: Callable[..., bytes], put: Callable[[bytes], Path], *, together: bool
) -> None:
    uid, own, other = generate_uid(), generate_uid(), generate_uid()
    first = put(film(1, StudyInstanceUID=uid, SOPInstanceUID=own, PatientID="A", PatientBirthDate="19700101"))
    second = put(film(2, StudyInstanceUID=uid, SOPInstanceUID=other, PatientID="B", PatientBirthDate="19800101"))
    if together:
        storescu(room, first, second)
    else:
        storescu(room, first)
        room.read(uid)
        storescu(room, second)
    assert until(lambda: ("other-patient", other) in room.held())
    study = room.read(uid)
    assert room.instances(study.id) == {own}
    held = room.administrator.get("/api/v1/pacs/quarantine").json()["instances"]
    (mine,) = [one for one in held if one["instance"] == other]
    assert mine["reason"] == "other-patient"
    assert "patient" in mine["about"]
    assert room.administrator.post(f"/api/v1/pacs/quarantine/{mine['id']}/release").status_code == 204
    until(lambda: len({row.id for row in all_studies(room, uid)}) == 2)
    assert ("other-patient", other) not in room.held()
    assert all(row.view_count <= 1 for row in all_studies(room, uid)), "and it is a study of its own"


def all_studies(room: Any, uid: str) -> list[Any]:
    from sqlalchemy import select

    from osteon.clinic.store.tables.studies import Study

    with room.context.database.session() as session:
        return list(session.scalars(select(Study).where(Study.uid == uid, Study.newer.is_(None))))


def test_a_study_is_read_at_once_when_it_is_complete(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room = rooms(quiet_seconds=600, rules=[{"modalities": ["CR"], "images": 2}])
    uid, alone = generate_uid(), generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=alone)))
    storescu(room, put(film(1, StudyInstanceUID=uid)), put(film(2, StudyInstanceUID=uid)))
    assert room.read(uid).view_count == 2
    assert alone not in room.studies()


def test_what_no_rule_covers_is_kept_and_not_read(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room = rooms(rules=[{"body_parts": ["HAND"], "senders": ["SENDER0"]}])
    uid, other = generate_uid(), generate_uid()
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    storescu(room, put(film(1, SOPInstanceUID=other, BodyPartExamined="CHEST")))
    room.read(uid)
    assert until(lambda: room.held() == [("no-rule", other)])
    traffic = room.administrator.get("/api/v1/pacs/traffic").json()
    (mine,) = [one for one in traffic["peers"] if one["name"] == "SENDER0"]
    assert (mine["received"], mine["read"], mine["quarantined"]) == (1, 1, 1)
