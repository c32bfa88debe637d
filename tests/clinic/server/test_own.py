"""One's own account: a password that nobody else knows, and where one is logged in."""

from __future__ import annotations

from typing import Any

import pytest

from osteon.clinic.role import Role

FIRST = {"name": "Karla", "password": "seven red owls in a tree", "role": "reader"}
OWN = "eight grey seals on ice"


@pytest.fixture
def room(rooms: Any) -> Any:
    """A room of its own: names are given once."""
    return rooms(rate=0)


def logged_in(room: Any, name: str, password: str) -> tuple[Any, dict[str, Any]]:
    client = room.client()
    answer = client.post("/session", json={"name": name, "password": password})
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client, answer.json()


def test_a_password_that_somebody_else_chose_is_changed_first(room: Any) -> None:
    administrator = room.login("Admin")
    assert administrator.post("/users", json=FIRST).json()["must_change"] is True
    client, state = logged_in(room, "karla", FIRST["password"])
    assert state["must_change"] is True
    for method, path in (("GET", "/studies"), ("GET", "/bundles"), ("GET", "/events"), ("POST", "/studies")):
        refused = client.request(method, path)
        assert refused.status_code == 403, path
        assert refused.json()["type"] == "urn:osteon:problem:password"
    assert client.get("/account").json()["must_change"] is True
    same = client.post("/session/password", json={"old": FIRST["password"], "new": FIRST["password"]})
    assert same.status_code == 422
    assert client.post("/session/password", json={"old": FIRST["password"], "new": OWN}).status_code == 204
    client, state = logged_in(room, "karla", OWN)
    assert state["must_change"] is False
    assert client.get("/studies").status_code == 200
    users = {one["name"]: one["must_change"] for one in administrator.get("/users").json()}
    assert users == {"Admin": False, "Karla": False}


def test_a_forgotten_password_is_set_anew(room: Any) -> None:
    room.account("Berta", Role.READER)
    administrator = room.login("Admin")
    listener, _ = logged_in(room, "Berta", room.password)
    assert administrator.patch("/users/berta", json={"password": "nine blue cows at sea"}).json()["must_change"] is True
    assert listener.get("/studies").status_code == 401
    _, state = logged_in(room, "Berta", "nine blue cows at sea")
    assert state["must_change"] is True


def test_other_changes_ask_for_no_other_password(room: Any) -> None:
    room.account("Cora", Role.READER)
    administrator = room.login("Admin")
    administrator.patch("/users/cora", json={"role": "viewer"}).raise_for_status()
    administrator.patch("/users/cora", json={"active": False}).raise_for_status()
    administrator.patch("/users/cora", json={"active": True}).raise_for_status()
    _, state = logged_in(room, "Cora", room.password)
    assert state["must_change"] is False


def test_the_own_password_is_changed_with_the_old_one_only(room: Any) -> None:
    administrator = room.login("Admin")
    assert administrator.patch("/users/admin", json={"password": OWN}).status_code == 409
    assert administrator.get("/session").json()["user"]["name"] == "Admin"


def test_the_first_administrator_chose_their_own(room: Any) -> None:
    given = {"token": room.token(), "name": "Maria", "password": OWN}
    assert room.client().post("/setup", json=given).json()["must_change"] is False


def test_where_one_is_logged_in(room: Any) -> None:
    room.account("Dora", Role.VIEWER)
    clients = [logged_in(room, "Dora", room.password)[0] for _ in range(3)]
    own = clients[0].get("/account").json()
    assert (own["name"], own["role"], own["single_sign_on"], own["scopes"]) == ("Dora", "viewer", False, ["all"])
    assert len(own["logins"]) == 3
    (here,) = [one for one in own["logins"] if one["current"]]
    other = next(one for one in own["logins"] if not one["current"])
    assert {one["address"] for one in own["logins"]} == {"127.0.0.1"}
    assert clients[0].delete(f"/account/logins/{other['id']}").status_code == 204
    assert clients[0].delete(f"/account/logins/{other['id']}").status_code == 404
    assert clients[0].delete("/account/logins/none").status_code == 404
    stranger = room.login("Emma", Role.ADMINISTRATOR)
    assert stranger.delete(f"/account/logins/{here['id']}").status_code == 404, "another's"
    assert clients[0].delete("/account/logins").status_code == 204
    assert [one.get("/studies").status_code for one in clients] == [200, 401, 401]


def test_a_visitor_has_an_account_too(rooms: Any) -> None:
    client = rooms(open_access="reader").client()
    own = client.get("/account").json()
    assert (own["name"], own["logins"], own["created"]) == ("visitor", [], None)
    assert client.delete("/account/logins").status_code == 204
