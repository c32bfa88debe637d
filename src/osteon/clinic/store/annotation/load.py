"""All of a project at once, for agreement, snapshots and exports."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records import project as records
from osteon.clinic.annotation.records.project import Arm, AssignmentState, Order
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.store.annotation import consensus, items, members, projects, reads, schemas
from osteon.clinic.store.tables.annotation import Assignment, Item, Project
from osteon.core.errors import DataError


def find_project(session: Session, name: str) -> Project:
    """A project by its name or identifier.

    Raises:
        DataError: there is none.
    """
    row = session.scalar(select(Project).where(Project.name == name)) or session.get(Project, name)
    if row is None:
        raise DataError("there is no such project", hint="`osteon annotate status` lists them.")
    return row


def project_content(session: Session, project: str) -> ProjectContent:
    """A project with everything in it that was acknowledged by now.

    Raises:
        DataError: there is none.
    """
    row = find_project(session, project)
    rows = session.scalars(select(Item).where(Item.project_id == row.id).order_by(Item.id)).all()
    query = select(Assignment).where(Assignment.project_id == row.id)
    query = query.order_by(Assignment.member_id, Assignment.position, Assignment.id)
    return ProjectContent(
        project=projects.record(session, row),
        schema=schemas.schema_of(session, row.id, row.schema_version),
        members=tuple(members.of_project(session, row.id)),
        items=tuple(items.to_records(session, rows)),
        assignments=tuple(to_assignment(found) for found in session.scalars(query)),
        reads=tuple(reads.of_project(session, row.id)),
        consensus=tuple(consensus.of_project(session, row.id)),
    )


def to_assignment(row: Assignment) -> records.Assignment:
    """An assignment as its record."""
    return records.Assignment(
        id=row.id,
        item=row.item_id,
        reader=row.member_id,
        arm=Arm(row.arm),
        order=Order(row.order),
        position=row.position,
        state=AssignmentState(row.state),
        repeat_of=row.repeat_of,
        round=row.round,
        sequence=row.sequence,
    )
