"""A session lasts as long as its user does something; what the page does by itself keeps nothing alive."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from osteon.clinic.role import Role
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.base import now

USER = {"X-Osteon-Activity": "user"}
LEFT = "x-osteon-idle-left"


def idle(room: Any, minutes: float) -> None:
    """Let all sessions be as if their users had done nothing for a while."""
    with room.context.database.session() as session:
        session.execute(update(Login).values(seen=now() - timedelta(minutes=minutes)))


def test_every_answer_says_how_long_the_session_lasts(room: Any) -> None:
    client = room.login("Alma")
    for path in ("/session", "/studies", "/users", "/studies/none"):
        assert 3590 <= int(client.get(path).headers[LEFT]) <= 3600
    idle(room, 20)
    assert 2390 <= int(client.get("/studies").headers[LEFT]) <= 2400
    state = client.get("/session").json()
    assert state["idle_minutes"] == 60
    assert 2390 <= state["idle_left"] <= 2400
    assert LEFT not in room.client().get("/session").headers
    assert LEFT not in room.with_key(Role.VIEWER).get("/studies").headers


def test_it_ends_with_the_session_at_the_latest(room: Any) -> None:
    client = room.login("Bea")
    with room.context.database.session() as session:
        session.execute(update(Login).values(expires=now() + timedelta(seconds=100)))
    assert 90 <= int(client.get("/studies", headers=USER).headers[LEFT]) <= 100


@pytest.mark.parametrize("request_of_the_page", ["/studies", "/session", "/studies?q=x", "/events"])
def test_what_the_page_does_by_itself_keeps_nothing_alive(room: Any, request_of_the_page: str) -> None:
    client = room.login(f"Clara {abs(hash(request_of_the_page))}")
    for minutes in (20, 40, 59):
        idle(room, minutes)
        for headers in ({}, {"X-Osteon-Activity": "page"}):
            with client.stream("GET", request_of_the_page, headers=headers) as answer:
                assert answer.status_code == 200
                assert int(answer.headers[LEFT]) <= (60 - minutes) * 60
    idle(room, 61)
    assert client.get("/studies").status_code == 401


def test_what_the_user_does_keeps_it_alive(room: Any) -> None:
    client = room.login("Dina")
    for ask in (
        lambda: client.get("/studies", headers=USER),
        lambda: client.post("/session/activity"),
    ):
        idle(room, 50)
        assert int(ask().headers[LEFT]) >= 3590
        assert int(client.get("/studies").headers[LEFT]) >= 3590


def test_what_the_user_does_comes_too_late_for_an_ended_session(room: Any) -> None:
    for ask in (
        lambda client: client.get("/studies", headers=USER),
        lambda client: client.post("/session/activity"),
    ):
        client = room.login(f"Edda {abs(hash(ask))}")
        idle(room, 61)
        assert ask(client).status_code == 401


def test_activity_needs_the_token_and_is_nothing_to_keys(room: Any) -> None:
    client = room.login("Fee")
    del client.headers["X-CSRF-Token"]
    assert client.post("/session/activity").status_code == 403
    assert room.with_key(Role.VIEWER).post("/session/activity").status_code == 204
    assert room.client().post("/session/activity").status_code == 401


def test_short_times_are_kept_to(rooms: Any) -> None:
    room = rooms(session_idle_minutes=0.05, rate=0)  # three seconds
    active, idle_one = room.login("Gila"), room.login("Hela")
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        assert active.get("/studies", headers=USER).status_code == 200
        idle_one.get("/studies")
        time.sleep(0.2)
    assert idle_one.get("/studies").status_code == 401
    assert active.get("/studies").status_code == 200
