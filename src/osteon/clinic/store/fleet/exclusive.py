"""The one place at a time where it is decided which files of a store are needed, among all threads, processes and machines.

A study says that it needs a file; another request removes the last study that needed it. Were both decided at once, a file that
was just acknowledged would be removed. Within a process a lock keeps them apart, and between processes an advisory lock of
PostgreSQL, held by the transaction itself: where its connection is lost, nothing of the transaction is kept.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files

NUMBER: Final = 7382916452
"""Of the advisory lock."""

PATIENCE: Final = 20
"""Seconds to wait for it; then the database counts as busy."""


@contextmanager
def exclusive(database: Database, files: Files) -> Generator[Session]:
    """A transaction during which nobody else decides which files are needed; kept at the end of the block.

    On SQLite nothing is asked before the block does so: work in other transactions may be done within.

    Raises:
        SQLAlchemyError: the database does not answer, or somebody has held the lock for ``PATIENCE``.
    """
    with files.lock, database.session() as session:
        if database.kind == "postgresql":
            session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
            session.execute(text(f"SELECT pg_advisory_xact_lock({NUMBER})"))
            session.execute(text("SET LOCAL lock_timeout = 0"))
        yield session


def still_exclusive(database: Database, session: Session) -> None:
    """Make sure, right before a file is removed, that the lock was not lost with its connection.

    Raises:
        SQLAlchemyError: it was.
    """
    if database.kind == "postgresql":
        session.execute(text("SELECT 1"))
