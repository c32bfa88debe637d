"""A stream of events ends with what let it in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from osteon.clinic.role import Role
from osteon.clinic.server import streams
from osteon.clinic.store.access import accounts, keys
from osteon.clinic.store.tables.accounts import ApiKey
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.base import now


class Listener:
    """Listens in a thread of its own."""

    def __init__(self, room: Any, client: httpx.Client) -> None:
        self.lines: list[str] = []
        self.ended = threading.Event()
        self._room = room
        before = room.context.hub.listeners
        self._thread = threading.Thread(target=self._listen, args=(client,), daemon=True)
        self._thread.start()
        limit = time.monotonic() + 10
        while room.context.hub.listeners == before and time.monotonic() < limit:
            time.sleep(0.01)
        time.sleep(0.1)

    def _listen(self, client: httpx.Client) -> None:
        with suppress(httpx.HTTPError), client.stream("GET", "/events", timeout=30) as answer:  # the test may end first
            for line in answer.iter_lines():
                self.lines.append(line)
            self.ended.set()

    def hears(self) -> bool:
        """Whether an event still comes through."""
        mark = f"mark {time.monotonic()}"
        self._room.context.hub.publish({"kind": "study", "id": mark})
        limit = time.monotonic() + 5
        while time.monotonic() < limit and not self.ended.is_set():
            if any(mark in line for line in self.lines):
                return True
            time.sleep(0.01)
        return False


def _delete(room: Any, name: str) -> None:
    room.with_key(Role.ADMINISTRATOR).delete(f"/users/{name}").raise_for_status()


def _close(room: Any, name: str) -> None:
    room.with_key(Role.ADMINISTRATOR).patch(f"/users/{name}", json={"active": False}).raise_for_status()


def _reset(room: Any, name: str) -> None:
    given = {"password": "some other password"}
    room.with_key(Role.ADMINISTRATOR).patch(f"/users/{name}", json=given).raise_for_status()


@pytest.mark.parametrize("end", [_delete, _close, _reset])
def test_it_ends_with_the_account(room: Any, end: Callable[[Any, str], None]) -> None:
    name = f"Anna{end.__name__}"
    listener = Listener(room, room.login(name, Role.VIEWER))
    bystander = Listener(room, room.login(f"By{name}", Role.VIEWER))
    assert listener.hears()
    end(room, name)
    assert listener.ended.wait(5)
    assert "event: ended" in listener.lines
    assert bystander.hears()


def test_it_ends_at_logout_and_when_one_is_logged_out_from_elsewhere(room: Any) -> None:
    client, other = room.login("Berta", Role.VIEWER), room.login("Bruno", Role.VIEWER)
    listener, stays = Listener(room, client), Listener(room, other)
    client.delete("/session").raise_for_status()
    assert listener.ended.wait(5)
    assert stays.hears()
    again = room.client()
    answer = again.post("/session", json={"name": "Bruno", "password": room.password})
    again.headers["X-CSRF-Token"] = answer.json()["csrf"]
    own = Listener(room, again)
    assert again.delete("/account/logins").status_code == 204
    assert stays.ended.wait(5)
    assert own.hears()


def test_it_ends_when_the_own_password_is_changed(room: Any) -> None:
    client = room.login("Carla", Role.VIEWER)
    listener = Listener(room, client)
    given = {"old": room.password, "new": "seven brown owls at night"}
    client.post("/session/password", json=given).raise_for_status()
    assert listener.ended.wait(5)


def test_it_ends_with_the_key(room: Any) -> None:
    administrator = room.with_key(Role.ADMINISTRATOR)
    made = administrator.post("/keys", json={"name": "wall", "role": "viewer"}).json()
    listener = Listener(room, room.client(headers={"Authorization": f"Bearer {made['key']}"}))
    stays = Listener(room, room.with_key(Role.VIEWER))
    administrator.delete(f"/keys/{made['id']}").raise_for_status()
    assert listener.ended.wait(5)
    assert stays.hears()


def test_it_ends_by_the_clock(rooms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room = rooms(session_idle_minutes=0.02, rate=0)  # 1.2 seconds
    begun = time.monotonic()
    listener = Listener(room, room.login("Dora", Role.VIEWER))
    assert listener.ended.wait(5), "an event stream keeps no session alive"
    assert 1.0 < time.monotonic() - begun < 4
    monkeypatch.setattr(streams, "LOOK", 0.2)
    with room.context.database.session() as session:
        key, secret = keys.create(session, "short", Role.VIEWER, now() + timedelta(seconds=1), "test")
    listener = Listener(room, room.client(headers={"Authorization": f"Bearer {secret}"}))
    assert key
    assert listener.ended.wait(5)


def test_it_ends_where_another_process_changed_the_store(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LOOK", 0.2)
    listeners = [Listener(room, room.login("Eva", Role.VIEWER)), Listener(room, room.with_key(Role.VIEWER))]
    with room.context.database.session() as session:
        user = accounts.find(session, "eva")
        assert user is not None
        session.execute(update(Login).where(Login.user_id == user.id).values(expires=now()))
        session.execute(update(ApiKey).values(expires=now()))
    for listener in listeners:
        assert listener.ended.wait(5)
