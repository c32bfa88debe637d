"""Keys may do what they are for, which may be less than their role would let them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope, parsed
from osteon.clinic.server.access.access import Needs
from osteon.clinic.server.api import PUBLIC, routes
from osteon.clinic.store.tables.accounts import ApiKey
from osteon.clinic.store.tables.base import now

SENDS = {
    ("POST", "/api/v1/studies"),
    ("GET", "/api/v1/jobs/{job}"),
    ("POST", "/dicomweb/studies"),
    ("POST", "/dicomweb/studies/{study}"),
}


def made(room: Any, **given: Any) -> Any:
    return room.with_key(Role.ADMINISTRATOR).post("/keys", json={"name": "machine", **given})


def client_of(room: Any, **given: Any) -> Any:
    return room.client(headers={"Authorization": f"Bearer {made(room, **given).json()['key']}"})


def test_a_key_that_sends_does_nothing_else(room: Any, picture: Any) -> None:
    client = client_of(room, role="administrator", scopes=["send"])
    files = {"files": ("a.png", picture(40))}
    answer = client.post("/studies", files=files)
    assert answer.status_code == 202, "it gets no reading, also where it does not ask to be answered later"
    assert set(answer.json()) >= {"job"}
    assert "probability" not in answer.text
    job = answer.json()["job"]["id"]
    assert client.get(f"/jobs/{job}").status_code == 200
    study = answer.json()["job"]["studies"][0]
    for path in (f"/studies/{study}", f"/studies/{study}/report.pdf", "/studies", "/events", "/audit", "/keys"):
        refused = client.get(path)
        assert refused.status_code == 403, path
        assert refused.json()["title"] == "The API key does not cover this"
    assert client.delete(f"/studies/{study}").status_code == 403


@pytest.mark.parametrize("scope", Scope)
def test_every_route_asks_for_the_scope(room: Any, scope: Scope) -> None:
    client = room.with_key(Role.ADMINISTRATOR, scope)
    for route in routes():
        for method in sorted(route.methods or ()):
            if (method, route.path) in PUBLIC or route.path == "/api/v1/events":
                continue
            (role,) = [one.call.role for one in route.dependant.dependencies if isinstance(one.call, Needs)]
            allowed = {
                Scope.ALL: True,
                Scope.SEND: (method, route.path) in SENDS,
                Scope.VIEW: method == "GET" and (role is Role.VIEWER or route.path == "/api/v1/account"),
                Scope.METRICS: False,
            }[scope]
            path = room.url + route.path.replace("{", "").replace("}", "")
            path = path.replace("/images/image", "/images/0").replace("/files/place", "/files/0")
            assert (client.request(method, path).status_code == 403) == (not allowed), (method, path)


def test_a_key_that_views_gets_no_original(room: Any, picture: Any) -> None:
    answer = room.with_key(Role.READER).post("/studies", files={"files": ("a.png", picture(41))})
    study = answer.json()["studies"][0]["id"]
    client = room.with_key(Role.READER, Scope.VIEW)
    assert client.get(f"/studies/{study}/images/0/pixels").status_code == 200
    assert client.get(f"/studies/{study}/files/0").status_code == 403
    assert client.post(f"/studies/{study}/opinions", json={"agrees": True}).status_code == 403


def test_figures_for_a_monitor(rooms: Any) -> None:
    room = rooms(behind_proxy=["127.0.0.1"])
    far = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    assert room.with_key(Role.ADMINISTRATOR, Scope.METRICS).get("/metrics", headers=far).status_code == 200
    assert room.with_key(Role.ADMINISTRATOR, Scope.SEND).get("/metrics", headers=far).status_code == 403


def test_what_a_key_is_for_and_when_it_ends_is_told(room: Any) -> None:
    answer = made(room, role="reader", scopes=["send", "view", "send"], days=None).json()
    assert (answer["scopes"], answer["expires"], answer["expired"]) == (["send", "view"], None, False)
    lasting = made(room, role="viewer", days=30).json()
    assert lasting["scopes"] == ["all"]
    with room.context.database.session() as session:
        session.execute(update(ApiKey).where(ApiKey.id == lasting["id"]).values(expires=now() - timedelta(days=1)))
    found = {one["id"]: one for one in room.with_key(Role.ADMINISTRATOR).get("/keys").json()}
    assert found[lasting["id"]]["expired"] is True
    assert found[answer["id"]]["scopes"] == ["send", "view"]
    client = room.client(headers={"Authorization": f"Bearer {answer['key']}"})
    own = client.get("/account").json()
    assert (own["name"], own["scopes"], own["logins"]) == ("key:machine", ["send", "view"], [])


@pytest.mark.parametrize(
    "given",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"role": "viewer", "scopes": ["send"]},
        {"role": "reader", "scopes": ["metrics"]},
        {"days": 0},
        {"days": 100_000},
    ],
)
def test_keys_that_make_no_sense(room: Any, given: dict[str, Any]) -> None:
    assert made(room, **given).status_code == 422


def test_a_scope_that_nobody_knows_any_more_allows_nothing() -> None:
    assert parsed("send other") == (Scope.SEND,)
    assert parsed("other") == ()
