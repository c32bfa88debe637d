"""An annotation project in a room: a lead, readers who see nothing else, an adjudicator, and studies that are read."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from osteon.clinic.role import Role

_NUMBERS = itertools.count()


@dataclass
class Desk:
    """A project and those who work in it.

    Attributes:
        room: the server.
        project: identifier.
        lead: a client.
        people: clients of annotators and adjudicators by name.
        studies: identifiers in the store.
    """

    room: Any
    project: str
    lead: httpx.Client
    people: dict[str, httpx.Client] = field(default_factory=dict)
    studies: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The address of the project."""
        return f"/projects/{self.project}"

    def assign(self, **wanted: Any) -> dict[str, Any]:
        """Give studies to all annotators."""
        answer = self.lead.post(f"{self.path}/assignments", json=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def queue(self, name: str, **wanted: Any) -> list[dict[str, Any]]:
        """The queue of an annotator."""
        answer = self.people[name].get(f"{self.path}/queue", params=wanted)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def send(self, name: str, assignment: str, *events: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """Append events, each with an identifier of its own."""
        answer = self.people[name].post(f"/assignments/{assignment}/events", json=batch(*events))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def finish(self, name: str, assignment: str, *events: tuple[str, dict[str, Any]]) -> None:
        """Append events and finish."""
        answer = self.send(name, assignment, *events, ("finish", {}))
        assert [one["fate"] for one in answer["outcomes"]] == ["kept"] * (len(events) + 1), answer


def batch(*events: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """A body with events."""
    return {"events": [{"id": str(uuid.uuid4()), "kind": kind, "payload": payload} for kind, payload in events]}


def box(name: str, x0: float, y0: float, x1: float, y1: float, label: str = "fracture") -> tuple[str, dict[str, Any]]:
    """An event that draws a box on the first image."""
    points = [[x0, y0], [x1, y1]]
    return "region", {"id": name, "label": label, "image": 0, "kind": "box", "points": points}


def said(fractured: int, hardware: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Answers that the schema of FracAtlas wants of a study."""
    return [
        ("answer", {"label": "fractured", "value": fractured, "image": None}),
        ("answer", {"label": "hardware", "value": hardware, "image": None}),
    ]


NOTHING = [*said(0), ("answer", {"label": "no_fracture", "value": 1, "image": 0})]
"""What is said of a study without a fracture and hardware."""


@pytest.fixture(scope="module")
def room(rooms: Any, boxes_file: Any) -> Any:
    """A server whose bundle draws boxes."""
    return rooms(rate=0, bundle=str(boxes_file))


@pytest.fixture(scope="module")
def desks(room: Any, picture: Any) -> Callable[..., Desk]:
    """Makes projects: ``desks("ann", "bob", studies=3, arm="unaided")``; names get a number, so that they are new."""

    def make(*names: str, studies: int = 1, adjudicator: str = "", **settings: Any) -> Desk:
        number = next(_NUMBERS)
        lead = room.login(f"lead {number}", Role.READER)
        given = {
            "name": f"Project {number}",
            "schema_name": "fractuvision",
            "readers_per_study": len(names),
            **settings,
        }
        made = lead.post("/projects", json=given)
        assert made.status_code == 201, made.text
        desk = Desk(room, made.json()["id"], lead)
        for name, role in [
            *((name, "annotator") for name in names),
            *([(adjudicator, "adjudicator")] if adjudicator else []),
        ]:
            desk.people[name] = room.login(f"{name} {number}", Role.ANNOTATOR)
            put = lead.put(f"{desk.path}/members/{name} {number}", json={"role": role})
            assert put.status_code == 200, put.text
            assert put.json()["sees_room"] is False
        for position in range(studies):
            # every third shows nothing, so these have a box of the model
            seed = 3000 * number + 3 * position + 1
            sent = lead.post("/studies", files={"files": (f"{seed}.png", picture(seed, 512, 512))})
            assert sent.status_code == 200, sent.text
            desk.studies.append(sent.json()["studies"][0]["id"])
        if studies:
            added = lead.post(f"{desk.path}/items", json={"studies": desk.studies})
            assert added.json() == {"added": studies, "present": 0, "unread": 0, "to_screen": 0}, added.text
        return desk

    return make
