"""The own work of an annotator: queue, study, events, pictures. Each route finds the assignment by the account that asks."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Header, Query, Request, Response

from osteon.clinic.annotation.records.project import AssignmentState, MemberRole
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import about, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import document
from osteon.clinic.server.routes.annotation.entry import After, Annotator, Limit, enter, own_work
from osteon.clinic.server.routes.annotation.task import shown_task
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.studies.images import pixels_of, thumbnail_of
from osteon.clinic.server.schemas.annotation.work import (
    EventList,
    EventOutcome,
    KeptEvents,
    NewEvents,
    OwnEvent,
    Queue,
    QueuedStudy,
    Task,
)
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.annotation import events, work
from osteon.clinic.store.annotation.events import Outcome, Sent

router: Final = api_router(prefix="/api/v1", tags=["annotation"], responses=refusals(404))

OWN: Final = (MemberRole.ANNOTATOR,)


@router.get("/projects/{project}/queue", responses=refusals(403))
def get_queue(
    request: Request,
    project: str,
    person: Annotator,
    state: Annotated[list[AssignmentState] | None, Query()] = None,
    limit: Limit = 100,
    cursor: After = None,
) -> Queue:
    """The own queue: by default all that is open, read or skipped."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, OWN)
        if access.member is None:
            return Queue(items=[], next=None, total=0)
        states = [one for one in state or () if one is not AssignmentState.WITHDRAWN]
        page = work.queue(session, access.member, states, limit, cursor)
        items = [
            QueuedStudy(assignment=row.id, position=row.position, state=AssignmentState(row.state), round=row.round)
            for row in page.rows
        ]
        return Queue(items=items, next=page.following, total=page.total)


@router.get("/assignments/{assignment}")
def get_assignment(request: Request, assignment: str, person: Annotator) -> Task:
    """A study to be annotated: its images, age and sex of the patient, and the own answers and regions so far."""
    with context(request).database.session() as session:
        found = own_work(session, person, assignment)
        about(request, (found.item.study_id,))
        return shown_task(session, found)


@router.get("/assignments/{assignment}/events")
def list_own_events(
    request: Request, assignment: str, person: Annotator, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0
) -> EventList:
    """The own events, from a number on; with those by which the study was sent back."""
    with context(request).database.session() as session:
        found = own_work(session, person, assignment)
        about(request, (found.item.study_id,))
        return EventList(
            events=[
                OwnEvent(
                    sequence=event.sequence,
                    id=event.client_id,
                    kind=event.kind,
                    payload=dict(event.payload),
                    at=event.at,
                )
                for event in work.events(session, found.assignment, after)
            ]
        )


@router.post("/assignments/{assignment}/events", responses=refusals(409, 422))
def append_events(request: Request, assignment: str, given: NewEvents, person: Annotator) -> KeptEvents:
    """Append events. Those that are answered `kept` or `known` are on the disk; the others never will be.

    An event that is sent again under the same `id` is not kept again, so that whoever got no answer can send all again.
    """
    with context(request).database.session() as session:
        found = own_work(session, person, assignment, changing=True)
        sent = [Sent(event.id.lower(), event.kind, event.payload, event.at) for event in given.events]
        outcomes = events.append(session, found, sent, sees_room=person.role.allows(Role.VIEWER))
        state, sequence = AssignmentState(found.assignment.state), found.assignment.sequence
        study, before = found.item.study_id, found.assignment.round
    if state in (AssignmentState.FINISHED, AssignmentState.SKIPPED) and any(
        outcome.fate is events.Fate.KEPT for outcome in outcomes
    ):
        note(request, f"{'finish' if state is AssignmentState.FINISHED else 'skip'} annotation (round {before})", study)
    return KeptEvents(outcomes=[_shown(outcome) for outcome in outcomes], state=state, sequence=sequence)


@router.get(
    "/assignments/{assignment}/images/{image}/pixels",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, 304: {}},
)
def get_assigned_pixels(
    request: Request,
    assignment: str,
    image: int,
    person: Annotator,
    known: Annotated[str, Header(alias="If-None-Match")] = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Brightness, as `GET /studies/{study}/images/{image}/pixels` gives it; `rows` and `columns` are those of the task."""
    with context(request).database.session() as session:
        study = own_work(session, person, assignment).item.study_id
    about(request, (study,))
    return pixels_of(request, study, image, known, accept_encoding, f"{assignment}-{image}")


@router.get(
    "/assignments/{assignment}/images/{image}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 304: {}},
)
def get_assigned_thumbnail(
    request: Request,
    assignment: str,
    image: int,
    person: Annotator,
    known: Annotated[str, Header(alias="If-None-Match")] = "",
) -> Response:
    """A small JPEG."""
    with context(request).database.session() as session:
        study = own_work(session, person, assignment).item.study_id
    about(request, (study,))
    return thumbnail_of(request, study, image, known, f"{assignment}-{image}")


def _shown(outcome: Outcome) -> EventOutcome:
    return EventOutcome(
        id=outcome.client_id,
        fate=outcome.fate,
        sequence=outcome.sequence,
        problem=None if outcome.error is None else document(outcome.error),  # pyright: ignore[reportArgumentType]
        missing=list(outcome.broken),
    )
