"""Brings the schema of a database to the newest version, or goes on with a newer one where that may be."""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Engine, delete, insert, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.store.migrations import HEAD, OLDEST, SCRIPTS
from osteon.clinic.store.tables.studies import Fact
from osteon.core.errors import StoreError

_SCHEMA: Final = "schema"
_HINT: Final = "Check that the folder is writable, or that the database server runs and accepts this user."
_log = logging.getLogger("osteon.clinic.store")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest version; what is there stays, also a newer schema that this version can use.

    Raises:
        StoreError: it cannot be opened or changed, or was made by a newer Osteon that added more than old ones know.
    """
    try:
        with engine.connect() as connection:
            there = inspect(connection).has_table("alembic_version")
            version = connection.scalar(text("SELECT version_num FROM alembic_version")) if there else None
        # Alembic takes long to import, and nearly every start finds the schema as it should be.
        if version is not None and version > HEAD and _usable(engine):
            _log.info("a newer version has the schema", extra={"fields": {"schema": version, "own": HEAD}})
        elif version != HEAD:
            _upgrade(engine)
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StoreError("the database cannot be opened", got=type(cause).__name__, hint=_HINT) from error


def _usable(engine: Engine) -> bool:
    """Whether a newer schema is one that servers of this version may use."""
    with engine.connect() as connection:
        content = connection.scalar(select(Fact.content).where(Fact.name == _SCHEMA))
    return content is not None and str(content.get("oldest", "9")) <= HEAD


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
            connection.execute(delete(Fact).where(Fact.name == _SCHEMA))
            connection.execute(insert(Fact), {"name": _SCHEMA, "content": {"oldest": OLDEST}})
    except CommandError as error:
        raise StoreError(
            "the store has an unknown schema version",
            got=str(error)[:200],
            hint="It was made by a newer version of Osteon: update.",
        ) from error
