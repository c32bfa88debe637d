"""An annotator's account gets nothing but its own work: every route, with every identifier of everybody else in its hands."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.clinic.server.annotation.conftest import NOTHING, Desk, batch, box, said

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Needs
from osteon.clinic.server.api import PUBLIC, routes
from osteon.clinic.store.tables.studies import StoredReading, Study

OPEN = {
    # method and path of what the lowest role may ask, with what an annotator gets for what belongs to somebody else
    ("GET", "/api/v1/account"): 200,
    ("DELETE", "/api/v1/account/logins"): 204,
    ("DELETE", "/api/v1/account/logins/{id}"): 404,
    ("POST", "/api/v1/session/activity"): 204,
    ("GET", "/api/v1/label-schemas"): 200,
    ("GET", "/api/v1/projects"): 200,
    ("GET", "/api/v1/projects/{project}"): 200,
    ("GET", "/api/v1/projects/{project}/progress"): 200,
    ("GET", "/api/v1/projects/{project}/queue"): 200,
}
SESSION = {("DELETE", "/api/v1/session"), ("POST", "/api/v1/session/password")}
"""Which end the session that asks."""


class Case:
    """A project in which one has read, with all that names what was read, and another who is to know nothing of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.assign()
        (ann,) = desk.queue("ann")
        (bob,) = desk.queue("bob")
        self.others, self.own = ann["assignment"], bob["assignment"]
        drawn = [*said(1), box("annsbox", 111.25, 113.5, 222.75, 224.125), ("question", {"text": "annsquestion"})]
        desk.finish("ann", self.others, *drawn)
        (listed,) = desk.lead.get(f"{desk.path}/items").json()["items"]
        self.item, self.study = listed["item"] if "item" in listed else listed["id"], listed["study"]
        with desk.room.context.database.session() as session:
            row, reading = session.get(Study, self.study), session.get(StoredReading, self.study)
            assert row is not None
            assert reading is not None
            self.model = [
                str(row.probability),
                row.call,
                *(str(side) for side in reading.content["findings"][0]["box"]),
            ]
            self.names = [self.study, row.examination, row.pseudonym, row.label]
        self.bob: httpx.Client = desk.people["bob"]

    def filled(self, path: str, assignment: str) -> str:
        """The address of a route with what there is."""
        known = {
            "project": self.desk.project,
            "item": str(self.item),
            "assignment": assignment,
            "study": self.study,
            "image": "0",
            "position": "0",
            "read": "1",
            "name": next(iter(self.desk.people)),
            "form": "json",
        }
        for name, value in known.items():
            path = path.replace("{" + name + "}", value)
        return self.desk.room.url + path.replace("{", "").replace("}", "")


@pytest.fixture(scope="module")
def case(desks: Callable[..., Desk]) -> Case:
    return Case(desks("ann", "bob", adjudicator="cat"))


def asked() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in routes()
        for method in sorted(route.methods or ())
        if (method, route.path) not in PUBLIC | SESSION
    ]


BODIES: dict[str, Any] = {
    "/api/v1/projects/{project}/snapshots": {},
    "/api/v1/assignments/{assignment}/events": batch(*NOTHING),
    "/api/v1/projects/{project}/members/{name}": {"role": "annotator"},
    "/api/v1/projects/{project}/schema": {"label_schema": {}},
    "/api/v1/projects/{project}/items/{item}": {"included": True},
    "/api/v1/projects/{project}/items/{item}/assignments": {"reader": "bob"},
    "/api/v1/projects/{project}/items/{item}/consensus": {"rule": "any"},
    "/api/v1/projects/{project}/items/{item}/returns": {"reads": [1], "reason": "x"},
    "/api/v1/projects/{project}/consensus": {"rule": "any"},
    "/api/v1/projects/{project}/imports": {"reader": "bob", "images": [{"keys": ["1.2.3"]}]},
}


def test_every_route_refuses_what_is_not_ones_own(case: Case) -> None:
    for method, path in asked():
        body = {} if method in {"GET", "DELETE"} else {"json": BODIES.get(path, {})}
        url = case.filled(path, case.others)
        answer = case.bob.request(method, url, **body)
        expected = {OPEN[method, path]} if (method, path) in OPEN else {403, 404}
        assert answer.status_code in expected, (method, path, answer.status_code, answer.text[:200])
        nothing_of(case, answer.text, (method, url))


def test_what_is_ones_own_tells_nothing_else(case: Case) -> None:
    paths = [path for method, path in asked() if method == "GET" and "{assignment}" in path]
    assert len(paths) >= 4
    for path in paths:
        url = case.filled(path, case.own)
        answer = case.bob.get(url)
        assert answer.status_code == 200, path
        if answer.headers["content-type"] == "application/json":
            nothing_of(case, answer.text, url)
        nothing_of(case, str(dict(answer.headers)), url)
    task = case.bob.get(f"/assignments/{case.own}").json()
    assert task["answers"] == task["regions"] == []
    assert task["proposals"] is None
    assert {"sex", "age"} <= set(task)
    progress = case.bob.get(f"{case.desk.path}/progress").json()
    assert [reader["states"] for reader in progress["readers"]] == [{"open": 1}]


def nothing_of(case: Case, text: str, where: Any) -> None:
    """Nothing of the other's work, of the model's output, of the study's names; an error may repeat its own address."""
    hidden = [case.others, "annsbox", "111.25", "224.125", "annsquestion", *case.model, *filter(None, case.names)]
    found = [word for word in hidden if word in text]
    assert all(word in str(where) for word in found), (where, found, text[:300])


def test_others_work_cannot_be_changed(case: Case) -> None:
    before = case.desk.people["ann"].get(f"/assignments/{case.others}/events").json()
    for kind, payload in (("answer", {"label": "fractured", "value": 0, "image": None}), ("finish", {})):
        answer = case.bob.post(f"/assignments/{case.others}/events", json=batch((kind, payload)))
        assert answer.status_code == 404
    assert case.desk.people["ann"].get(f"/assignments/{case.others}/events").json() == before


def test_the_room_is_shut_to_annotators(case: Case) -> None:
    for method, path in asked():
        route = next(one for one in routes() if one.path == path and method in (one.methods or ()))
        (role,) = [one.call.role for one in route.dependant.dependencies if isinstance(one.call, Needs)]
        if role is not Role.ANNOTATOR:
            assert case.bob.request(method, case.filled(path, case.own)).status_code == 403, (method, path)


def test_whoever_reads_the_project_of_others_is_a_stranger(case: Case, desks: Callable[..., Desk]) -> None:
    stranger = desks("eve", studies=0).people["eve"]
    assert [one["id"] for one in stranger.get("/projects").json()] != [case.desk.project]
    for method, path in asked():
        if "{project}" in path or "{assignment}" in path:
            body = {} if method in {"GET", "DELETE"} else {"json": BODIES.get(path, {})}
            status = stranger.request(method, case.filled(path, case.own), **body).status_code
            assert status in {403, 404, 422}, (method, path, status)
            assert status != 403 or path.endswith(("/items", "/report.dcm")), (
                method,
                path,
                "a stranger is not told that it exists",
            )


def test_adjudicators_see_no_names_and_nothing_unfinished(case: Case) -> None:
    cat = case.desk.people["cat"]
    assert cat.get(f"{case.desk.path}/items/{case.item}").status_code == 409
    assert cat.get(f"{case.desk.path}/items/{case.item}/images/0/pixels").status_code == 409
    for path in ("reads", "members", "assignments", "questions", "items"):
        assert cat.get(f"{case.desk.path}/{path}").status_code == 403, path
    assert cat.get(f"{case.desk.path}/progress").json()["readers"] == []


def test_an_administrator_who_annotates_is_blinded_in_that_project(case: Case) -> None:
    admin = case.desk.room.login("Administrating annotator", Role.ADMINISTRATOR)
    assert admin.get(f"{case.desk.path}/reads").status_code == 200, "a lead of every project"
    put = case.desk.lead.put(f"{case.desk.path}/members/Administrating annotator", json={"role": "annotator"})
    assert put.json()["sees_room"] is True, "the lead is told that this account can see the model elsewhere"
    assert admin.get(f"{case.desk.path}/reads").status_code == 403
    back = case.desk.lead.put(f"{case.desk.path}/members/cat", json={"role": "annotator"})
    assert back.status_code == 404


def test_whoever_saw_the_reads_of_others_cannot_become_annotator(case: Case) -> None:
    name = next(
        one["name"] for one in case.desk.lead.get(f"{case.desk.path}/members").json() if one["role"] == "adjudicator"
    )
    refused = case.desk.lead.put(f"{case.desk.path}/members/{name}", json={"role": "annotator"})
    assert refused.status_code == 409
    bob = next(
        one["name"] for one in case.desk.lead.get(f"{case.desk.path}/members").json() if one["name"].startswith("bob")
    )
    refused = case.desk.lead.put(f"{case.desk.path}/members/{bob}", json={"role": "lead"})
    assert refused.status_code == 409, "who has studies to read cannot see what others read"


def test_keys_and_visitors_have_no_work(case: Case) -> None:
    for role in Role:
        client = case.desk.room.with_key(role)
        assert client.get(f"/assignments/{case.own}").status_code == 404
        assert json.loads(client.get("/projects").text) == [] or role is Role.ADMINISTRATOR
