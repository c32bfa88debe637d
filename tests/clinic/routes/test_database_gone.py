"""A database that is locked or down is 503 with a time to come back, and what was under way is done afterwards."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import pytest

from osteon.clinic.store import connect


@contextmanager
def locked(room: Any) -> Iterator[None]:
    """Another program holds the SQLite file."""
    with closing(sqlite3.connect(room.context.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def is_later(answer: httpx.Response) -> bool:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return int(answer.headers["Retry-After"]) > 0


def send(room: Any, data: bytes) -> httpx.Response:
    return room.reader.post("/studies", files=[("files", ("a.png", data))], headers={"Prefer": "respond-async"})


def test_locked(rooms: Any, picture: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings that could not be kept are made again as soon as the lock is gone, and not when their lease ends."""
    monkeypatch.setattr(connect, "BUSY", 0.3)
    room = rooms()
    study = send(room, picture(1)).json()["job"]["studies"][0]
    assert room.context.worker.waiters.wait(study, 30)
    made = room.context.worker._engine.read_study
    begun: list[int] = []

    def slow(*arguments: Any, **options: Any) -> Any:
        begun.append(1)
        time.sleep(1.5)
        return made(*arguments, **options)

    monkeypatch.setattr(room.context.worker._engine, "read_study", slow)
    waits = send(room, picture(2)).json()["job"]["studies"][0]
    while not begun:
        time.sleep(0.01)
    with locked(room):
        assert is_later(send(room, picture(3)))
        assert is_later(room.administrator.delete(f"/studies/{study}"))
        ready = room.viewer.get("/ready")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        time.sleep(1.5)
    assert room.context.worker.waiters.wait(waits, 20)
    found = room.viewer.get(f"/studies/{waits}").json()
    assert found["state"] == "done"
    assert len(begun) >= 2
    assert room.viewer.get("/ready").status_code == 200
    assert room.administrator.delete(f"/studies/{study}").status_code == 204


@pytest.mark.postgres
def test_postgres_that_is_down(rooms: Any, own_postgres: Any, picture: Callable[..., bytes]) -> None:
    room = rooms(database=own_postgres.url % "postgres")
    study = send(room, picture(1)).json()["job"]["studies"][0]
    assert room.context.worker.waiters.wait(study, 30)
    own_postgres.stop()
    assert is_later(send(room, picture(2)))
    assert is_later(room.viewer.get(f"/studies/{study}"))
    assert is_later(room.administrator.delete(f"/studies/{study}"))
    assert is_later(room.administrator.get("/metrics"))
    ready = room.viewer.get("/ready")
    assert (ready.status_code, ready.json()["database"]) == (503, False)
    own_postgres.start()
    end = time.monotonic() + 30
    while room.viewer.get("/ready").status_code != 200 and time.monotonic() < end:
        time.sleep(0.2)
    again = send(room, picture(2)).json()["job"]["studies"][0]
    assert room.context.worker.waiters.wait(again, 30)
    assert room.viewer.get(f"/studies/{again}").json()["state"] == "done"
