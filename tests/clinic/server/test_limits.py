"""Too often, too much, too slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

from osteon.clinic.role import Role

MEBIBYTE = 1 << 20


def test_a_flood_of_requests_gets_429(rooms: Any) -> None:
    room = rooms(rate=0.5, burst=5)
    client = room.client()
    answers = [client.get("/session") for _ in range(8)]
    assert [one.status_code for one in answers[:5]] == [200] * 5
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[-1].headers["content-type"] == "application/problem+json"
    assert client.get("/health").status_code == 200, "monitors on this machine are not counted"


def test_too_large_is_refused_by_what_it_says_and_by_what_it_is(rooms: Any) -> None:
    room = rooms(upload_mebibytes=1)
    client = room.with_key(Role.READER)
    boundary = {"Content-Type": "multipart/form-data; boundary=x"}
    told = client.post("/studies", content=b"x" * (MEBIBYTE + 1), headers=boundary)
    assert told.status_code == 413
    sent = 0

    def endless() -> Iterator[bytes]:
        """A body without a stated length."""
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        while sent < 64 * MEBIBYTE:
            sent += 65536
            yield b"\xff" * 65536

    try:
        streamed = client.post("/studies", content=endless(), headers=boundary)
        assert streamed.status_code == 413
        assert streamed.headers["content-type"] == "application/problem+json"
        assert streamed.headers["x-content-type-options"] == "nosniff"
    except OSError:
        pass  # the server hung up before all was sent, which is as good
    assert sent < 64 * MEBIBYTE
    assert client.get("/session").status_code == 200


def test_other_requests_are_small(room: Any) -> None:
    answer = room.client().post("/session", json={"name": "x", "password": "y" * 70_000})
    assert answer.status_code == 413


def test_only_so_many_uploads_at_once(rooms: Any) -> None:
    room = rooms(uploads=1)
    client = room.with_key(Role.READER)
    first = _connect(room)
    key = client.headers["authorization"]
    first.sendall(
        f"POST /api/v1/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {key}\r\nContent-Length: 100\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x".encode()
    )
    limit = time.monotonic() + 10
    while True:
        second = client.post("/studies", files={"files": ("a.jpg", b"no film")})
        if second.status_code == 429 or time.monotonic() > limit:
            break
    assert second.status_code == 429
    assert "retry-after" in second.headers
    first.close()
    while client.post("/studies", files={"files": ("a.jpg", b"no film")}).status_code == 429:
        assert time.monotonic() < limit


def test_giant_headers_are_refused(room: Any) -> None:
    with _connect(room) as connection:
        connection.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X-Giant: " + b"g" * 1000 + b"\r\n")
            answer = connection.recv(100)
        except OSError:
            answer = b""
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
    assert room.client().get("/health").status_code == 200


def test_slow_headers_and_slow_bodies_are_cut_off(rooms: Any) -> None:
    room = rooms(patience=0.5)
    with _connect(room) as connection:
        connection.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert connection.recv(100) == b""
    with _connect(room) as connection:
        assert connection.recv(100) == b"", "a connection that says nothing"
    with _connect(room) as connection:
        connection.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{")
        assert connection.recv(100).startswith(b"HTTP/1.1 408")
    with _connect(room) as connection:
        for _ in range(2):
            connection.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(5000)
            assert answer.startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /api")
        assert connection.recv(100) == b"", "also in a later request of a connection"


def _connect(room: Any) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(room.url.rpartition(":")[2])), timeout=10)
