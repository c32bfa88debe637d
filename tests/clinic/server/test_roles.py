"""Every route against every role; a new route without a role fails here."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Needs
from osteon.clinic.server.api import PUBLIC, routes

METHODS = [(method, route) for route in routes() for method in sorted(route.methods or ())]


def needed(route: APIRoute) -> list[Role]:
    """The roles that a route asks for."""
    return [one.call.role for one in route.dependant.dependencies if isinstance(one.call, Needs)]


@pytest.mark.parametrize(("method", "route"), METHODS, ids=[f"{method} {route.path}" for method, route in METHODS])
def test_each_route_names_a_role_or_is_public(method: str, route: APIRoute) -> None:
    assert len(needed(route)) == ((method, route.path) not in PUBLIC)


def test_public_routes_exist() -> None:
    assert {(method, route.path) for method, route in METHODS} >= PUBLIC


def test_no_route_stands_twice() -> None:
    names = [(method, route.path) for method, route in METHODS]
    assert len(names) == len(set(names))


def test_every_route_lets_in_whom_it_should(room: Any) -> None:
    clients = {role: room.with_key(role) for role in Role}
    nobody = room.client()
    for method, route in METHODS:
        if (method, route.path) in PUBLIC or route.path == "/api/v1/events":
            continue
        (role,) = needed(route)
        path = room.url + route.path.replace("{", "").replace("}", "")
        path = path.replace("/images/image", "/images/0").replace("/files/file", "/files/0")
        assert nobody.request(method, path).status_code == 401, (method, path)
        for mine, client in clients.items():
            status = client.request(method, path).status_code
            assert (status == 403) == (not mine.allows(role)), (method, path, mine, status)
            assert status not in {401, 500}, (method, path, mine, status)


def test_metrics_are_for_administrators_and_this_machine(rooms: Any) -> None:
    room = rooms(behind_proxy=["127.0.0.1"])
    near = room.client().get("/metrics")
    assert near.status_code == 200
    assert "osteon_queue_length 0.0" in near.text
    assert "process_resident_memory_bytes" in near.text
    far = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    assert room.client(headers=far).get("/metrics").status_code == 401
    assert room.with_key(Role.READER).get("/metrics", headers=far).status_code == 403
    assert room.with_key(Role.ADMINISTRATOR).get("/metrics", headers=far).status_code == 200
