"""Logging in and out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from osteon.clinic.role import Role
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.base import now


def test_first_start_makes_one_administrator(rooms: Any) -> None:
    room = rooms()
    token, client = room.token(), room.client()
    state = client.get("/session").json()
    assert state == {
        "user": None,
        "csrf": None,
        "setup": True,
        "must_change": False,
        "idle_minutes": 60.0,
        "idle_left": None,
        "open": False,
        "reports": False,
        "oidc": None,
        "version": state["version"],
        "bundle": "blobs@1.0.0",
    }
    given = {"token": token, "name": "Maria", "password": "short"}
    refused = client.post("/setup", json=given)
    assert refused.status_code == 400
    assert "12 to 256" in refused.json()["expected"]
    made = client.post("/setup", json={**given, "password": room.password})
    assert made.json()["user"] == {"name": "Maria", "role": "administrator"}
    assert made.json()["setup"] is False
    assert client.get("/users").status_code == 200
    again = room.client().post("/setup", json={**given, "name": "Mallory", "password": room.password})
    assert again.status_code == 401
    assert [one["name"] for one in client.get("/users").json()] == ["Maria"]


def test_a_new_token_lets_a_locked_out_administrator_in(room: Any) -> None:
    room.account("Olga", Role.VIEWER)
    given = {"token": room.token(), "name": "olga", "password": "quite another password"}
    state = room.client().post("/setup", json=given).json()
    assert state["user"] == {"name": "Olga", "role": "administrator"}
    wrong = room.client().post("/session", json={"name": "Olga", "password": room.password})
    assert wrong.status_code == 401


def test_log_in_and_out(room: Any) -> None:
    room.account("Anna", Role.READER)
    client = room.client()
    answer = client.post("/session", json={"name": " anna ", "password": room.password})
    assert answer.json()["user"] == {"name": "Anna", "role": "reader"}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{room.cookie}=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    secret = client.cookies[room.cookie]
    assert client.get("/session").json()["user"] == {"name": "Anna", "role": "reader"}
    assert client.delete("/session", headers={"X-CSRF-Token": answer.json()["csrf"]}).status_code == 204
    assert client.get("/session").json()["user"] is None
    assert room.client(cookies={room.cookie: secret}).get("/session").json()["user"] is None


def test_wrong_password_and_unknown_name_look_the_same(room: Any) -> None:
    room.account("Berta")
    answers = [
        room.client().post("/session", json={"name": name, "password": "wrong wrong wrong"})
        for name in ("Berta", "Nobody at all")
    ]
    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_guessing_is_slowed_down(rooms: Any) -> None:
    room = rooms()
    room.account("Cora")
    client = room.client()
    codes = [
        client.post("/session", json={"name": "Cora", "password": "wrong wrong wrong"}).status_code for _ in range(6)
    ]
    assert codes == [401] * 4 + [429] * 2
    held = client.post("/session", json={"name": "Cora", "password": room.password})
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) >= 1


def test_a_change_needs_the_csrf_token_of_its_session(room: Any) -> None:
    client, other = room.login("Dora"), room.login("Emma")
    given = {"name": "key", "role": "viewer"}
    good = client.headers.pop("X-CSRF-Token")
    assert client.post("/keys", json=given).status_code == 403
    assert client.post("/keys", json=given, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert client.post("/keys", json=given, headers={"X-CSRF-Token": other.headers["X-CSRF-Token"]}).status_code == 403
    assert client.post("/keys", json=given, headers={"X-CSRF-Token": good}).status_code == 201
    assert client.get("/keys").status_code == 200


def test_other_sites_cannot_send_changes(room: Any) -> None:
    client = room.login("Fanny")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert client.post("/keys", json={"name": "key"}, headers=headers).status_code == 403, headers
        fresh = room.client()
        login = fresh.post("/session", json={"name": "Fanny", "password": room.password}, headers=headers)
        assert login.status_code == 403
        assert "set-cookie" not in login.headers
    own = {"Origin": room.url, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/keys", json={"name": "key"}, headers=own).status_code == 201


def test_sessions_end(room: Any) -> None:
    for name, values in (
        ("Gerda", {"expires": now()}),
        ("Hanna", {"seen": now() - timedelta(minutes=61)}),
    ):
        client = room.login(name)
        assert client.get("/users").status_code == 200
        with room.context.database.session() as session:
            session.execute(update(Login).values(**values))
        assert client.get("/users").status_code == 401


def test_a_login_is_a_new_session(room: Any) -> None:
    client = room.login("Ida")
    before = str(client.cookies[room.cookie])
    answer = client.post("/session", json={"name": "Ida", "password": room.password})
    assert answer.cookies[room.cookie] != before
    assert room.client(cookies={room.cookie: before}).get("/users").status_code == 401


def test_own_password(room: Any) -> None:
    client = room.login("Jana", Role.VIEWER)
    new = "six yellow dogs in a boat"
    assert client.post("/session/password", json={"old": "wrong wrong wrong", "new": new}).status_code == 403
    assert client.post("/session/password", json={"old": room.password, "new": new}).status_code == 204
    assert client.get("/session").json()["user"] is None
    assert room.client().post("/session", json={"name": "Jana", "password": new}).status_code == 200


def test_open_access(rooms: Any) -> None:
    room = rooms(open_access="reader")
    state = room.client().get("/session").json()
    assert state["open"] is True
    assert state["setup"] is False
    assert state["user"] == {"name": "visitor", "role": "reader"}
    assert room.client().get("/users").status_code == 403
    crossed = room.client().delete("/session", headers={"Origin": "https://evil.example"})
    assert crossed.status_code == 403
