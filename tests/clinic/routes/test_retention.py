"""What is too old is deleted and told, and nothing by a clock that jumped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from osteon.clinic.server.retention import retain
from osteon.clinic.store.studies import jobs
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Job, Study
from osteon.clinic.store.upkeep.clock import Clock

OLD = 30


@pytest.fixture(scope="module")
def room(rooms: Any) -> Any:
    """A server that keeps studies for ten days and the audit log for twenty."""
    return rooms(study_days=10, audit_days=20)


def aged(room: Any, picture: Callable[..., bytes], seed: int) -> str:
    """A study, an audit entry and a job that are a month old."""
    answer = room.reader.post("/studies", files=[("files", ("a.png", picture(seed)))])
    study: str = answer.json()["studies"][0]["id"]
    moment = now() - timedelta(days=OLD)
    with room.context.database.session() as session:
        session.get(Study, study).received = moment
        session.add(Audit(time=moment, person="p", role="reader", action="old", subject="s", address="", result="done"))
        session.add(Job(id=f"old{seed}", created=moment, failures=[]))
    return study


def entries(room: Any, action: str) -> list[str]:
    with room.context.database.session() as session:
        return list(session.scalars(select(Audit.subject).where(Audit.action == action)))


def test_old_things_are_deleted_and_told(room: Any, picture: Any, caplog: pytest.LogCaptureFixture) -> None:
    study = aged(room, picture, 400)
    assert room.administrator.get("/storage").json()["retention"]["due"] == 1
    with caplog.at_level("INFO", "osteon.clinic.retention"):
        retain(room.context)
    assert room.viewer.get(f"/studies/{study}").status_code == 404
    assert not [name for group in room.context.files.digests() for name in group]
    assert entries(room, "old") == []
    assert entries(room, "delete old audit entries") == ["1 older than 20 days"]
    assert entries(room, "delete old study") == [study]
    assert [one.message for one in caplog.records] == ["delete old audit entries", "delete old study"]
    with room.context.database.session() as session:
        assert session.get(Job, "old400") is None


@pytest.mark.parametrize("years", [11, -11])
def test_nothing_is_deleted_after_a_jump(room: Any, picture: Any, years: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a start with a clock that is years off: what is deleted is what was too old by the right clock."""
    retain(room.context)
    study = aged(room, picture, 410 + years)
    with room.context.database.session() as session:
        session.get(Study, study).received = now() - timedelta(days=5)
    before = all_of(room)
    shift = timedelta(days=365.25 * years)

    def wrong() -> datetime:
        return now() + shift

    context = room.context
    clock = Clock(context.database, wrong)
    for module in (
        "osteon.clinic.store.audit.audit",
        "osteon.clinic.store.studies.jobs",
        "osteon.clinic.store.access.sessions",
    ):
        monkeypatch.setattr(f"{module}.now", wrong)
    monkeypatch.setattr("osteon.clinic.server.retention.now", wrong)
    object.__setattr__(context, "clock", clock)
    retain(context)
    retain(context)
    assert all_of(room) == before
    told = room.administrator.get("/storage").json()["retention"]
    assert told["suspended"]
    monkeypatch.undo()
    object.__setattr__(context, "clock", Clock(context.database))
    retain(context)
    assert room.viewer.get(f"/studies/{study}").status_code == 200
    assert entries(room, "old") == []
    assert not room.administrator.get("/storage").json()["retention"]["suspended"]


def all_of(room: Any) -> tuple[int, ...]:
    with room.context.database.session() as session:
        return tuple(session.scalar(select(func.count()).select_from(one)) for one in (Audit, Study, Job))


def test_jobs_are_forgotten_by_the_sweep_alone(room: Any) -> None:
    with room.context.database.session() as session:
        session.add(Job(id="older", created=now() - jobs.KEPT * 2, failures=[]))
    with room.context.database.session() as session:
        jobs.start(session, [], [])
    with room.context.database.session() as session:
        assert session.get(Job, "older") is not None
        assert jobs.forget(session) == 1
