"""Lists for leads, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import Arm, AssignmentState, ItemState, Order
from osteon.clinic.store.tables.annotation import Assignment, Event, Item, Member
from osteon.clinic.store.tables.studies import Image

DONE = (AssignmentState.FINISHED, AssignmentState.SKIPPED)


@dataclass(frozen=True, slots=True)
class ListedItem:
    """A study with how many images it has, how many read it, and how many of them have finished."""

    item: Item
    images: int
    readers: int
    finished: int


def items(
    session: Session, project: str, state: ItemState | None, limit: int, after: int = 0, *, to_screen: bool = False
) -> tuple[list[ListedItem], int | None, int]:
    """Studies by number.

    Returns:
        Studies, the number after which the next page begins (None at the end), and how many there are.
    """
    conditions = [Item.project_id == project]
    if state is not None:
        conditions.append(Item.state == state)
    if to_screen:
        conditions += [Item.to_screen.is_(True), Item.state == ItemState.INCLUDED]
    total = session.scalar(select(func.count()).select_from(Item).where(*conditions)) or 0
    query = select(Item).where(*conditions, Item.id > after).order_by(Item.id).limit(limit + 1)
    rows = list(session.scalars(query))
    page = rows[:limit]
    counts: dict[int, dict[str, int]] = {}
    grouped = select(Assignment.item_id, Assignment.state, func.count()).where(
        Assignment.item_id.in_([item.id for item in page]),
        Assignment.repeat_of == "",
        Assignment.state != AssignmentState.WITHDRAWN,
    )
    for number, name, count in session.execute(grouped.group_by(Assignment.item_id, Assignment.state)):
        counts.setdefault(number, {})[name] = count
    pictures = select(Image.study_id, func.count()).where(Image.study_id.in_([item.study_id for item in page]))
    images = {row[0]: row[1] for row in session.execute(pictures.group_by(Image.study_id))}
    shown = [
        ListedItem(
            item,
            images.get(item.study_id, 0),
            sum(counts.get(item.id, {}).values()),
            sum(counts.get(item.id, {}).get(name, 0) for name in DONE),
        )
        for item in page
    ]
    return shown, page[-1].id if len(rows) > limit else None, total


def assignments(
    session: Session,
    project: str,
    reader: str,
    state: AssignmentState | None,
    limit: int,
    after: str = "",
    item: int | None = None,
) -> tuple[list[tuple[Assignment, str]], str | None]:
    """Assignments by identifier, each with the name of its reader; and after which one the next page begins."""
    query = select(Assignment, Member.name).join(Member, Member.id == Assignment.member_id)
    query = query.where(Assignment.project_id == project, Assignment.id > after)
    if reader:
        query = query.where(Member.name == reader)
    if state is not None:
        query = query.where(Assignment.state == state)
    if item is not None:
        query = query.where(Assignment.item_id == item)
    rows = [(row[0], row[1]) for row in session.execute(query.order_by(Assignment.id).limit(limit + 1))]
    return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None


def described(row: Assignment, reader: str) -> dict[str, Any]:
    """An assignment as a lead sees it."""
    return {
        "id": row.id,
        "item": row.item_id,
        "reader": reader,
        "state": AssignmentState(row.state),
        "arm": Arm(row.arm),
        "order": Order(row.order),
        "repeat": bool(row.repeat_of),
        "round": row.round,
        "changed": row.changed,
    }


def questions(session: Session, project: str, limit: int = 500) -> list[dict[str, Any]]:
    """The latest question of each assignment that has one, the latest first."""
    latest = (
        select(Event.assignment_id, func.max(Event.sequence).label("sequence"))
        .join(Assignment, Assignment.id == Event.assignment_id)
        .where(Assignment.project_id == project, Event.kind == EventKind.QUESTION)
        .group_by(Event.assignment_id)
        .subquery()
    )
    query = (
        select(Event, Assignment.item_id, Member.name)
        .join(latest, (latest.c.assignment_id == Event.assignment_id) & (latest.c.sequence == Event.sequence))
        .join(Assignment, Assignment.id == Event.assignment_id)
        .join(Member, Member.id == Assignment.member_id)
        .order_by(Event.at.desc())
        .limit(limit)
    )
    return [
        {"assignment": event.assignment_id, "item": item, "reader": name, "text": event.payload["text"], "at": event.at}
        for event, item, name in session.execute(query)
        if event.payload["text"]
    ]
