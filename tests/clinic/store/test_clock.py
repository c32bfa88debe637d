"""A clock that jumped deletes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from osteon.clinic.store.audit import audit
from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.upkeep.clock import AHEAD, BEHIND, Clock

Made = Callable[..., Clock]


@pytest.fixture
def clocks(database: Database) -> Made:
    """Makes clocks that are set: ``clocks(days=1)``; each is a start of the server."""
    begin = now()

    def make(**ahead: float) -> Clock:
        return Clock(database, lambda: begin + timedelta(**ahead))

    return make


@pytest.mark.parametrize("ahead", [{"days": 365.25 * 11}, {"days": 30}, {"days": -1}, {"days": -4000}, {"hours": -2}])
def test_jump_at_a_start(clocks: Made, ahead: dict[str, float]) -> None:
    assert not clocks().check().jumped
    wrong = clocks(**ahead)
    assert wrong.check().jumped
    assert wrong.check().jumped, "it stays so"
    assert wrong.look().jumped
    assert not clocks(minutes=5).check().jumped, "the clock is right again"
    assert clocks(**ahead).check().jumped


@pytest.mark.parametrize("off", [{"days": 6}, {"minutes": -30}, {}])
def test_server_that_was_off_for_a_while(clocks: Made, off: dict[str, float]) -> None:
    clocks().check()
    assert not clocks(**off).check().jumped


def test_administrator_confirms(clocks: Made) -> None:
    clocks().check()
    later = clocks(days=90)
    assert later.check().jumped
    assert not later.confirm().jumped
    assert not clocks(days=90.1).check().jumped
    assert clocks().check().jumped, "now the former one is behind"


def test_jump_while_it_runs(database: Database) -> None:
    begin, shown, passed = now(), [timedelta(0)], [0.0]
    clock = Clock(database, lambda: begin + shown[0] + timedelta(seconds=passed[0]), lambda: passed[0])

    def jumped(jump: timedelta, seconds: float) -> bool:
        shown[0], passed[0] = jump, passed[0] + seconds
        return clock.check().jumped

    right = timedelta(0)
    assert not jumped(right, 0)
    assert not jumped(right, 3600)
    assert not jumped(right, 86400.0 * 400), "it may run for long"
    assert jumped(AHEAD * 1.01, 60)
    assert jumped(AHEAD * 1.01, 3600)
    assert jumped(-BEHIND * 1.5, 3600)
    assert not jumped(right, 3600)


def test_store_of_before_is_told_by_what_happened_in_it(database: Database) -> None:
    """Nothing was remembered then: the newest entry of the audit log tells when it was used."""
    with database.session() as session:
        audit.write(session, audit.Entry("a", "reader", "see study", "s", ""))
    ahead = now() + timedelta(days=365.25 * 11)
    assert Clock(database, lambda: ahead).check().jumped
    assert not Clock(database).check().jumped
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(Audit)) == 1
