"""Who reads what, in the database: what is there stays."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from osteon.clinic.annotation.balance import Pair, distribute, queue, repeats
from osteon.clinic.annotation.records.project import AssignmentState, ItemState, MemberRole, Order
from osteon.clinic.store.annotation import items, members
from osteon.clinic.store.annotation.projects import ProjectError, check_open, hold, locked
from osteon.clinic.store.tables.annotation import Assignment, Item, Member, Project
from osteon.clinic.store.tables.base import now


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an assignment made.

    Attributes:
        made: by name of the annotator how many studies are new, repeats among them.
        repeats: how many of them are repeats.
        short: studies that have fewer readers than they need, since nobody else may read them.
        to_screen: studies that were given out although somebody should have looked at them first.
    """

    made: Mapping[str, int]
    repeats: int
    short: int
    to_screen: int


def assign(session: Session, project: Project, only: Collection[str] | None = None) -> Assigned:
    """Give each included study as many annotators as the project wants, with its arm, order and share of repeats.

    Args:
        session: of the database.
        project: with its settings as they are now.
        only: names of the annotators who get studies; None for all.

    Raises:
        ProjectError: the project is closed, or a name is of no annotator.
        DataError: there are too few annotators.
    """
    check_open(project)
    locked(session, project)
    who = {member.id: member.name for member in members.of_project(session, project.id, MemberRole.ANNOTATOR)}
    if only is not None:
        unknown = sorted(set(only) - set(who.values()))
        if unknown:
            raise ProjectError("these are no annotators of the project", got=", ".join(unknown))
        who = {number: name for number, name in who.items() if name in only}
    included = (Item.project_id == project.id, Item.state == ItemState.INCLUDED)
    ranks = {
        row.id: row for row in session.execute(select(Item.id, Item.uncertainty, Item.disagreement).where(*included))
    }
    there, barred, again, firsts, last = _there(session, project)
    per_item = project.readers_per_study
    pairs = distribute(list(ranks), who, per_item, project.seed, there, barred, partly=only is not None)
    own: dict[int, set[int]] = {number: set() for number in who}
    for item, group in there.items():
        for number in group & own.keys():
            own[number].add(item)
    for pair in pairs:
        own[pair.reader].add(pair.item)
        firsts[pair.item, pair.reader] = secrets.token_hex(16)
    more = repeats(own, project.repeat_share, project.seed, again)
    rank = {item: _rank(Order(project.order), row) for item, row in ranks.items()}
    rows: list[dict[str, Any]] = []
    for number in who:
        line = queue([pair for pair in (*pairs, *more) if pair.reader == number], rank, project.seed)
        rows += [_row(project, pair, firsts, last.get(number, 0) + place) for place, pair in enumerate(line)]
    if rows:
        session.execute(insert(Assignment), rows)
    _dispute_again(session, {pair.item for pair in pairs})
    have = Counter({item: len(group) for item, group in there.items()}) + Counter(pair.item for pair in pairs)
    counts = Counter(who[pair.reader] for pair in (*pairs, *more))
    short = sum(have[item] < per_item for item in ranks)
    return Assigned(counts, len(more), short, items.count_to_screen(session, project.id))


def give(session: Session, project: Project, item: Item, name: str) -> Assignment:
    """Give one study to one more annotator, at the end of their queue.

    Raises:
        ProjectError: they are no annotator, have the study already or had it, or the study is locked or screened out.
    """
    check_open(project)
    locked(session, project)
    hold(session, Item, Item.id == item.id)
    session.refresh(item)
    if item.state != ItemState.INCLUDED:
        raise ProjectError(f"the study is {item.state.replace('_', ' ')}", expected="an included study")
    member = next((m for m in members.of_project(session, project.id, MemberRole.ANNOTATOR) if m.name == name), None)
    if member is None or not member.active:
        raise ProjectError("this is no annotator of the project", got=name)
    mine = select(Assignment.id).where(Assignment.item_id == item.id, Assignment.member_id == member.id)
    if session.scalar(mine.limit(1)) is not None:
        raise ProjectError("this annotator has the study already, or had it")
    last = session.scalar(select(func.max(Assignment.position)).where(Assignment.member_id == member.id))
    pair = Pair(item.id, member.id)
    row = Assignment(**_row(project, pair, {(item.id, member.id): secrets.token_hex(16)}, (last or 0) + 1))
    session.add(row)
    _dispute_again(session, {item.id})
    session.flush()
    return row


def withdraw(session: Session, project: Project, assignment: str) -> Assignment | None:
    """Take a study from an annotator who has not finished it; the events that there are stay.

    Raises:
        ProjectError: it is finished, or the project closed.
    """
    check_open(project)
    hold(session, Assignment, Assignment.id == assignment)
    row = session.scalar(select(Assignment).where(Assignment.id == assignment, Assignment.project_id == project.id))
    if row is None:
        return None
    if row.state in (AssignmentState.FINISHED, AssignmentState.SKIPPED, AssignmentState.AIDED):
        raise ProjectError("the study is read", hint="What is read stays; give the study to another annotator besides.")
    row.state, row.changed = AssignmentState.WITHDRAWN, now()
    session.flush()
    return row


def _there(
    session: Session, project: Project
) -> tuple[dict[int, set[int]], dict[int, set[int]], list[Pair], dict[tuple[int, int], str], dict[int, int]]:
    """What is there: readers by study, those it was taken from, repeats, first assignments, ends of queues."""
    there: dict[int, set[int]] = defaultdict(set)
    barred: dict[int, set[int]] = defaultdict(set)
    again: list[Pair] = []
    firsts: dict[tuple[int, int], str] = {}
    last: dict[int, int] = {}
    columns = (Assignment.id, Assignment.item_id, Assignment.member_id, Assignment.repeat_of, Assignment.state)
    query = select(*columns, Assignment.position, Member.active).join(Member, Member.id == Assignment.member_id)
    for row in session.execute(query.where(Assignment.project_id == project.id)):
        last[row.member_id] = max(last.get(row.member_id, 0), row.position + 1)
        if row.repeat_of:
            again.append(Pair(row.item_id, row.member_id, repeat=True))
            continue
        firsts[row.item_id, row.member_id] = row.id
        waits = row.state in (AssignmentState.OPEN, AssignmentState.AIDED)
        if row.state == AssignmentState.WITHDRAWN or (waits and not row.active):
            barred[row.item_id].add(row.member_id)
        else:
            there[row.item_id].add(row.member_id)
    return there, barred, again, firsts, last


def _row(project: Project, pair: Pair, firsts: Mapping[tuple[int, int], str], position: int) -> dict[str, Any]:
    first = firsts[pair.item, pair.reader]
    return {
        "id": secrets.token_hex(16) if pair.repeat else first,
        "project_id": project.id,
        "item_id": pair.item,
        "member_id": pair.reader,
        "repeat_of": first if pair.repeat else "",
        "arm": project.arm,
        "order": project.order,
        "position": position,
        "state": AssignmentState.OPEN,
        "round": 1,
        "aided": False,
        "sequence": 0,
        "changed": now(),
    }


def _rank(order: Order, row: Any) -> float:
    """The lowest comes first; what the model says nothing of comes last."""
    if order is Order.UNCERTAINTY and row.uncertainty is not None:
        return float(row.uncertainty)
    if order is Order.DISAGREEMENT and row.disagreement is not None:
        return -float(row.disagreement)
    return 0.0 if order is Order.RANDOM else 2.0


def _dispute_again(session: Session, changed: Collection[int]) -> None:
    """Studies that get another reader are not ready to be compared any more."""
    numbers = sorted(changed)
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        compared = (Item.id.in_(part), Item.disputed.is_not(None))
        session.execute(update(Item).where(*compared).values(disputed=None))
