"""Snapshots of projects in the store: written once, never changed."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.store.tables.annotation import Snapshot as Row
from osteon.core.snapshot import Snapshot


def keep(session: Session, project: str, snapshot: Snapshot, author: str, name: str = "") -> Row:
    """Write a snapshot down; where the project has the same one already, that one.

    Args:
        session: of the database.
        project: identifier.
        snapshot: to keep.
        author: name of the account.
        name: that it is shown by; by default its time.
    """
    digest = snapshot.digest
    there = session.scalar(select(Row).where(Row.project_id == project, Row.digest == digest))
    if there is not None:
        return there
    row = Row(
        id=secrets.token_hex(16),
        project_id=project,
        name=name or f"{snapshot.created:%Y-%m-%d %H:%M}",
        created=snapshot.created,
        author=author,
        digest=digest,
        content=snapshot.model_dump(mode="json"),
    )
    session.add(row)
    session.flush()
    return row


def of_project(session: Session, project: str) -> list[Row]:
    """Snapshots of a project, the oldest first."""
    return list(session.scalars(select(Row).where(Row.project_id == project).order_by(Row.created, Row.id)))


def find(session: Session, project: str, snapshot: str) -> Row | None:
    """A snapshot of a project by its identifier, or by the beginning of its digest."""
    row = session.get(Row, snapshot)
    if row is not None:
        return row if row.project_id == project else None
    return next((one for one in of_project(session, project) if snapshot and one.digest.startswith(snapshot)), None)


def content_of(row: Row) -> Snapshot:
    """The snapshot itself."""
    return Snapshot.model_validate(row.content)
