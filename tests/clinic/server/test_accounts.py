"""Accounts and API keys, as administrators keep them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from osteon.clinic.role import Role
from osteon.clinic.store.access import keys
from osteon.clinic.store.tables.base import now

GIVEN = {"name": "Karla", "password": "seven red owls in a tree", "role": "reader"}


@pytest.fixture(scope="module")
def administrator(room: Any) -> Any:
    return room.login("Admin")


def test_an_account_lives_changes_and_goes(room: Any, administrator: Any) -> None:
    made = administrator.post("/users", json=GIVEN)
    assert made.status_code == 201
    assert made.json()["role"] == "reader"
    assert "password" not in made.text
    assert administrator.post("/users", json={**GIVEN, "name": "KARLA"}).status_code == 409
    other = room.client()
    assert other.post("/session", json=GIVEN | {"role": None}).status_code == 422
    token = other.post("/session", json={"name": "karla", "password": GIVEN["password"]})
    assert token.status_code == 200
    assert administrator.patch("/users/karla", json={"role": "viewer"}).json()["role"] == "viewer"
    assert other.get("/session").json()["user"] is None, "a change ends the logins"
    assert administrator.patch("/users/Karla", json={"active": False}).json()["active"] is False
    closed = other.post("/session", json={"name": "karla", "password": GIVEN["password"]})
    assert closed.status_code == 401
    assert administrator.delete("/users/karla").status_code == 204
    assert administrator.delete("/users/karla").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "eleven.char"},
        {"password": "x" * 257},
        {"password": "Karla Karla Karla", "name": "Karla Karla Karla"},
        {"password": "aaaaaaaaaaaaaaaa"},
        {"name": ""},
        {"name": "visitor"},
        {"name": "a\nb"},
        {"name": "n" * 65},
        {"role": "king"},
    ],
)
def test_what_cannot_be_an_account(administrator: Any, wrong: dict[str, str]) -> None:
    answer = administrator.post("/users", json={**GIVEN, **wrong})
    assert answer.status_code in {400, 422}
    if "password" in wrong:
        assert wrong["password"] not in answer.text


def test_somebody_can_always_administrate(rooms: Any) -> None:
    room = rooms()
    client = room.login("Sole")
    assert client.patch("/users/sole", json={"role": "viewer"}).status_code == 409
    assert client.patch("/users/sole", json={"active": False}).status_code == 409
    assert client.delete("/users/sole").status_code == 409
    assert client.get("/users").json()[0]["role"] == "administrator"


def test_a_key_is_shown_once_and_can_be_taken_back(room: Any, administrator: Any) -> None:
    made = administrator.post("/keys", json={"name": "night import", "role": "viewer", "days": 30}).json()
    assert made["key"].startswith(f"osteon_{made['id']}_")
    listed = next(one for one in administrator.get("/keys").json() if one["id"] == made["id"])
    assert "key" not in listed
    assert listed["creator"] == "Admin"
    client = room.client(headers={"Authorization": f"Bearer {made['key']}"})
    assert client.get("/session").json()["user"] == {"name": "key:night import", "role": "viewer"}
    assert administrator.delete(f"/keys/{made['id']}").status_code == 204
    assert client.get("/session").status_code == 401


def test_keys_that_are_not_good(room: Any) -> None:
    with room.context.database.session() as session:
        _, old = keys.create(session, "old", Role.READER, now() - timedelta(seconds=1), "test")
        key, good = keys.create(session, "good", Role.READER, None, "test")
    for wrong in (old, good[:-1] + ("0" if good[-1] != "0" else "1"), f"osteon_{key.id}_", "osteon", "x" * 5000):
        answer = room.client(headers={"Authorization": f"Bearer {wrong}"}).get("/session")
        assert answer.status_code == 401, wrong[:20]
    assert room.client(headers={"Authorization": f"bearer {good}"}).get("/session").status_code == 200


def test_a_key_needs_no_csrf_token(room: Any) -> None:
    assert room.with_key(Role.ADMINISTRATOR).post("/keys", json={"name": "another"}).status_code == 201
