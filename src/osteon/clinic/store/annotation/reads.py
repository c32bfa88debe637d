"""Finished reads: written down once, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation import codec
from osteon.clinic.annotation.disagreement import counted, disagreement
from osteon.clinic.annotation.draft import Draft
from osteon.clinic.annotation.records.project import Arm, AssignmentState
from osteon.clinic.annotation.records.read import Read, Stage
from osteon.clinic.store.annotation import schemas
from osteon.clinic.store.annotation.projects import hold
from osteon.clinic.store.annotation.work import Work
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.annotation import Assignment, Item, Member, Project
from osteon.clinic.store.tables.studies import Image, Study


def add(session: Session, task: Work, draft: Draft, stage: Stage, finished: datetime, *, sees_room: bool) -> Read:
    """Write down what a reader has finished or skipped; of a skipped study nothing is said."""
    assignment, skipped = task.assignment, bool(draft.skip_reason)
    study = session.get(Study, task.item.study_id)
    model = study.bundle if study is not None and stage is Stage.AIDED else ""
    return keep(
        session,
        task.project.id,
        Read(
            id=0,
            assignment=assignment.id,
            item=task.item.id,
            reader=task.member.id,
            reader_name=task.member.name,
            round=assignment.round,
            stage=stage,
            arm=Arm(assignment.arm),
            repeat_of=assignment.repeat_of,
            schema_version=task.project.schema_version,
            answers=() if skipped else draft.said(),
            regions=() if skipped else tuple(draft.regions.values()),
            active_seconds=round(draft.active_seconds, 3),
            started=draft.started or finished,
            finished=finished,
            rejected=tuple(sorted(draft.rejected)),
            skip_reason=draft.skip_reason,
            question=draft.question,
            sees_room=sees_room,
            sequence=assignment.sequence,
            model=model,
        ),
    )


def keep(session: Session, project: str, read: Read) -> Read:
    """Write a read down; the answer has its number."""
    row = tables.Read(
        project_id=project,
        assignment_id=read.assignment,
        item_id=read.item,
        member_id=read.reader,
        round=read.round,
        stage=read.stage,
        skipped=bool(read.skip_reason),
        seconds=read.active_seconds,
        finished=read.finished,
        content=codec.dump(read),
    )
    session.add(row)
    session.flush()
    return replace(read, id=row.id)


def of_project(session: Session, project: str, after: int = 0, limit: int | None = None) -> list[Read]:
    """Reads of a project in the order in which they were finished, from a number on; for leads."""
    query = (
        select(tables.Read).where(tables.Read.project_id == project, tables.Read.id > after).order_by(tables.Read.id)
    )
    return [to_read(row) for row in session.scalars(query if limit is None else query.limit(limit))]


def of_item(session: Session, item: int) -> list[Read]:
    """All reads of a study, repeats too; for leads and adjudicators."""
    query = select(tables.Read).where(tables.Read.item_id == item).order_by(tables.Read.id)
    return [to_read(row) for row in session.scalars(query)]


def to_read(row: tables.Read) -> Read:
    """A read as its record."""
    return replace(codec.restore(Read, row.content), id=row.id)


def waiting(session: Session, item: Item) -> bool:
    """Whether a reader of a study has not finished; repeats, and readers who have left, are not waited for."""
    query = (
        select(Assignment.id)
        .join(Member, Member.id == Assignment.member_id)
        .where(
            Assignment.item_id == item.id,
            Assignment.repeat_of == "",
            Assignment.state.in_((AssignmentState.OPEN, AssignmentState.AIDED)),
            Member.active.is_(True),
            Member.user_id.is_not(None),
        )
    )
    return session.scalar(query.limit(1)) is not None


def compare(session: Session, project: Project, item: Item) -> None:
    """Note how many things the readers of a study disagree on, once all of them have finished."""
    session.flush()
    hold(session, Item, Item.id == item.id)  # two may finish at the same time
    if waiting(session, item):
        item.disputed = None
        return
    said = counted(of_item(session, item.id))
    if not said:
        item.disputed = None
        return
    schema = schemas.schema_of(session, project.id, project.schema_version)
    positions: Sequence[int] = session.scalars(
        select(Image.position).where(Image.study_id == item.study_id).order_by(Image.position)
    ).all()
    found = disagreement(schema, said, positions, project.box_iou)
    item.disputed = len(found.labels) + len(found.regions)
