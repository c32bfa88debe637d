"""Processes that share a PostgreSQL: they hear each other, one leads, and what an ended one was reading is read by another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from osteon.clinic.events import Event, study_event
from osteon.clinic.fleet.member import Member
from osteon.clinic.fleet.message import LONGEST, Call, Message, parsed, written
from osteon.clinic.hub import RESET, Hub
from osteon.clinic.state import State
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.fleet.presence import Kind, Office
from osteon.clinic.store.studies import queue
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Study

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def url(postgres: str) -> str:
    engine = create_engine(postgres % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE fleet"))
    engine.dispose()
    return postgres % "fleet"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    with opened.session() as session:
        session.execute(text("TRUNCATE processes, leaderships, studies CASCADE"))
    opened.close()


@pytest.fixture
def members(database: Database) -> Iterator[Callable[..., tuple[Member, Hub]]]:
    """Makes processes on the same database; they leave at the end."""
    made: list[Member] = []

    def make(kind: Kind = Kind.SERVER, *, alone: bool = False) -> tuple[Member, Hub]:
        hub = Hub()
        made.append(Member(database, hub, kind, 1))
        made[-1].start(alone=alone)
        return made[-1], hub

    yield make
    for member in made:
        member.stop()


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def study(database: Database, name: str = "a", bundle: str = "b@1") -> None:
    with database.session() as session:
        session.add(
            Study(
                id=name, key=name * 64, received=now(), state=State.QUEUED, bundle=bundle, examination=name, version=1
            )
        )


def heard(hub: Hub, act: Callable[[], None], number: int) -> list[Event]:
    """So many events that a hub tells after something was done."""

    async def listen() -> list[Event]:
        events = hub.subscribe()
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        act()
        found = [await asyncio.wait_for(first, 20)]
        while len(found) < number:
            found.append(await asyncio.wait_for(anext(events), 20))
        return found

    return asyncio.run(listen())


def test_what_one_publishes_all_hear_once(members: Any) -> None:
    (_, here), (other, there) = members(), members()
    woken: list[Call] = []
    done: list[str] = []
    other.on_call = {call: lambda call=call: woken.append(call) for call in Call}
    other.on_done = done.append
    events: list[Event] = [study_event(f"{number:020x}", State.QUEUED) for number in range(200)]
    removed: Event = {"kind": "removed", "id": "y"}
    events += [study_event("x", State.DONE), removed]

    def publish() -> None:
        for event in events:
            here.publish(event)

    assert heard(there, publish, len(events)) == events, "more than one notification holds"
    until(lambda: len(done) == 2)
    assert done == ["x", "y"]
    assert Call.WORK in woken
    assert Call.ACCESS not in woken
    assert heard(here, lambda: here.publish(events[0]), 1) == [events[0]]


def test_a_worker_hears_of_work_alone(members: Any) -> None:
    (server, here), (worker, there) = members(), members(Kind.WORKER)
    woken: list[Call] = []
    told: list[Event] = []
    worker.on_call = {call: lambda call=call: woken.append(call) for call in Call}
    there.deliver = told.append
    here.publish(study_event("x", State.READING))
    here.publish(study_event("x", State.DONE))
    server.call(Call.ACCESS)
    here.publish(study_event("y", State.QUEUED))
    until(lambda: woken)
    server.call(Call.WORK, Call.NODE)
    until(lambda: len(woken) == 2)
    assert woken == [Call.WORK, Call.WORK]
    assert told == []
    assert heard(here, lambda: there.publish(study_event("x", State.DONE)), 1) == [study_event("x", State.DONE)]


def test_one_leads_and_another_when_it_leaves(members: Any) -> None:
    (first, _), (second, _), (worker, _) = members(), members(), members(Kind.WORKER)
    assert [first.leads(), second.leads(), worker.leads()] == [True, False, False]
    assert [first.leads(Office.UPKEEP), worker.leads(Office.UPKEEP)] == [True, False]
    first.stop()
    until(second.leads)
    assert not first.leads()


def test_a_process_alone_forgets_those_before_it(members: Any, database: Database) -> None:
    with database.session() as session:
        session.execute(text("INSERT INTO leaderships VALUES ('server', 'before', now() + interval '1 hour')"))
    beside = members()[0]
    assert not beside.leads()
    beside.stop()
    assert members(alone=True)[0].leads()


def test_what_an_ended_process_was_reading_is_queued_again(members: Any, database: Database) -> None:
    study(database)
    taken = queue.take(database, "ended")
    assert taken is not None
    with database.session() as session:
        session.execute(
            text("INSERT INTO processes VALUES ('ended', 'worker', 'h', 1, now(), now() - interval '1 minute')")
        )
    members()
    until(lambda: (again := queue.take(database, "other")) is not None and again.study == "a")
    result = queue.Result({}, {}, (), {})
    assert not queue.finish(database, taken, "ended", result), "its reading comes too late"


def test_a_study_waits_for_a_process_that_has_its_bundle(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    study(database, "n", "new@2")
    assert queue.take(database, "old", ["old@1"]) is None
    with monkeypatch.context() as later:
        later.setattr(queue, "now", lambda: now() + queue.ELSEWHERE)
        assert queue.take(database, "old", ["old@1"]) is not None
    queue.give_back(database, "old")
    assert queue.take(database, "new", ["old@1", "new@2"]) is not None


def test_a_broken_connection_is_taken_up_again(members: Any, url: str) -> None:
    (_, here), (_, there) = members(), members()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:

        def cut() -> None:
            connection.execute(others)

        assert heard(there, lambda: here.publish(study_event("y", State.DONE)), 1) == [study_event("y", State.DONE)]
        assert heard(there, cut, 1) == [RESET], "what happened meanwhile may be anything"
        found = heard(there, lambda: here.publish(study_event("z", State.DONE)), 1)
    engine.dispose()
    assert found == [study_event("z", State.DONE)]


def test_messages() -> None:
    events: list[Event] = [study_event(f"{number:020x}", State.READING) for number in range(500)]
    texts = list(written(Message("me", events, frozenset({Call.WORK}))))
    assert max(len(one.encode()) for one in texts) <= LONGEST
    found = [parsed(one) for one in texts]
    assert [event for one in found if one is not None for event in one.events] == events
    assert [call for one in found if one is not None for call in one.calls] == [Call.WORK]
    assert parsed("of a later version") is None
    assert parsed('{"from":"x","calls":["later"],"events":[]}') == Message("x", [], frozenset())
