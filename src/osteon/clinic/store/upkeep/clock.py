"""Whether the clock can be believed: what is old enough to be deleted depends on it.

A server that starts with a clock years ahead would find all that it keeps too old, and delete it. So the store remembers
when it was last used; where the clock is then further on than a server is usually off, or behind, nothing is deleted until
the clock is right again or an administrator confirms it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Fact, Study

AHEAD: Final = timedelta(days=7)
"""The clock may be so much further on than when the store was last used, besides the time that this process runs."""

BEHIND: Final = timedelta(hours=1)
"""It may be so much behind: clocks are set."""

_NAME: Final = "clock"


@dataclass(frozen=True, slots=True)
class Belief:
    """What is thought of the clock.

    Attributes:
        jumped: whether it cannot be believed, so that nothing is deleted.
        clock: what it shows.
        expected: what it should show at least: when the store was last used, and the time that this process runs.
    """

    jumped: bool
    clock: datetime
    expected: datetime


class Clock:
    """Compares the clock with what the store remembers; safe to use from several threads at once.

    Args:
        database: of the store.
        wall: shows the time.
        running: seconds that go on evenly, whatever the clock shows.
    """

    def __init__(
        self, database: Database, wall: Callable[[], datetime] = now, running: Callable[[], float] | None = None
    ) -> None:
        self._database = database
        self._wall = wall
        self._running = running or _running
        self._lock = threading.Lock()
        self._since = self._running()

    def check(self) -> Belief:
        """Look at the clock; where it can be believed, the store remembers it."""
        with self._lock, self._database.session() as session:
            belief = self._belief(session)
            if not belief.jumped:
                self._remember(session, belief.clock)
            return belief

    def look(self) -> Belief:
        """As ``check``, and nothing is remembered."""
        with self._lock, self._database.session() as session:
            return self._belief(session)

    def confirm(self) -> Belief:
        """Believe the clock, because an administrator says so."""
        with self._lock, self._database.session() as session:
            self._remember(session, self._wall())
            return self._belief(session)

    def _belief(self, session: Session) -> Belief:
        clock = self._wall()
        expected = self._last(session, clock) + timedelta(seconds=self._running() - self._since)
        return Belief(not expected - BEHIND <= clock <= expected + AHEAD, clock, expected)

    def _last(self, session: Session, clock: datetime) -> datetime:
        """When the store was last used."""
        fact = session.get(Fact, _NAME)
        if fact is not None:
            return datetime.fromisoformat(fact.content["wall"])
        # A store of before: what happened last in it. An empty one has nothing to lose.
        seen = [session.scalar(select(func.max(column))) for column in (Audit.time, Study.received)]
        return max((item for item in seen if item is not None), default=clock)

    def _remember(self, session: Session, clock: datetime) -> None:
        session.merge(Fact(name=_NAME, content={"wall": clock.isoformat()}))
        self._since = self._running()


def _running() -> float:
    """Seconds since the machine started, with those that it slept where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
