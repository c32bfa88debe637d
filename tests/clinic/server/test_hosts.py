"""The headers of every answer, the names under which the server may be asked, and proxies."""

from __future__ import annotations

from typing import Any

import pytest

HTTPS = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}


@pytest.mark.parametrize("path", ["/session", "/health", "/users", "/no-such-route", "/../../", "/openapi.json"])
def test_every_answer_has_the_headers(room: Any, path: str) -> None:
    headers = room.client().get(path).headers
    policy = headers["content-security-policy"].split("; ")
    for part in ("default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "img-src 'self' blob: data:"):
        assert part in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["permissions-policy"].startswith("camera=(self)")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "strict-transport-security" not in headers
    assert "server" not in headers
    if path != "/../../":  # the page, which may be kept
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "", "[::1"])
def test_other_names_are_refused(room: Any, host: str) -> None:
    assert room.client().get("/session", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8042", "127.0.0.1", "[::1]:8042", "127.0.0.1:1"])
def test_own_names_are_not(room: Any, host: str) -> None:
    assert room.client().get("/session", headers={"Host": host}).status_code == 200


def test_names_can_be_added(rooms: Any) -> None:
    room = rooms(hosts=["Reading.Example"], public_url="https://rr.example/")
    for host, status in (("reading.example", 200), ("rr.example", 200), ("other.example", 421)):
        assert room.client().get("/session", headers={"Host": host}).status_code == status


def test_forwarded_headers_count_from_stated_proxies_only(rooms: Any, room: Any) -> None:
    assert "strict-transport-security" not in room.client(headers=HTTPS).get("/session").headers
    behind = rooms(behind_proxy=["127.0.0.1"])
    behind.account("Petra")
    given = {"name": "Petra", "password": behind.password}
    plain = behind.client().post("/session", json=given)
    assert plain.status_code == 403
    assert "set-cookie" not in plain.headers
    assert behind.client().get("/health").status_code == 200
    answer = behind.client(headers=HTTPS).post("/session", json=given)
    assert answer.status_code == 200
    assert "strict-transport-security" in answer.headers
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"__Host-{behind.cookie}=")
    assert "Secure" in cookie
    behind.context.recorder.flush()
    with behind.context.database.session() as session:
        from osteon.clinic.store.audit import audit

        assert audit.page(session, 1, None)[0].address == "203.0.113.7"
    elsewhere = rooms(behind_proxy=["192.0.2.0/24"])
    assert elsewhere.client(headers=HTTPS).get("/session").status_code == 403
