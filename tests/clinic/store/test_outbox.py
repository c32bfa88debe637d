"""The outbox and the lists of the DICOM node, on both kinds of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import dump
from osteon.clinic.store.incoming import Entry
from osteon.clinic.store.pacs import orders, outbox, planning, put_off, receipts
from osteon.clinic.store.pacs.orders import Choice
from osteon.clinic.store.pacs.outbox import Made
from osteon.clinic.store.pacs.replaced import is_replaced
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState, Reason
from osteon.clinic.store.tables.studies import State, Study
from osteon.core.errors import PeerError

AGAIN = timedelta(minutes=10)


@pytest.fixture
def study(database: Database) -> Callable[..., str]:
    """Makes a study that was read: ``study("a", call="fracture")``."""

    def make(name: str, **columns: Any) -> str:
        row = {"state": State.DONE, "read": now(), "call": "fracture", "bundle": "b@1", "examination": name, **columns}
        with database.session() as session:
            session.add(Study(id=name, key=name, received=now(), **row))
        return name

    return make


def states(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_what_is_planned(database: Database, study: Callable[..., str]) -> None:
    study("old", read=now() - timedelta(days=1))
    with database.session() as session:
        since = outbox.introduce(session, "pacs")
    study("a")
    study("b", call="no fracture")
    study("c", newer="d")
    study("w", state=State.QUEUED, read=None)
    with database.session() as session:
        assert outbox.introduce(session, "pacs") == since, "known from its first start on"
        assert planning.plan(session, "pacs", ("sr", "sc"), since, planning.POSITIVES) == 3
    with database.session() as session:
        assert planning.plan(session, "pacs", ("sr", "sc"), since, planning.POSITIVES) == 0, "once"
        assert [(row.study_id, row.form) for row in orders.page(session, Choice(), 10)] == [("a", "sc"), ("a", "sr")]
        assert orders.counted(session) == {"pacs": {"waiting": 2}}


def test_each_object_is_leased_to_one(database: Database, study: Callable[..., str]) -> None:
    study("a")
    with database.session() as session:
        planning.plan(session, "pacs", ("one", "two", "three"), now() - AGAIN)
    with database.session() as session:
        first = outbox.take(session, "pacs", "A", 2)
    with database.session() as session:
        second = outbox.take(session, "pacs", "B", 5)
    assert [parcel.form for parcel in (*first, *second)] == ["one", "two", "three"]
    with database.session() as session:
        assert outbox.take(session, "pacs", "A", 5) == []
        outbox.free(session, ["pacs"], "B")
    with database.session() as session:
        assert [parcel.id for parcel in outbox.take(session, "pacs", "A", 5)] == [parcel.id for parcel in first]


def test_made_sent_and_committed(database: Database, study: Callable[..., str]) -> None:
    study("a")
    with database.session() as session:
        planning.plan(session, "pacs", ("sr",), now() - AGAIN)
    with database.session() as session:
        (parcel,) = outbox.take(session, "pacs", "A", 5)
        parcels = outbox.keep(session, parcel, [Made("1" * 64, "1.2", "1.1"), Made("2" * 64, "1.2", "1.2")])
    assert [(one.part, one.instance) for one in parcels] == [(0, "1.1"), (1, "1.2")]
    with database.session() as session:
        assert [made.instance for made in outbox.made_before(session, "a", "sr")] == ["1.1", "1.2"]
        outbox.accept(session, parcels, "9.9", AGAIN)
    assert states(database) == ["sent", "sent"]
    with database.session() as session:
        assert outbox.overdue(session, "pacs", "A", 5) == []
        fault = dump(PeerError("the destination does not commit itself to an object"))
        assert outbox.report(session, "9.9", {"1.1"}, {"1.2": fault}) == {"pacs": 1}
    assert states(database) == ["done", "waiting"]
    with database.session() as session:
        assert outbox.report(session, "9.9", {"1.2"}, {}) == {}, "too late: it is sent again"
        session.execute(update(Delivery).values(created=now() - AGAIN))
        assert outbox.mark_stuck(session, "pacs", now() - timedelta(minutes=1)) == 1
    assert states(database) == ["done", "stuck"]
    with database.session() as session:
        assert orders.resend(session, Choice(states=(DeliveryState.STUCK,))) == 1
        assert orders.hold(session, Choice(study="a")) == 1
        assert orders.release(session, Choice(destination="pacs")) == 1
    assert states(database) == ["done", "waiting"]


def test_a_report_about_what_is_stuck_counts(database: Database, study: Callable[..., str]) -> None:
    study("a")
    with database.session() as session:
        planning.plan(session, "pacs", ("sr",), now() - AGAIN)
    with database.session() as session:
        (parcel,) = outbox.take(session, "pacs", "A", 5)
        outbox.accept(session, outbox.keep(session, parcel, [Made("1" * 64, "1.2", "1.1")]), "9.9", AGAIN)
        assert outbox.mark_stuck(session, "pacs", now() + AGAIN) == 1
    assert states(database) == ["stuck"]
    with database.session() as session:
        assert outbox.report(session, "9.9", {"1.1"}, {}) == {"pacs": 1}
    assert states(database) == ["done"]


def test_a_clock_that_was_a_day_ahead_puts_nothing_off(
    database: Database, study: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    study("a")
    with monkeypatch.context() as ahead:
        for module in (outbox, planning, put_off):
            ahead.setattr(module, "now", lambda: now() + timedelta(days=1))
        with database.session() as session:
            since = outbox.introduce(session, "pacs")
            planning.plan(session, "pacs", ("sr", "sc"), now() - AGAIN)
        with database.session() as session:
            first, _ = outbox.take(session, "pacs", "A", 5)  # and the process is killed before the other is settled
            outbox.fail(session, first, dump(PeerError("the destination cannot be reached")), AGAIN)
            assert put_off.bring_back(session, "pacs", timedelta(hours=1)) == 0
    with database.session() as session:
        assert outbox.introduce(session, "pacs") < since
        assert outbox.take(session, "pacs", "A", 5) == []
        assert put_off.bring_back(session, "pacs", timedelta(hours=1)) == 2
    with database.session() as session:
        assert [parcel.form for parcel in outbox.take(session, "pacs", "B", 5)] == ["sr", "sc"]


def test_nothing_to_make_is_nothing_to_send(database: Database, study: Callable[..., str]) -> None:
    study("a")
    with database.session() as session:
        planning.plan(session, "pacs", ("kos",), now() - AGAIN)
    with database.session() as session:
        (parcel,) = outbox.take(session, "pacs", "A", 5)
        assert outbox.keep(session, parcel, []) == []
    assert states(database) == ["unwanted"]


def test_receipts_and_quarantine(database: Database, study: Callable[..., str]) -> None:
    study("a")
    study("b", state=State.QUEUED)
    entries = [Entry(Path(f"{number:020d}.QQ.0000000000000000.dcm"), "CR1", 10**18) for number in range(4)]
    for _ in range(2):  # as after kill -9
        with database.session() as session:
            receipts.record(session, {"a": entries[:2], "b": entries[2:3]})
            receipts.hold(session, entries[3], Reason.NO_RULE, "1.2", "1.3")
    with database.session() as session:
        assert receipts.counted(session) == {"CR1": {"received": 3, "read": 2, "quarantined": 1}}
        (row,) = receipts.held(session, 10)
        assert receipts.held(session, 10, row.id) == []
        assert receipts.let_go(session, row.id) == entries[3].name
        assert receipts.let_go(session, row.id) is None


def test_what_a_later_version_has_replaced_is_not_made_any_more(database: Database, study: Callable[..., str]) -> None:
    """The first version waits longer than the second one, as after a kill: its report would come last, replaced by none."""
    study("a", newer="b", version=1)
    with database.session() as session:
        session.add(
            Delivery(study_id="a", destination="pacs", form="sr", part=0, state="waiting", created=now(), due=now())
        )
    study("b", examination="a", version=2)
    with database.session() as session:
        session.add(
            Delivery(study_id="b", destination="pacs", form="sr", part=0, state="waiting", created=now(), due=now())
        )
        session.flush()
        assert not is_replaced(session, "a", "sr"), "nothing was made yet: the first one may still come first"
        parcels = outbox.take(session, "pacs", "A", 5)
    later = next(parcel for parcel in parcels if parcel.study == "b" and parcel.form == "sr")
    with database.session() as session:
        outbox.keep(session, later, [Made("d", "1.2", "1.2.3")])
    with database.session() as session:
        assert is_replaced(session, "a", "sr")
        assert not is_replaced(session, "a", "text-sr")
        assert not is_replaced(session, "b", "sr")
