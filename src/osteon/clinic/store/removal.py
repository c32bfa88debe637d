"""Removing studies: all versions of an examination go together, and those files that no other study has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.studies import OPEN, Original, Study


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed.

    Attributes:
        studies: identifiers of all versions; empty where there was no such study.
        files: how many files went with them.
    """

    studies: tuple[str, ...]
    files: int


def remove(database: Database, files: Files, study: str) -> Removal:
    """Remove an examination, given the identifier of any of its versions, with all that belongs to it.

    Raises:
        StoreError: a file cannot be removed.
    """
    with files.lock:
        with database.session() as session:
            examination = session.scalar(select(Study.examination).where(Study.id == study))
            if examination is None:
                return Removal((), 0)
            rows = session.scalars(select(Study.id).where(Study.examination == examination).order_by(Study.version))
            versions = tuple(rows)
            digests = set(session.scalars(select(Original.digest).where(Original.study_id.in_(versions))))
            session.execute(delete(Study).where(Study.examination == examination))
        with database.session() as session:
            needed = set(session.scalars(select(Original.digest).where(Original.digest.in_(digests))))
        for digest in digests - needed:
            files.remove(digest)
    return Removal(versions, len(digests - needed))


def due(database: Database, before: datetime, limit: int) -> tuple[list[str], int]:
    """Examinations whose newest version was received before a moment, and is read.

    Args:
        database: of the store.
        before: the moment.
        limit: how many to name.

    Returns:
        Identifiers of newest versions, the oldest first, and how many there are in all.
    """
    old = (Study.newer.is_(None), Study.received < before, Study.state.not_in(OPEN))
    with database.session() as session:
        number = session.scalar(select(func.count()).select_from(Study).where(*old)) or 0
        named = session.scalars(select(Study.id).where(*old).order_by(Study.received, Study.id).limit(limit)).all()
    return list(named), number
