"""Removing studies: all versions of an examination go together, and those files that no other study has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database, is_full
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive, still_exclusive
from osteon.clinic.store.tables.annotation import Item, Project
from osteon.clinic.store.tables.pacs import Delivery
from osteon.clinic.store.tables.reports import ReaderReport
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

    It works on a full disk, too: there above all.

    Raises:
        StoreError: a file cannot be removed.
    """
    with exclusive(database, files) as turn:
        with database.session() as session:
            examination = session.scalar(select(Study.examination).where(Study.id == study))
            if examination is None:
                return Removal((), 0)
            rows = session.scalars(select(Study.id).where(Study.examination == examination).order_by(Study.version))
            versions = tuple(rows)
            own = _own(session, versions)
        try:
            _delete(database, examination)
        except OperationalError as error:
            if not is_full(error):
                raise
            # Nobody else can need these files: they make room for the deletion to be written down.
            for digest in own:
                files.remove(digest)
            _delete(database, examination)
        for digest in own:
            still_exclusive(database, turn)
            files.remove(digest)
    return Removal(versions, len(own))


def _own(session: Session, versions: Sequence[str]) -> set[str]:
    """The digests of files that these studies have and no other, and of the results of these studies."""
    digests = set(session.scalars(select(Original.digest).where(Original.study_id.in_(versions))))
    others = select(Original.digest).where(Original.digest.in_(digests), Original.study_id.not_in(versions))
    results = select(Delivery.digest).where(Delivery.study_id.in_(versions), Delivery.digest.is_not(None))
    reports = select(ReaderReport.digest).where(ReaderReport.study_id.in_(versions), ReaderReport.digest.is_not(None))
    made = {*session.scalars(results), *session.scalars(reports)}
    return (digests - set(session.scalars(others))) | {str(digest) for digest in made}


def _delete(database: Database, examination: str) -> None:
    """Delete the rows; where the disk is full once more, since the reserve has been given up by then."""
    for last in (False, True):
        try:
            with database.session() as session:
                session.execute(delete(Study).where(Study.examination == examination))
        except OperationalError as error:
            if last or not is_full(error):
                raise
        else:
            return


def due(database: Database, before: datetime, limit: int) -> tuple[list[str], int]:
    """Examinations whose newest version was received before a moment, and is read.

    Those of open annotation projects stay: their reads would go with them.

    Args:
        database: of the store.
        before: the moment.
        limit: how many to name.

    Returns:
        Identifiers of newest versions, the oldest first, and how many there are in all.
    """
    annotated = (
        select(Item.id)
        .join(Project, Project.id == Item.project_id)
        .where(Item.examination == Study.examination, Project.closed.is_(False))
    )
    old = (Study.newer.is_(None), Study.received < before, Study.state.not_in(OPEN), ~annotated.exists())
    with database.session() as session:
        number = session.scalar(select(func.count()).select_from(Study).where(*old)) or 0
        named = session.scalars(select(Study.id).where(*old).order_by(Study.received, Study.id).limit(limit)).all()
    return list(named), number
