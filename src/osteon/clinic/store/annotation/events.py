"""Appending events: each is kept once, numbered in the order of acknowledgement, and changes the state of its assignment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.draft import replay
from osteon.clinic.annotation.payloads import Subject, checked
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import Arm, AssignmentState, ItemState
from osteon.clinic.annotation.records.read import Stage
from osteon.clinic.annotation.rules import Broken, broken
from osteon.clinic.store.annotation import items, proposals, reads, schemas, work
from osteon.clinic.store.annotation.projects import check_open
from osteon.clinic.store.annotation.work import Work
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.base import now
from osteon.core.errors import DataError, OsteonError

BUSY = (AssignmentState.OPEN, AssignmentState.AIDED)
"""States in which a reader may go on."""


class Fate(StrEnum):
    """What became of an event: kept now, kept before, or refused, which it always would be as things are."""

    KEPT = "kept"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as a client sends it; see ``osteon.clinic.annotation.records.event.Event``."""

    client_id: str
    kind: EventKind
    payload: Mapping[str, Any]
    client_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event.

    Attributes:
        client_id: of the event.
        fate: see ``Fate``.
        sequence: its number; None where it was refused.
        error: why it was refused.
        broken: the rules that a ``finish`` would break.
    """

    client_id: str
    fate: Fate
    sequence: int | None = None
    error: OsteonError | None = None
    broken: tuple[Broken, ...] = ()


def append(session: Session, task: Work, sent: Sequence[Sent], *, sees_room: bool) -> list[Outcome]:
    """Append events of the reader to their assignment, in the order in which they are given.

    One that is refused does not hinder those after it. All that is kept is committed together by the caller, who tells the
    client only after that.

    Args:
        session: of the database.
        task: as ``work.own`` gives it, to be changed.
        sent: events.
        sees_room: whether the account may see readings of the model in the reading room.

    Raises:
        ProjectError: the project is closed.
    """
    known = _known(session, task, [event.client_id for event in sent])
    if any(event.client_id not in known for event in sent):
        check_open(task.project)
    outcomes: list[Outcome] = []
    subject: Subject | None = None
    for event in sent:
        if event.client_id in known:
            outcomes.append(Outcome(event.client_id, Fate.KNOWN, known[event.client_id]))
            continue
        subject = subject or subject_of(session, task)
        try:
            payload = _accepted(session, task, event, subject)
            faults = _faults(session, task, subject) if event.kind is EventKind.FINISH else ()
        except OsteonError as error:
            outcomes.append(Outcome(event.client_id, Fate.REFUSED, error=error))
            continue
        if faults:
            error = DataError(
                "the read is not complete",
                expected="answers that keep the rules of the label schema",
                got=f"{len(faults)} that do not",
            )
            outcomes.append(Outcome(event.client_id, Fate.REFUSED, error=error, broken=faults))
            continue
        known[event.client_id] = keep(session, task.assignment, event, payload, task.member.name)
        _advance(session, task, event.kind, subject, sees_room=sees_room)
        outcomes.append(Outcome(event.client_id, Fate.KEPT, known[event.client_id]))
    session.flush()
    return outcomes


def keep(session: Session, assignment: tables.Assignment, event: Sent, payload: Mapping[str, Any], author: str) -> int:
    """Write an event down under the next number."""
    moment = now()
    assignment.sequence += 1
    assignment.begun = assignment.begun or moment
    session.add(
        tables.Event(
            assignment_id=assignment.id,
            sequence=assignment.sequence,
            client_id=event.client_id,
            author=author,
            kind=event.kind,
            payload=dict(payload),
            at=moment,
            client_at=event.client_at,
        )
    )
    return assignment.sequence


def subject_of(session: Session, task: Work) -> Subject:
    """What the events of an assignment are about."""
    schema = schemas.schema_of(session, task.project.id, task.project.schema_version)
    return Subject(schema, items.images(session, [task.item.study_id])[task.item.study_id])


def _accepted(session: Session, task: Work, event: Sent, subject: Subject) -> dict[str, Any]:
    state = AssignmentState(task.assignment.state)
    if event.kind is EventKind.SENT_BACK:
        raise DataError("a reader cannot send a study back", hint="Ask the lead by an event `question`.")
    if state not in BUSY:
        raise DataError(
            f"the study is {state}", expected="one that is not finished", hint="Ask the lead to send it back."
        )
    if task.item.state == ItemState.LOCKED and not task.assignment.repeat_of:
        raise DataError("the study is locked", hint="Its consensus is signed.")
    payload = checked(event.kind, event.payload, subject)
    if event.kind is EventKind.PROPOSAL:
        if not proposals.may_see(task.assignment):
            raise DataError("proposals are not shown yet", expected="the own read to be finished first")
        if payload["number"] not in proposals.of_study(session, task.item.study_id, subject.schema):
            raise DataError("there is no such proposal", got=str(payload["number"]))
    return payload


def _faults(session: Session, task: Work, subject: Subject) -> tuple[Broken, ...]:
    session.flush()
    draft = replay(work.events(session, task.assignment), _shown(session, task, subject))
    positions = [image.position for image in subject.images]
    return broken(subject.schema, draft.said(), tuple(draft.regions.values()), positions)


def _advance(session: Session, task: Work, kind: EventKind, subject: Subject, *, sees_room: bool) -> None:
    """What a kept event changes besides: a read that is finished or skipped is written down."""
    if kind not in (EventKind.FINISH, EventKind.SKIP):
        return
    session.flush()
    assignment = task.assignment
    events = work.events(session, assignment)
    draft = replay(events[:-1], _shown(session, task, subject))
    if kind is EventKind.SKIP:
        draft.skip_reason = str(events[-1].payload["reason"])
    aided = assignment.arm == Arm.WITH_MODEL or assignment.state == AssignmentState.AIDED
    reads.add(session, task, draft, Stage.AIDED if aided else Stage.UNAIDED, events[-1].at, sees_room=sees_room)
    assignment.aided = aided
    if kind is EventKind.SKIP:
        assignment.state = AssignmentState.SKIPPED
    elif assignment.arm == Arm.AFTER_OWN and not aided:
        assignment.state = AssignmentState.AIDED
    else:
        assignment.state = AssignmentState.FINISHED
    assignment.changed = events[-1].at
    session.flush()
    if not assignment.repeat_of:
        reads.compare(session, task.project, task.item)


def _shown(session: Session, task: Work, subject: Subject) -> dict[int, Any]:
    if not proposals.may_see(task.assignment):
        return {}
    return proposals.of_study(session, task.item.study_id, subject.schema)


def _known(session: Session, task: Work, wanted: Sequence[str]) -> dict[str, int]:
    query = select(tables.Event.client_id, tables.Event.sequence).where(
        tables.Event.assignment_id == task.assignment.id, tables.Event.client_id.in_(wanted)
    )
    return {row[0]: row[1] for row in session.execute(query)}
