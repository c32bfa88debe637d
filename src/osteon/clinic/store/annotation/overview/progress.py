"""How far a project is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.store.annotation import items, members
from osteon.clinic.store.tables.annotation import Assignment, Consensus, Item, Project, Read


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """How far a reader is.

    Attributes:
        member: number of the member.
        name: of the account.
        states: how many assignments, repeats among them, are in each state.
        active_seconds: of all finished reads, with idle time cut off.
        last: when they last finished a read; None where they have none.
    """

    member: int
    name: str
    states: dict[str, int] = field(default_factory=dict[str, int])
    active_seconds: float = 0.0
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a project is.

    Attributes:
        items: how many studies are in each state.
        ready: studies that all readers have finished and nobody has signed.
        disputed: those of them whose readers disagree.
        decided: studies with a consensus, signed or not.
        to_screen: studies that somebody should look at and nobody decided.
        readers: in the order in which they joined.
    """

    items: dict[str, int]
    ready: int
    disputed: int
    decided: int
    to_screen: int
    readers: tuple[ReaderProgress, ...]


def of_reader(session: Session, member: int, name: str) -> ReaderProgress:
    """How far one reader is."""
    query = select(Assignment.state, func.count()).where(Assignment.member_id == member).group_by(Assignment.state)
    states = {row[0]: row[1] for row in session.execute(query)}
    seconds, last = session.execute(
        select(func.sum(Read.seconds), func.max(Read.finished)).where(Read.member_id == member)
    ).one()
    return ReaderProgress(member, name, states, float(seconds or 0.0), last)


def of_project(session: Session, project: Project) -> Progress:
    """How far a project is, with all its readers; for leads."""
    states: dict[int, dict[str, int]] = {}
    counts = select(Assignment.member_id, Assignment.state, func.count()).where(Assignment.project_id == project.id)
    for member, state, number in session.execute(counts.group_by(Assignment.member_id, Assignment.state)):
        states.setdefault(member, {})[state] = number
    sums = select(Read.member_id, func.sum(Read.seconds), func.max(Read.finished)).where(Read.project_id == project.id)
    times = {row[0]: (float(row[1] or 0.0), row[2]) for row in session.execute(sums.group_by(Read.member_id))}
    readers = tuple(
        ReaderProgress(member.id, member.name, states[member.id], *times.get(member.id, (0.0, None)))
        for member in members.of_project(session, project.id)
        if member.id in states
    )
    return Progress(
        items.count(session, project.id),
        session.scalar(_ready(project)) or 0,
        session.scalar(_ready(project).where(Item.disputed > 0)) or 0,
        session.scalar(select(func.count(func.distinct(Consensus.item_id))).where(Consensus.project_id == project.id))
        or 0,
        items.count_to_screen(session, project.id),
        readers,
    )


def _ready(project: Project) -> Select[int]:
    ready = (Item.project_id == project.id, Item.disputed.is_not(None), Item.state == ItemState.INCLUDED)
    return select(func.count()).select_from(Item).where(*ready)
