"""One address cannot keep others out: not with connections that say nothing, not with slow uploads or slow answers."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from osteon.clinic.role import Role
from osteon.clinic.server.limits.crowd import Crowd

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs all of 127.0.0.0/8 to be this machine")

OTHER = "127.0.0.2"


@pytest.fixture
def many() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def port(room: Any) -> int:
    return int(room.url.rpartition(":")[2])


def connect(room: Any, many: ExitStack, address: str = "127.0.0.1") -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port(room)), timeout=10, source_address=(address, 0))
    return many.enter_context(one)


def asked(room: Any, address: str, path: str = "/health", **options: Any) -> int:
    """The status that somebody at an address gets."""
    transport = httpx.HTTPTransport(local_address=address)
    with httpx.Client(transport=transport, timeout=10, headers=options.pop("headers", {})) as client:
        return client.request(options.pop("method", "GET"), f"{room.url}/api/v1{path}", **options).status_code


@pytest.mark.parametrize("words", [b"", b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n"])
def test_connections_that_say_nothing_keep_nobody_out(rooms: Any, many: ExitStack, words: bytes) -> None:
    room = rooms(connections=64, rate=0)
    for _ in range(100):
        connect(room, many).sendall(words)
    assert asked(room, OTHER) == 200
    assert asked(room, "127.0.0.1") == 200, "also from the same address: the one that was idle for longest goes"


def test_nor_do_those_of_many_addresses(rooms: Any, many: ExitStack) -> None:
    room = rooms(connections=64, rate=0)
    for number in range(120):
        connect(room, many, f"127.0.1.{number % 60 + 1}")
    assert asked(room, OTHER) == 200


def test_kept_connections_are_idle_too(rooms: Any, many: ExitStack) -> None:
    room = rooms(connections=64, rate=0)
    for _ in range(40):
        one = connect(room, many)
        one.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert one.recv(10).startswith(b"HTTP/1.1")
    assert asked(room, OTHER) == 200
    assert asked(room, "127.0.0.1") == 200


def slow_body(room: Any, many: ExitStack, path: str, headers: str) -> socket.socket:
    one = connect(room, many)
    one.sendall(
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n{headers}\r\n\r\n--x".encode()
    )
    return one


def test_slow_requests_of_one_address_keep_nobody_else_out(rooms: Any, many: ExitStack) -> None:
    room = rooms(connections=64, rate=0)
    for _ in range(100):
        slow_body(room, many, "/session", "Content-Type: application/json")
    time.sleep(0.2)
    assert asked(room, OTHER) == 200
    assert asked(room, OTHER, "/session") == 200


def test_slow_uploads_of_one_address_keep_nobody_else_out(rooms: Any, many: ExitStack, picture: Any) -> None:
    room = rooms(uploads=8, rate=0)
    key = room.with_key(Role.READER).headers["authorization"]
    for _ in range(9):
        slow_body(room, many, "/studies", f"Authorization: {key}\r\nContent-Type: multipart/form-data; boundary=x")
    time.sleep(0.3)
    files = {"files": ("a.png", picture(11))}
    sent = {"method": "POST", "path": "/studies", "headers": {"Authorization": key}, "files": files}
    assert asked(room, OTHER, **sent) == 200
    assert asked(room, "127.0.0.1", **sent) == 429


def test_streams_of_one_address_are_limited_behind_a_proxy_too(rooms: Any) -> None:
    room = rooms(connections=64, connections_per_address=4, behind_proxy=["127.0.0.1"], rate=0)
    key = room.with_key(Role.VIEWER).headers["authorization"]
    headers = {"Authorization": key, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.1"}
    with ExitStack() as open_streams:
        codes = []
        for _ in range(6):
            client = open_streams.enter_context(httpx.Client(headers=headers, timeout=10))
            codes.append(open_streams.enter_context(client.stream("GET", f"{room.url}/api/v1/events")).status_code)
        assert codes == [200] * 4 + [429] * 2
        others = {**headers, "X-Forwarded-For": "203.0.113.2"}
        assert httpx.get(f"{room.url}/api/v1/studies", headers=others).status_code == 200


def test_who_does_not_take_the_answer_is_cut_off(rooms: Any, many: ExitStack, picture: Any) -> None:
    room = rooms(patience=0.5, rate=0)
    client = room.with_key(Role.READER)
    study = client.post("/studies", files={"files": ("a.png", picture(12, 2500, 2500))}).json()["studies"][0]["id"]
    one = connect(room, many)
    # Smaller, and what is on its way would come in steps of a fifth of a second, for minutes.
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 15)
    one.sendall(
        f"GET /api/v1/studies/{study}/images/0/pixels HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: {client.headers['authorization']}\r\n\r\n".encode()
    )
    assert one.recv(1) == b"H"
    limit = time.monotonic() + 20
    while _is_connected(room, one) and time.monotonic() < limit:
        time.sleep(0.05)
    assert time.monotonic() < limit
    assert _rest(one) < 6_250_000, "what was on its way, and no more"
    slow = client.get(f"/studies/{study}/images/0/pixels")
    assert len(slow.content) == 6_250_000, "who takes it gets all of it"


def _is_connected(room: Any, connection: socket.socket) -> bool:
    """Whether the server still has a connection, by the address that it comes from."""
    return any(each.client == connection.getsockname() for each in list(room.server.server_state.connections))


def _rest(connection: socket.socket) -> int:
    """Bytes that still come before a connection ends."""
    connection.settimeout(20)
    count = 0
    try:
        while part := connection.recv(65536):
            count += len(part)
    except ConnectionResetError:
        pass
    return count


class _One:
    """A connection that is or is not idle."""

    def __init__(self, *, idle: bool) -> None:
        self.idle, self.dropped = idle, False

    def drop(self) -> None:
        """Close it."""
        self.dropped = True


def test_only_idle_connections_go_the_oldest_first() -> None:
    crowd = Crowd(most=100, each=3)
    first, busy, third = _One(idle=True), _One(idle=False), _One(idle=True)
    for one in (first, busy, third):
        assert crowd.join(one, "203.0.113.1")
    crowd.busy(first)
    assert crowd.join(_One(idle=False), "203.0.113.1")
    assert (first.dropped, busy.dropped, third.dropped) == (False, False, True)
    assert crowd.join(_One(idle=False), "203.0.113.1")
    assert first.dropped
    assert not crowd.join(_One(idle=True), "203.0.113.1"), "all are at work"
    assert crowd.join(_One(idle=True), "203.0.113.2")
    crowd.leave(busy)
    assert crowd.join(_One(idle=True), "203.0.113.1")


def test_a_proxy_has_no_limit_of_its_own() -> None:
    crowd = Crowd(most=100, each=3, proxies=("192.0.2.0/24",))
    assert all(crowd.join(_One(idle=False), "192.0.2.7") for _ in range(50))
