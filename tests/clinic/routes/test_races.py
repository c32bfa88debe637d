"""What is deleted by another request between the look at it and the change of it: each answers as if it had come second.

Before a statement of the first request is executed, a second request is sent and answered: the first has found by then what the
second takes away.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

LINE = {"image": 0, "kind": "length", "points": [[10, 20], [40, 60]]}
PASSWORD = "seven blue birds in a tree"  # noqa: S105 - of an account in tests
BERTA = {"name": "Berta", "role": "reader", "password": PASSWORD}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def room(request: pytest.FixtureRequest, rooms: Any) -> Any:
    """A server on each kind of database."""
    if request.param == "sqlite":
        return rooms()
    server: str = request.getfixturevalue("postgres")
    engine = create_engine(server % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE races"))
    engine.dispose()
    return rooms(database=server % "races")


@pytest.fixture
def study(room: Any, picture: Callable[..., bytes], request: pytest.FixtureRequest) -> str:
    """A study of its own for each test."""
    seed = 3 * (300 + sum(map(ord, request.node.name))) + 2
    answer = room.reader.post("/studies", files=[("files", ("a.png", picture(seed)))])
    return answer.json()["studies"][0]["id"]


@contextmanager
def before(statement: str, act: Callable[[], httpx.Response]) -> Iterator[list[httpx.Response]]:
    """Act once, before the first statement that begins like this; gives what was answered."""
    answers: list[httpx.Response] = []
    turn = threading.Lock()

    def look(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if sql.startswith(statement) and turn.acquire(blocking=False):
            answers.append(act())

    event.listen(Engine, "before_cursor_execute", look)
    try:
        yield answers
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    assert len(answers) == 1, f"no statement began with {statement}"


def is_gone(answer: httpx.Response) -> bool:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code == 404 and "incident" not in answer.json()


@pytest.mark.parametrize(
    ("kind", "body", "method", "change"),
    [
        ("marks", LINE, "PUT", {"points": [[0, 0], [0, 30]]}),
        ("opinions", {"agrees": True}, "PATCH", {"note": "seen twice"}),
    ],
    ids=["marks", "opinions"],
)
def test_what_is_changed_was_deleted(
    room: Any, study: str, kind: str, body: dict[str, Any], method: str, change: dict[str, Any]
) -> None:
    made = room.reader.post(f"/studies/{study}/{kind}", json=body).json()
    place = f"/studies/{study}/{kind}/{made['id']}"
    with before(f"UPDATE {kind}", lambda: room.reader.delete(place)) as others:
        assert is_gone(room.reader.request(method, place, json=change))
    assert others[0].status_code == 204
    assert room.viewer.get(f"/studies/{study}/{kind}").json() == []


@pytest.mark.parametrize(("kind", "body"), [("marks", LINE), ("opinions", {"agrees": True})], ids=["marks", "opinions"])
def test_the_study_of_what_is_added_was_deleted(room: Any, study: str, kind: str, body: dict[str, Any]) -> None:
    with before(f"INSERT INTO {kind}", lambda: room.administrator.delete(f"/studies/{study}")) as others:
        assert is_gone(room.reader.post(f"/studies/{study}/{kind}", json=body))
    assert others[0].status_code == 204
    assert room.viewer.get(f"/studies/{study}").status_code == 404


def test_the_account_that_is_changed_was_deleted(room: Any) -> None:
    assert room.administrator.post("/users", json=BERTA).status_code == 201
    with before("UPDATE users", lambda: room.administrator.delete("/users/berta")) as others:
        assert is_gone(room.administrator.patch("/users/berta", json={"role": "viewer"}))
    assert others[0].status_code == 204


def test_the_account_that_logs_in_was_deleted(room: Any) -> None:
    """As if it had never been: a wrong name, which costs a try."""
    assert room.administrator.post("/users", json=BERTA).status_code == 201

    def delete() -> httpx.Response:
        return room.administrator.delete("/users/berta")

    origin = {"Origin": room.url.removesuffix("/api/v1")}
    with (
        before("INSERT INTO sessions", delete) as others,
        httpx.Client(base_url=room.url, headers=origin, timeout=60) as client,
    ):
        answer = client.post("/session", json={"name": "berta", "password": PASSWORD})
    assert others[0].status_code == 204, others[0].text
    assert answer.status_code == 401, answer.text
    assert not answer.cookies


def test_of_two_accounts_of_one_name_one_is_made(room: Any) -> None:
    with before("INSERT INTO users", lambda: room.administrator.post("/users", json=BERTA)) as others:
        answer = room.administrator.post("/users", json=BERTA)
    assert (answer.status_code, others[0].status_code) == (409, 201), answer.text
    assert [user["name"] for user in room.administrator.get("/users").json()].count("Berta") == 1
    assert room.administrator.delete("/users/berta").status_code == 204


def test_of_two_who_delete_a_key_one_is_told_that_it_is_gone(room: Any) -> None:
    made = room.administrator.post("/keys", json={"name": "a program", "role": "reader"}).json()
    place = f"/keys/{made['id']}"
    with before("DELETE FROM api_keys", lambda: room.administrator.delete(place)) as others:
        assert is_gone(room.administrator.delete(place))
    assert others[0].status_code == 204
