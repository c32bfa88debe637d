"""Nothing that can be sent makes the server fail: every parameter of every route against values that it did not expect."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any, NamedTuple

import httpx
import pytest

from osteon.clinic.role import Role
from osteon.clinic.server.api import routes

pytestmark = pytest.mark.long

PREFIX = "/api/v1"

TEXTS = (
    "",
    "\0",
    "a\0b",
    "\ud800",
    "\u202e\uffff💀",
    "../..",
    "a/b",
    "'; DROP TABLE users; --",
    "{study}%s%00",
    "x" * 5000,
)
NUMBERS = (
    "-1",
    "1e999",
    "NaN",
    "2147483648",
    "-2147483649",
    "9223372036854775808",
    "99999999999999999999",
    "1" * 400,
    "1_000",
    "١٢",
)
MOMENTS = ("2020", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31", "0000-00-00")
VALUES = (*TEXTS, *NUMBERS, *MOMENTS)


def cursors() -> Iterator[str]:
    """Places in a list that no list gave out."""
    for place in (
        [],
        ["urgency"],
        ["urgency", 10**30, 0.5, "x"],
        ["urgency", 1, float("inf"), "x"],
        ["urgency", 1, float("nan"), "x"],
        ["urgency", 1, 0.5, "a\0b"],
        ["urgency", 1, 0.5, "\ud800"],
        ["urgency", 1, 10**400, "x"],
        ["urgency", {}, [], None],
        ["time", 10**30, "x"],
        ["time", -(10**15), "x"],
        ["time", 253402300799 * 10**6, "\0"],
        ["oldest", -62135596800 * 10**6, "x"],
        {"a": 1},
        "urgency",
        7,
        None,
    ):
        yield base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    yield base64.urlsafe_b64encode(b"[" * 300).decode()


BODIES: tuple[Any, ...] = (
    *VALUES[:12],
    0,
    -1,
    1.5,
    10**30,
    True,
    None,
    [],
    ["\0"],
    ["\ud800"],
    {},
    {"\0": 1},
    {"\ud800": "\ud800"},
    [[[[]]]],
)

ENDLESS = {("GET", "/api/v1/events")}


class Hall(NamedTuple):
    """A room with a study, a client that may do all, what names what is there, and a connection that is kept open."""

    room: Any
    client: httpx.Client
    known: dict[str, str]
    line: HTTPConnection


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def hall(request: pytest.FixtureRequest, rooms: Any, picture: Any) -> Hall:
    """One on each kind of database."""
    options: dict[str, Any] = {}
    if request.param == "postgres":
        from sqlalchemy import create_engine, text

        server: str = request.getfixturevalue("postgres")
        engine = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("CREATE DATABASE hostile"))
        engine.dispose()
        options["database"] = server % "hostile"
    room = rooms(rate=0, **options)
    client = room.with_key(Role.ADMINISTRATOR)
    answer = client.post("/studies", files={"files": ("a.png", picture(1, 512, 512))})
    assert answer.status_code == 200, answer.text
    room.account("Target", Role.VIEWER)
    known = {"study": answer.json()["studies"][0]["id"], "image": "0", "position": "0", "name": "target"}
    line = HTTPConnection(client.base_url.host, client.base_url.port)
    room.stack.callback(line.close)
    return Hall(room, client, known, line)


def operations(client: httpx.Client) -> list[tuple[str, str, dict[str, Any]]]:
    """All that the server says it can be asked, and what it does not say."""
    document = client.get("/openapi.json").json()
    found = [
        (method.upper(), path, said)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
        if (method.upper(), path) not in ENDLESS
    ]
    known = {(method, path) for method, path, _ in found}
    hidden = [(method, one.path) for one in routes() for method in sorted(one.methods or ())]
    return found + [(*one, {}) for one in hidden if one not in known | ENDLESS]


def ask(hall: Hall, client: httpx.Client, method: str, path: str, **options: Any) -> None:
    """Send what httpx makes of it, over a connection of the standard library, which takes a third of the time."""
    request = client.build_request(method, path, **options)
    hall.line.putrequest(method, request.url.raw_path.decode("ascii"), skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.raw:
        hall.line.putheader(name, value)
    hall.line.endheaders(request.read())
    answer = hall.line.getresponse()
    content = answer.read()
    told = f"{method} {path[:200]!r} {str(options)[:300]!r}: {answer.status} {content[:300]!r}"
    assert answer.status < 500 or answer.status == 502, told  # 502: no provider answers
    assert hall.room.context.database, told


def filled(path: str, known: dict[str, str], **other: str) -> str:
    """A path with its parameters filled in, as an address."""
    from urllib.parse import quote

    path = path.removeprefix(PREFIX) if path.startswith(PREFIX) else f"/../..{path}"
    while "{" in path:
        name = path[path.index("{") + 1 : path.index("}")]
        value = other.get(name, known.get(name, "x"))
        path = path.replace("{" + name + "}", quote(value.encode("utf-8", "surrogatepass"), safe=""))
    return path


def test_paths(hall: Hall) -> None:
    _, client, known, _ = hall
    for method, path, _ in operations(client):
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        for name in names:
            for value in VALUES:
                if len(value) < 3000:
                    ask(hall, client, method, filled(path, known, **{name: value}))


def test_queries(hall: Hall) -> None:
    _, client, known, _ = hall
    for method, path, said in operations(client):
        if method == "DELETE":
            continue
        there = [one["name"] for one in said.get("parameters", []) if one["in"] == "query"]
        for name in there if said else ("state", "code"):
            for value in (*VALUES, *cursors()) if name == "cursor" else VALUES:
                encoded = value.encode("utf-8", "surrogatepass")
                for more in ({}, {"sort": b"time"}) if name == "cursor" else ({},):
                    ask(hall, client, method, filled(path, known), params={name: encoded, **more})


def test_bodies(hall: Hall) -> None:
    _, client, known, _ = hall
    document = client.get("/openapi.json").json()
    for method, path, said in operations(client):
        content = said.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        good = next(iter(schema.get("examples", [])), {})
        at = filled(path, known)
        for field in schema["properties"]:
            for value in BODIES:
                sent = {**_filler(schema), **good, field: value}
                ask(hall, client, method, at, content=_json(sent), headers={"Content-Type": "application/json"})
        for body in (*map(_json, BODIES), b"", b"\xff\xfe", b"{", b"[" * 3000, b'{"a": 1e999}', b'"\xed\xa0\x80"'):
            ask(hall, client, method, at, content=body, headers={"Content-Type": "application/json"})
        ask(hall, client, method, at, content=b"a=b", headers={"Content-Type": "text/plain"})


def test_forms_and_headers(hall: Hall, picture: Any) -> None:
    room, client, known, _ = hall
    file = {"files": ("a.png", picture(2))}
    for value in (*TEXTS, *NUMBERS[:6]):
        data = {"utf": value.encode("utf-8", "surrogatepass")}["utf"]
        for field in ("pseudonym", "together", "label", "unknown"):
            boundary = b"--x\r\nContent-Disposition: form-data; name="
            body = boundary + f'"{field}"'.encode() + b"\r\n\r\n" + data + b"\r\n"
            body += boundary + b'"files"; filename="a.png"\r\n\r\n' + file["files"][1] + b"\r\n--x--\r\n"
            head = {"Content-Type": "multipart/form-data; boundary=x", "Prefer": "respond-async"}
            ask(hall, client, "POST", "/studies", content=body, headers=head)
        if value.isprintable() and value.strip():
            name = value.encode("utf-8", "surrogatepass")[:2000]
            for header in (
                "If-None-Match",
                "Accept",
                "Prefer",
                "X-Osteon-Activity",
                "Cookie",
                "Range",
                "X-Forwarded-For",
            ):
                raw = [(header.encode(), name)]
                ask(hall, client, "GET", f"/studies/{known['study']}/images/0/thumbnail", headers=raw)
                ask(hall, client, "GET", f"/studies/{known['study']}/files/0", headers=raw)
            nobody = room.client()
            ask(hall, nobody, "GET", "/studies", headers=[(b"Authorization", b"Bearer " + name)])
            ask(hall, nobody, "GET", "/studies", headers=[(b"Cookie", f"{room.cookie}=".encode() + name)])
            device = f"osteon-device-{room.context.room}=".encode() + name
            given = {"name": "Target", "password": "x"}
            ask(hall, nobody, "POST", "/session", json=given, headers=[(b"Cookie", device)])


def test_names_at_the_login(hall: Hall) -> None:
    nobody = hall.room.client()
    for value in (*TEXTS, *NUMBERS[:3]):
        body = _json({"name": value[:250], "password": value[:900]})
        ask(hall, nobody, "POST", "/session", content=body, headers={"Content-Type": "application/json"})
        body = _json({"name": value[:250], "password": "x" * 20, "token": value[:250]})
        ask(hall, nobody, "POST", "/setup", content=body, headers={"Content-Type": "application/json"})


def _json(value: Any) -> bytes:
    """JSON with escapes for all that is not ASCII, also for halves of characters."""
    return json.dumps(value, ensure_ascii=True).encode("ascii")


def _filler(schema: dict[str, Any]) -> dict[str, Any]:
    """Something for the fields that must be there."""
    kinds = {"string": "some text here", "boolean": True, "integer": 1, "number": 1.0, "array": [], "object": {}}
    needed = schema.get("required", [])
    return {name: kinds.get(schema["properties"][name].get("type", "string"), "text") for name in needed}
