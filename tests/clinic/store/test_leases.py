"""A study that a killed process was reading is read by the next one, also where the clock was ahead meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest

from osteon.clinic.store.database import Database
from osteon.clinic.store.studies import queue
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import State, Study


@pytest.mark.parametrize(("ahead", "free"), [({"days": 1}, True), ({"minutes": 2}, False), ({"hours": -1}, True)])
def test_lease(database: Database, monkeypatch: pytest.MonkeyPatch, ahead: dict[str, float], *, free: bool) -> None:
    with database.session() as session:
        moment = now()
        session.add(
            Study(
                id="a",
                key="a" * 64,
                received=moment,
                state=State.QUEUED,
                bundle="b@1",
                label="a",
                examination="a",
                version=1,
            )
        )
    with monkeypatch.context() as wrong:
        wrong.setattr(queue, "now", lambda: now() + timedelta(**ahead))
        assert queue.take(database, "A") is not None
    taken = queue.take(database, "B")
    assert (taken is not None) is free
