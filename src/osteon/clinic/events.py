"""Events about studies, as pages hear them."""

from __future__ import annotations

from typing import Final, Literal, NotRequired

from typing_extensions import TypedDict

from osteon.clinic.state import State


class StudyEvent(TypedDict):
    """A study has changed, or is new."""

    kind: Literal["study"]
    id: str
    state: State
    replaces: NotRequired[str]


class RemovedEvent(TypedDict):
    """A study was removed."""

    kind: Literal["removed"]
    id: str


class MarksEvent(TypedDict):
    """The marks on the images of a study have changed."""

    kind: Literal["marks"]
    id: str


class TrafficEvent(TypedDict):
    """Something was received, sent, refused or held back."""

    kind: Literal["traffic"]


class ResetEvent(TypedDict):
    """Events were missed: everything has to be fetched again."""

    kind: Literal["reset"]


TRAFFIC: Final[TrafficEvent] = {"kind": "traffic"}

Event = StudyEvent | RemovedEvent | MarksEvent | TrafficEvent | ResetEvent


def study_event(study: str, state: State, replaces: str | None = None) -> StudyEvent:
    """The event of a study; ``replaces`` is the version before, where there is one."""
    event: StudyEvent = {"kind": "study", "id": study, "state": state}
    return event if replaces is None else {**event, "replaces": replaces}
