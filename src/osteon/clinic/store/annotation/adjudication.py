"""Studies that all readers have finished: what they disagree on, and sending one back. For leads and adjudicators."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.disagreement import Disagreement, counted, disagreement
from osteon.clinic.annotation.records import project as records
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import Arm, AssignmentState, ItemState
from osteon.clinic.annotation.records.read import Read
from osteon.clinic.store.annotation import consensus, events, items, reads, schemas
from osteon.clinic.store.annotation.projects import ProjectError, check_open, hold
from osteon.clinic.store.tables.annotation import Assignment, Item, Project
from osteon.clinic.store.tables.base import now


class Wanted(StrEnum):
    """Which studies: those whose readers disagree, agree, any of these, or those that are signed."""

    DISPUTED = "disputed"
    AGREED = "agreed"
    READY = "ready"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Case:
    """A study with what its readers said.

    Attributes:
        item: the study.
        reads: one of each reader, those that count.
        earlier: other reads of the same readers: of earlier rounds, unaided before aided ones, and skipped ones.
        disagreement: between ``reads``.
        consensus: the latest; None where there is none.
    """

    item: records.Item
    reads: tuple[Read, ...]
    earlier: tuple[Read, ...]
    disagreement: Disagreement
    consensus: Consensus | None


def listed(
    session: Session, project: Project, wanted: Wanted, limit: int, after: int = 0
) -> tuple[list[Item], int | None, int]:
    """Studies that all their readers have finished.

    Returns:
        Studies by number, the number after which the next page begins (None at the end), and how many there are.
    """
    conditions = [Item.project_id == project.id, Item.disputed.is_not(None)]
    conditions.append(Item.state == (ItemState.LOCKED if wanted is Wanted.SIGNED else ItemState.INCLUDED))
    if wanted is Wanted.DISPUTED:
        conditions.append(Item.disputed > 0)
    if wanted is Wanted.AGREED:
        conditions.append(Item.disputed == 0)
    total = session.scalar(select(func.count()).select_from(Item).where(*conditions)) or 0
    query = select(Item).where(*conditions, Item.id > after).order_by(Item.id).limit(limit + 1)
    rows = list(session.scalars(query))
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None, total


def case(session: Session, project: Project, item: Item) -> Case:
    """A study with its reads side by side.

    Raises:
        ProjectError: not all readers have finished: whoever decides would see what others still read blindly.
    """
    if item.disputed is None:
        raise ProjectError(
            "not all readers of the study have finished", hint="Wait, or withdraw those who do not read."
        )
    (record,) = items.to_records(session, [item])
    every = [read for read in reads.of_item(session, item.id) if not read.repeat_of]
    chosen = counted(every)
    numbers = {read.id for read in chosen}
    schema = schemas.schema_of(session, project.id, project.schema_version)
    found = disagreement(schema, chosen, [image.position for image in record.images], project.box_iou)
    earlier = tuple(read for read in every if read.id not in numbers)
    return Case(record, tuple(chosen), earlier, found, consensus.latest(session, item.id))


def send_back(
    session: Session, project: Project, item: Item, chosen: Collection[int], reason: str, author: str
) -> list[str]:
    """Have readers read a study again, with a reason; all that they said before is kept.

    Args:
        session: of the database.
        project: of the study.
        item: the study.
        chosen: numbers of reads whose readers are asked.
        reason: that those readers see. It must not tell what others said.
        author: name of the account.

    Returns:
        The assignments that are open again.

    Raises:
        ProjectError: the study is locked, or a number is not of a read that counts.
    """
    check_open(project)
    if item.state != ItemState.INCLUDED:
        raise ProjectError(f"the study is {item.state.replace('_', ' ')}", expected="an included study")
    by_number = {read.id: read for read in reads.of_item(session, item.id) if not read.repeat_of}
    unknown = sorted(set(chosen) - by_number.keys())
    if unknown or not chosen:
        raise ProjectError("these are no reads of the study", got=", ".join(map(str, unknown)) or "none")
    wanted = sorted({by_number[number].assignment for number in chosen})
    for name in wanted:
        hold(session, Assignment, Assignment.id == name)
    hold(session, Item, Item.id == item.id)
    session.refresh(item)
    if item.state != ItemState.INCLUDED:
        raise ProjectError("the study is locked", hint="Its consensus is signed.")
    rows: Sequence[Assignment] = session.scalars(
        select(Assignment).where(Assignment.id.in_(wanted)).execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.state in events.BUSY:
            continue
        sent = events.Sent(str(uuid.uuid4()), EventKind.SENT_BACK, {"reason": reason})
        events.keep(session, row, sent, sent.payload, author)
        again = row.arm == Arm.AFTER_OWN and row.aided
        row.state = AssignmentState.AIDED if again else AssignmentState.OPEN
        row.round, row.changed = row.round + 1, now()
    item.disputed = None
    session.flush()
    return wanted
