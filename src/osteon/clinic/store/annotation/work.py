"""The own work of an annotator. Every query here names the account that asks: nobody else's work can come out of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.event import Event, EventKind
from osteon.clinic.annotation.records.project import AssignmentState, ItemState, MemberRole
from osteon.clinic.store.annotation.projects import hold
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.annotation import Assignment, Item, Member, Project


@dataclass(frozen=True, slots=True)
class Work:
    """An assignment with what it belongs to."""

    assignment: Assignment
    item: Item
    member: Member
    project: Project


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a queue.

    Attributes:
        rows: in the order of the queue.
        following: position after which the next page begins; None at the end.
        total: how many there are.
    """

    rows: tuple[Assignment, ...]
    following: int | None
    total: int


def own(session: Session, user: int | None, assignment: str, *, changing: bool = False) -> Work | None:
    """An assignment of an account; None where there is none, it is somebody else's, or was withdrawn.

    Args:
        session: of the database.
        user: number of the account; None for those who have none.
        assignment: identifier.
        changing: whether it will be changed: then others who change it wait until the end of the transaction.
    """
    if user is None:
        return None
    if changing:
        hold(session, Assignment, Assignment.id == assignment)
    query = (
        select(Assignment, Item, Member, Project)
        .join(Item, Item.id == Assignment.item_id)
        .join(Member, Member.id == Assignment.member_id)
        .join(Project, Project.id == Assignment.project_id)
        .where(
            Assignment.id == assignment,
            Assignment.state != AssignmentState.WITHDRAWN,
            Item.state != ItemState.SCREENED_OUT,
            Member.user_id == user,
            Member.active.is_(True),
            Member.role == MemberRole.ANNOTATOR,
        )
    )
    found = session.execute(query).first()
    return None if found is None else Work(found[0], found[1], found[2], found[3])


def queue(
    session: Session, member: Member, states: Collection[AssignmentState], limit: int, after: int | None = None
) -> Page:
    """A part of the queue of an annotator.

    Args:
        session: of the database.
        member: whose queue it is.
        states: that are wanted; empty for all but withdrawn ones.
        limit: how many at most.
        after: position after which to begin.
    """
    wanted = states or (
        AssignmentState.OPEN,
        AssignmentState.AIDED,
        AssignmentState.FINISHED,
        AssignmentState.SKIPPED,
    )
    mine = _mine(member, wanted)
    total = session.scalar(select(func.count()).select_from(Assignment).where(*mine)) or 0
    query = select(Assignment).where(*mine).order_by(Assignment.position).limit(limit + 1)
    if after is not None:
        query = query.where(Assignment.position > after)
    rows = session.scalars(query).all()
    more = len(rows) > limit
    return Page(tuple(rows[:limit]), rows[limit - 1].position if more else None, total)


def following(session: Session, task: Work) -> str | None:
    """The next assignment in the queue of the same annotator that is not finished."""
    mine = _mine(task.member, (AssignmentState.OPEN, AssignmentState.AIDED))
    query = select(Assignment.id).where(*mine, Assignment.position > task.assignment.position)
    return session.scalar(query.order_by(Assignment.position).limit(1))


def events(session: Session, assignment: Assignment, after: int = 0) -> list[Event]:
    """Events of an assignment that the caller may see, from a number on."""
    query = select(tables.Event).where(tables.Event.assignment_id == assignment.id, tables.Event.sequence > after)
    return [to_event(row) for row in session.scalars(query.order_by(tables.Event.sequence))]


def to_event(row: tables.Event) -> Event:
    """An event as its record."""
    return Event(
        row.assignment_id,
        row.sequence,
        row.client_id,
        row.author,
        EventKind(row.kind),
        row.payload,
        row.at,
        row.client_at,
    )


def _mine(member: Member, states: Collection[AssignmentState]) -> tuple[ColumnElement[bool], ...]:
    shown = select(Item.id).where(Item.id == Assignment.item_id, Item.state != ItemState.SCREENED_OUT)
    return Assignment.member_id == member.id, Assignment.state.in_(states), shown.exists()
