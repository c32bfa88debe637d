"""The locked test set of a project: written once, never changed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from osteon.clinic.store.annotation.load import find_project
from osteon.clinic.store.tables.annotation import LockedTest
from osteon.core.locked import Lock


def lock_of(session: Session, project: str) -> Lock | None:
    """The locked test set of a project; None where none was locked yet.

    Raises:
        DataError: there is no such project.
    """
    row = session.get(LockedTest, find_project(session, project).id)
    return None if row is None else Lock.model_validate(row.content)


def keep_lock(session: Session, project: str, lock: Lock) -> Lock:
    """Write a locked test set down; one that is there stays, and is given back.

    Raises:
        DataError: there is no such project.
    """
    there = lock_of(session, project)
    if there is not None:
        return there
    row = LockedTest(
        project_id=find_project(session, project).id, created=lock.created, content=lock.model_dump(mode="json")
    )
    session.add(row)
    session.flush()
    return lock
