"""Imported annotations become events of a reader's open assignments, who goes on from them and finishes."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.exchange.incoming import ImportPlan, Payload
from osteon.clinic.annotation.payloads import checked
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import AssignmentState, ItemState
from osteon.clinic.store.annotation import assigning, events
from osteon.clinic.store.annotation.events import BUSY, Sent
from osteon.clinic.store.annotation.projects import check_open
from osteon.clinic.store.annotation.work import Work
from osteon.clinic.store.tables import annotation as tables
from osteon.core.errors import DataError

_NAMESPACE: Final = uuid.UUID("6f7f0c0e-55a7-4d0c-9a51-7a2c2d1b6b5e")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import.

    Attributes:
        studies: that got annotations.
        kept: events that were written.
        known: events that an earlier import of the same had written.
        refused: events that the label schema does not allow.
        busy: studies that the reader has begun or finished, and that stay as they are.
    """

    studies: int
    kept: int
    known: int
    refused: int
    busy: int


def import_plan(session: Session, project: tables.Project, plan: ImportPlan, reader: str) -> Imported:
    """Write imported annotations into a reader's queue; studies that they do not have yet are assigned to them.

    What a reader has begun by themselves, or from another import, is left alone; the same content is not imported twice.

    Args:
        session: of the database.
        project: that they belong to.
        plan: what is imported.
        reader: name of an annotator of the project.

    Raises:
        DataError: the project has no such annotator.
        ProjectError: the project is closed.
    """
    check_open(project)
    wanted = tables.Member.project_id == project.id, tables.Member.name == reader, tables.Member.active.is_(True)
    member = session.scalar(select(tables.Member).where(*wanted))
    if member is None:
        raise DataError("the project has no such reader", hint="Make the account an annotator of it first.")
    studies = kept = known = refused = busy = 0
    for number, payloads in plan.events.items():
        item = session.get(tables.Item, number)
        if item is None or item.state != ItemState.INCLUDED:
            continue
        assignment = _assignment(session, project, item, member)
        marks = [_mark(number, place, payload) for place, payload in enumerate(payloads)]
        own = tables.Event.assignment_id == assignment.id
        there = set(session.scalars(select(tables.Event.client_id).where(own)))
        if AssignmentState(assignment.state) not in BUSY or there - set(marks):
            busy += 1
            continue
        done = _append(session, Work(assignment, item, member, project), payloads, marks, there)
        studies += 1
        kept, known, refused = kept + done[0], known + done[1], refused + done[2]
    session.flush()
    return Imported(studies, kept, known, refused, busy)


def _mark(item: int, place: int, payload: Payload) -> str:
    """The identifier of an event, which follows from what it says."""
    kind, said = payload
    return str(uuid.uuid5(_NAMESPACE, f"{item}:{place}:{kind}:{json.dumps(said, sort_keys=True)}"))


def _assignment(
    session: Session, project: tables.Project, item: tables.Item, member: tables.Member
) -> tables.Assignment:
    own = (
        tables.Assignment.item_id == item.id,
        tables.Assignment.member_id == member.id,
        tables.Assignment.repeat_of == "",
        tables.Assignment.state != AssignmentState.WITHDRAWN,
    )
    there = session.scalar(select(tables.Assignment).where(*own).with_for_update())
    return there if there is not None else assigning.give(session, project, item, member.name)


def _append(
    session: Session, task: Work, payloads: tuple[Payload, ...], marks: list[str], there: set[str]
) -> tuple[int, int, int]:
    """Number of events that were kept, known and refused."""
    subject = events.subject_of(session, task)
    kept = known = refused = 0
    for (kind, payload), mark in zip(payloads, marks, strict=True):
        if mark in there:
            known += 1
            continue
        said = {key: value for key, value in payload.items() if key != "provenance"}
        try:
            accepted = checked(kind, said, subject)
        except DataError:
            refused += 1
            continue
        if kind is EventKind.REGION:
            accepted["provenance"] = payload["provenance"]
        events.keep(session, task.assignment, Sent(mark, kind, accepted), accepted, f"import for {task.member.name}")
        kept += 1
    return kept, known, refused
