"""The own work of an annotator: nothing in here tells who the patient is, or what anybody else thinks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import AssignmentState
from osteon.clinic.annotation.records.read import Answer, Proposal, Region
from osteon.clinic.annotation.rules import Broken
from osteon.clinic.annotation.schema.records import LabelSchema
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.moment import Moment
from osteon.clinic.server.schemas.problem import Problem
from osteon.clinic.server.schemas.studies import Window
from osteon.clinic.store.annotation.events import Fate
from osteon.core.labels import BodyPart, Laterality, Sex, View


class QueuedStudy(BaseModel):
    """A study in the own queue."""

    assignment: str
    position: int
    state: AssignmentState
    round: int = Field(description="Above 1 where it was sent back.")


class Queue(BaseModel):
    """A part of the own queue."""

    items: list[QueuedStudy]
    next: int | None = Field(description="`cursor` of the next page.")
    total: int


class TaskImage(BaseModel):
    """An image to be annotated."""

    index: int = Field(description="Position, as events name it.")
    rows: int
    columns: int
    spacing: tuple[float, float] | None = Field(description="Between rows and between columns, mm.")
    bits: int
    view: View | None
    laterality: Laterality | None
    body_part: BodyPart | None
    window: Window | None


class Task(BaseModel):
    """A study to be annotated, as far as it is."""

    assignment: str
    project: str
    state: AssignmentState
    round: int
    sequence: int = Field(description="Number of the last event.")
    age: float | None = Field(description="Whole years; below two years whole months, as a part of a year.")
    sex: Sex | None
    images: list[TaskImage]
    label_schema: LabelSchema
    schema_version: int
    answers: list[Answer]
    regions: list[Region]
    rejected: list[int] = Field(description="Numbers of proposals.")
    question: str
    skip_reason: str
    sent_back: str = Field(description="Why it was sent back last.")
    active_seconds: float = Field(description="In this round.")
    missing: list[Broken] = Field(description="Rules that keep the read from being finished.")
    proposals: list[Proposal] | None = Field(description="Null where they are not shown, or not yet.")
    following: str | None = Field(description="The next assignment that is not finished, to be loaded beforehand.")


class NewEvent(Given):
    """Something that the annotator did; `kind` says what `payload` holds."""

    id: str = Field(
        pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        description="A UUID: an event that is sent again under the same one is kept once.",
    )
    kind: EventKind
    payload: dict[str, Any] = Field(default_factory=dict)
    at: Moment | None = Field(None, description="By the clock of the client.")


class NewEvents(Given):
    """Events in the order in which they happened."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {
                            "id": "0b0f8f0e-3a54-4f0e-9f6e-0b8f5a0d7c11",
                            "kind": "region",
                            "payload": {
                                "id": "r1",
                                "label": "osteophytes",
                                "image": 0,
                                "kind": "box",
                                "points": [[120.0, 80.0], [180.5, 130.0]],
                            },
                        }
                    ]
                }
            ]
        },
    )

    events: list[NewEvent] = Field(min_length=1, max_length=500)


class EventOutcome(BaseModel):
    """What became of an event."""

    id: str
    fate: Fate = Field(description="`kept`, `known` from before, or `refused`: sending it again does not help.")
    sequence: int | None
    problem: Problem | None
    missing: list[Broken] = Field(description="Rules that a `finish` would break.")


class KeptEvents(BaseModel):
    """What became of events; those kept or known are safe on the disk of the server."""

    outcomes: list[EventOutcome]
    state: AssignmentState
    sequence: int = Field(
        description="Number of the last event. Where it is higher than one's own events tell, another window has added some."
    )


class OwnEvent(BaseModel):
    """An event of an own assignment."""

    sequence: int
    id: str
    kind: EventKind
    payload: Annotated[dict[str, Any], Field()]
    at: datetime


class EventList(BaseModel):
    """Events of an own assignment."""

    events: list[OwnEvent]
