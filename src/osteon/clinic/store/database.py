"""The database: engine, sessions, migration to the newest schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from osteon.clinic.store.connect import POOL, postgres_engine, sqlite_engine
from osteon.clinic.store.migrate import migrate
from osteon.core.errors import StoreError

CLAIM: Final = 7382916451
"""The number of the advisory lock of who uses a PostgreSQL database: of one alone, or of all that share it."""


class Database:
    """A database; safe to use from several threads at once.

    Args:
        url: of SQLAlchemy: ``sqlite:////folder/osteon.db`` or ``postgresql+psycopg://user@host/name``.
        pool: connections to PostgreSQL that are kept.

    Raises:
        StoreError: the URL is none, or of a database that is not supported.
    """

    def __init__(self, url: str, pool: int = POOL) -> None:
        try:
            address = make_url(url)
        except ArgumentError as error:
            raise StoreError("the address of the database is not valid", expected=_EXPECTED) from error
        self.kind = address.get_backend_name()
        self.on_full: Callable[[], None] = _nothing
        """Called where the disk of the database is full, before that is raised."""
        self._claim: Connection | None = None
        if self.kind not in ("sqlite", "postgresql"):
            raise StoreError("this kind of database is not supported", expected=_EXPECTED, got=self.kind)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        self.file = Path(address.database or "") if self.kind == "sqlite" else None
        """The file of a SQLite database."""
        try:
            self._engine = (
                sqlite_engine(address.database or "", durable=True)
                if self.kind == "sqlite"
                else postgres_engine(address, pool)
            )
            self._brief = (
                sqlite_engine(address.database or "", durable=False) if self.kind == "sqlite" else self._engine
            )
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs a driver", got=f"no module {error.name}", hint="Install osteon[postgres]."
            ) from error

    @property
    def engine(self) -> Engine:
        """Of what must survive a loss of power."""
        return self._engine

    @contextmanager
    def session(self, *, durable: bool = True) -> Generator[Session]:
        """A session whose work is kept at the end of the block, or undone where the block raises.

        Args:
            durable: whether what is kept must survive a loss of power. What is kept survives the end of the process
                in any case; work that would be done again anyway need not wait for the disk.
        """
        try:
            with Session(self._engine if durable else self._brief, expire_on_commit=False) as session, session.begin():
                if not durable and self.kind == "postgresql":
                    session.execute(text("SET LOCAL synchronous_commit = off"))
                yield session
        except OperationalError as error:
            if is_full(error):
                self.on_full()
            raise

    def hold(self, *, shared: bool = False) -> bool:
        """Whether no other server uses this database; of SQLite the lock of its folder tells.

        Args:
            shared: whether others may that share it, too.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        if self.kind == "sqlite":
            return True
        if self._claim is not None:
            try:
                self._claim.execute(text("SELECT 1"))
                return True
            except SQLAlchemyError:  # the database was restarted: what it held is gone
                self.release()
        claim = self.apart()
        if not claim.scalar(text(f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}({CLAIM})")):
            claim.close()
            return False
        self._claim = claim
        return True

    def share(self) -> None:
        """Let others that share it use this database, too, where it was held alone.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        if self._claim is not None:
            self._claim.execute(text(f"SELECT pg_advisory_lock_shared({CLAIM})"))
            self._claim.execute(text(f"SELECT pg_advisory_unlock({CLAIM})"))

    def apart(self) -> Connection:
        """A connection of its own, outside the pool and without transactions; for who keeps it open.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        return connection

    def release(self) -> None:
        """Let another server use this database."""
        claim, self._claim = self._claim, None
        if claim is not None:
            with suppress(SQLAlchemyError):
                claim.close()

    def check(self) -> None:
        """Ask the database whether it answers.

        Raises:
            StoreError: it does not.
        """
        try:
            with self._engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise StoreError("the database does not answer", got=type(error).__name__) from error

    def check_writable(self) -> None:
        """Ask whether something could be written now: on SQLite whether another program holds the database for long.

        Raises:
            StoreError: it does not answer, or is held.
        """
        self.check()
        if self.file is None:
            return
        try:
            with closing(sqlite3.connect(self.file, timeout=1.0, isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StoreError("the database is locked", got=type(error).__name__) from error

    def close(self) -> None:
        """Close all connections."""
        self.release()
        self._engine.dispose()
        self._brief.dispose()


def is_full(error: SQLAlchemyError) -> bool:
    """Whether an error says that the disk of the database is full."""
    message = str(getattr(error, "orig", None) or error).lower()
    return "is full" in message or "no space left" in message or "disk quota" in message


def is_transient(error: SQLAlchemyError) -> bool:
    """Whether an error says that the database cannot be used now: locked, full, down or busy, and later perhaps can."""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError))


def is_gone(error: SQLAlchemyError) -> bool:
    """Whether an error says that a row was deleted by another one after it was found: it, or the row that it belongs to."""
    if isinstance(error, StaleDataError):
        return True
    return isinstance(error, IntegrityError) and _constraint(error) in {"SQLITE_CONSTRAINT_FOREIGNKEY", "23503"}


def is_taken(error: IntegrityError) -> bool:
    """Whether an error says that another row has the same unique value, which it had not when that was looked for."""
    return _constraint(error) in {"SQLITE_CONSTRAINT_UNIQUE", "23505"}


def _constraint(error: IntegrityError) -> str:
    """The kind of constraint that a statement would have broken, as SQLite names it or by PostgreSQL's SQLSTATE."""
    cause = error.orig
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")


def _nothing() -> None:
    """What is called where nobody asked to be."""


_EXPECTED: Final = "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


def open_database(url: str, pool: int = POOL) -> Database:
    """Open a database and bring its schema to the newest version.

    Args:
        url: see ``Database``; the folder of a SQLite file must be there.
        pool: likewise.

    Raises:
        StoreError: it cannot be opened, or was made by a newer Osteon.
    """
    database = Database(url, pool)
    try:
        migrate(database.engine)
    except StoreError:
        database.close()
        raise
    return database
