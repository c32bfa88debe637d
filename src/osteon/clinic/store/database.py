"""The database: one engine, sessions, and the way to the newest schema."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.orm import Session

from osteon.clinic.store.migrations import HEAD, SCRIPTS
from osteon.core.errors import StoreError

BUSY: Final = 20.0
"""Seconds to wait for another writer of the same SQLite file."""

_POOL: Final = 20
"""Connections at most: those of requests in the thread pool and of the worker."""


class Database:
    """A database; safe to use from several threads at once.

    Args:
        url: of SQLAlchemy: ``sqlite:////folder/osteon.db`` or ``postgresql+psycopg://user@host/name``.

    Raises:
        StoreError: the URL is none, or of a database that is not supported.
    """

    def __init__(self, url: str) -> None:
        try:
            address = make_url(url)
        except ArgumentError as error:
            raise StoreError("the address of the database cannot be understood", expected=_EXPECTED) from error
        self.kind = address.get_backend_name()
        if self.kind not in ("sqlite", "postgresql"):
            raise StoreError("this kind of database is not supported", expected=_EXPECTED, got=self.kind)
        if address.drivername == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        try:
            self._engine = (
                _sqlite(address.database or "", durable=True) if self.kind == "sqlite" else _postgres(address)
            )
            self._brief = _sqlite(address.database or "", durable=False) if self.kind == "sqlite" else self._engine
        except ModuleNotFoundError as error:
            raise StoreError(
                "PostgreSQL needs a driver", got=f"no module {error.name}", hint="Install osteon[postgres]."
            ) from error

    @contextmanager
    def session(self, *, durable: bool = True) -> Generator[Session]:
        """A session whose work is kept at the end of the block, or undone where the block raises.

        Args:
            durable: whether what is kept must survive a loss of power. What is kept survives the end of the process
                in any case; work that would be done again anyway need not wait for the disk.
        """
        with Session(self._engine if durable else self._brief, expire_on_commit=False) as session, session.begin():
            if not durable and self.kind == "postgresql":
                session.execute(text("SET LOCAL synchronous_commit = off"))
            yield session

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

    def migrate(self) -> None:
        """Bring the schema to the newest version; what is there stays.

        Raises:
            StoreError: it cannot be opened or changed, or was made by a newer Osteon.
        """
        try:
            with self._engine.connect() as connection:
                there = inspect(connection).has_table("alembic_version")
                version = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
            # Alembic takes long to import, and nearly every start finds the schema as it should be.
            if version != HEAD:
                _upgrade(self._engine)
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError("the database cannot be opened", got=type(cause).__name__, hint=_HINT) from error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()
        self._brief.dispose()


_EXPECTED: Final = "sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
_HINT: Final = "Check that the folder can be written to, or that the server runs and lets this user in."


def open_database(url: str) -> Database:
    """Open a database and bring its schema to the newest version.

    Args:
        url: see ``Database``; the folder of a SQLite file must be there.

    Raises:
        StoreError: it cannot be opened, or was made by a newer Osteon.
    """
    database = Database(url)
    try:
        database.migrate()
    except StoreError:
        database.close()
        raise
    return database


def _sqlite(file: str, *, durable: bool) -> Engine:
    # IMMEDIATE: a transaction that writes waits for the other writer when it begins, and never fails in its middle.
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={"timeout": BUSY, "isolation_level": "IMMEDIATE", "check_same_thread": False},
        pool_size=_POOL if durable else 2,
        max_overflow=_POOL,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for setting in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
        ):
            connection.execute(f"PRAGMA {setting}").close()

    del _prepare
    return engine


def _postgres(address: Any) -> Engine:
    return create_engine(address, pool_size=_POOL, max_overflow=_POOL, pool_pre_ping=True)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    settings = Config()
    settings.set_main_option("script_location", SCRIPTS)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                # Two processes that start together: the second waits here, and finds that nothing is left to do.
                connection.execute(text("SELECT pg_advisory_xact_lock(7382916450)"))
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    except CommandError as error:
        raise StoreError(
            "the store has a schema that this version does not know",
            got=str(error)[:200],
            hint="It was made by a newer Osteon: update.",
        ) from error
