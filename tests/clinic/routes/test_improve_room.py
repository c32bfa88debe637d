"""What a round of improvement takes out of a reading room: decided studies, opinions, the lock, the live bundle."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from osteon.bundle.archive import open_bundle
from osteon.cli.improve_room import StoreRoom
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.role import Role
from osteon.clinic.store.access import accounts
from osteon.clinic.store.annotation import assigning, events, items, members, projects, work
from osteon.clinic.store.annotation.events import Sent
from osteon.clinic.store.annotation.projects import Settings
from osteon.clinic.store.studies.corrections import corrections
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.studies import Study
from osteon.core.errors import DataError
from osteon.core.locked import Lock, LockedStudy

STUDIES = 6


@pytest.fixture(scope="module")
def place(rooms: Any, picture: Any) -> tuple[Any, list[str]]:
    """A room with some studies that were read."""
    room = rooms()
    sent = [
        room.reader.post(
            "/studies", files=[("files", ("a.png", picture(seed)))], data={"pseudonym": f"CASE-{seed}"}
        ).json()["studies"][0]["id"]
        for seed in range(STUDIES)
    ]
    return room, sent


def store_of(room: Any) -> StoreRoom:
    return StoreRoom(room.context.settings, room.context.database, registers=True)


def decide(room: Any, sent: list[str]) -> str:
    """A project in which one reader finished all studies but the last; every second is fractured."""
    with room.context.database.session() as session:
        reader = accounts.create(session, "dora", Role.ANNOTATOR, "a long enough password")
        project = projects.create(session, "Wrists", shipped("fractuvision"), Settings(1), "lead")
        members.put(session, project, reader, MemberRole.ANNOTATOR)
        items.add(session, project, [Study.id.in_(sent)])
        assigning.assign(session, project)
        row = session.scalars(select(tables.Member).where(tables.Member.user_id == reader.id)).one()
        queue = [one.id for one in work.queue(session, row, (), 100).rows]
        reader_id, project_id = reader.id, project.id
    for number, assignment in enumerate(queue[:-1]):
        fractured = number % 2
        payloads = [
            {"label": "fractured", "value": fractured, "image": None},
            {"label": "hardware", "value": 0, "image": None},
        ]
        given = [Sent(str(uuid.uuid4()), EventKind.ANSWER, one) for one in payloads]
        if fractured:
            region = {"id": "r", "label": "fracture", "image": 0, "kind": "box", "points": [[5, 5], [30, 40]]}
            given.append(Sent(str(uuid.uuid4()), EventKind.REGION, region))
        else:
            said = {"label": "no_fracture", "value": 1, "image": 0}
            given.append(Sent(str(uuid.uuid4()), EventKind.ANSWER, said))
        given.append(Sent(str(uuid.uuid4()), EventKind.FINISH, {}))
        with room.context.database.session() as session:
            found = work.own(session, reader_id, assignment, changing=True)
            assert found is not None
            events.append(session, found, given, sees_room=False)
    return str(project_id)


def test_decided_studies_and_opinions_become_datasets(place: tuple[Any, list[str]], tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs osteon[learn]")
    from osteon.learning.improve.dataset import read_new
    from osteon.learning.improve.request import Request

    room, sent = place
    project = decide(room, sent)
    for study, call in ((sent[0], "fracture"), (sent[1], "no fracture"), (sent[2], "doubt")):
        told = room.reader.post(f"/studies/{study}/opinions", json={"agrees": False, "call": call})
        assert told.status_code in (200, 201), told.text
    box = {"image": 0, "kind": "box", "label": "fracture", "points": [[4, 6], [20, 30]]}
    assert room.reader.post(f"/studies/{sent[0]}/marks", json=box).status_code == 201
    there = store_of(room)
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    request = Request(source="Wrists", live="live.osteon", since=yesterday)
    assert there.snapshots(request, tmp_path) == ["project", "opinions"]
    with room.context.database.session() as session:
        taken = corrections(session, datetime.now(UTC) - timedelta(days=1))
        assert taken.left_out["in_doubt"] == 1
        assert [study.images[0].labels["fracture"] for study in taken.studies] == [0, 1]  # the latest first
        assert [region.box for region in taken.studies[1].images[0].regions] == [(4, 6, 20, 30)]
        with pytest.raises(DataError):
            corrections(session, datetime.now(UTC) + timedelta(days=1))
        assert session.scalar(select(tables.Snapshot).where(tables.Snapshot.project_id == project)) is not None
    new = read_new({tmp_path / "project": True, tmp_path / "opinions": False}, {})
    # A study that the project decided is not taken a second time from an opinion, and only the project's may be locked.
    assert len(set(new.digests.values())) == len(new.table)
    assert {image.split("/")[0] for image in new.lockable} == {"project"}
    assert len(new.lockable) == STUDIES - 1
    assert (
        set(new.table.frame["patient"].to_list()) == {f"CASE-{number}" for number in range(STUDIES)}
        or len(new.table) < STUDIES
    )


def test_a_lock_is_written_once(place: tuple[Any, list[str]]) -> None:
    pytest.importorskip("torch", reason="needs osteon[learn]")
    from osteon.learning.improve.request import Request

    room, _ = place
    there, request = store_of(room), Request(source="Wrists", live="live.osteon")
    assert there.lock(request) is None
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    first = Lock(created=moment, seed=0, share=0.3, studies=(LockedStudy(study="s", digests=("a" * 64,)),))
    assert there.keep_lock(request, first) == first
    second = first.model_copy(update={"seed": 1})
    assert there.keep_lock(request, second) == first
    assert there.lock(request) == first


def test_the_bundle_that_reads_is_improved_and_versions_are_known(place: tuple[Any, list[str]]) -> None:
    room, _ = place
    there = store_of(room)
    usual = open_bundle(room.context.settings.bundle)
    assert open_bundle(there.live("")).digest == usual.digest
    assert there.versions(usual.manifest.name) == frozenset()
