"""The claim of one server on its store: a second one would remove files that the first one needs.

Two servers share neither the lock under which it is decided whether a file is still needed nor the leases of studies that
are read. So the folder is locked, a SQLite file that lies elsewhere too, and a PostgreSQL database by an advisory lock.
All end with the process, also where it is killed.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.upkeep.lock import FileLock
from osteon.core.errors import StoreError

PATIENCE: Final = 3.0
"""Seconds in which a process that was killed a moment ago has let go of everything."""

INTERVAL: Final = 5.0
"""Seconds between two questions to the database whether it is still held."""

_STEP: Final = 0.1
_log = logging.getLogger("osteon.clinic.store")


class Claim:
    """The claim on a store.

    Args:
        files: of the store.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._database: Database | None = None
        self._beside: FileLock | None = None
        self._held = False
        self._checking = threading.Lock()
        self._next = 0.0

    @property
    def held(self) -> bool:
        """Whether the store was this process's when that was last checked."""
        return self._held

    def take_folder(self, patience: float = PATIENCE) -> None:
        """Claim the folder; first of all, before anything in it is changed.

        Raises:
            StoreError: another process has it.
        """
        end = time.monotonic() + patience
        while not self._files.hold():
            if time.monotonic() > end:
                raise _in_use("this folder", self._files.owner(), "Choose another folder with --store.")
            time.sleep(_STEP)
        self._held = True

    def take_database(self, database: Database, patience: float = PATIENCE) -> None:
        """Claim the database.

        Raises:
            StoreError: another process has it.
        """
        end = time.monotonic() + patience
        elsewhere = database.file is not None and database.file.parent.resolve() != self._files.folder.resolve()
        beside = FileLock(Path(f"{database.file}.lock")) if elsewhere else None
        while not (database.hold() if beside is None else beside.hold()):
            if time.monotonic() > end:
                owner = "" if beside is None else beside.owner()
                raise _in_use("this database", owner, "Name another database with --database.")
            time.sleep(_STEP)
        self._database, self._beside = database, beside

    def check(self) -> bool:
        """Whether the store is still this process's; a database that was restarted is claimed anew."""
        with self._checking:
            database = self._database
            if database is None or time.monotonic() < self._next:
                return self._held
            self._next = time.monotonic() + INTERVAL
            try:
                held = database.hold()
            except SQLAlchemyError:
                return self._held  # nobody can use a database that does not answer
            if held != self._held:
                _log.warning("the store is %s", "this server's again" if held else "used by another server")
            self._held = held
            return held

    def require(self) -> None:
        """Refuse what changes the store while it is not this process's.

        Raises:
            StoreError: it is not.
        """
        if not self.check():
            raise StoreError("another server uses this store", hint="Stop one of the two servers.")

    def release(self) -> None:
        """Let another server have the store."""
        self._held = False
        if self._beside is not None:
            self._beside.release()
        if self._database is not None:
            self._database.release()
        self._files.release()


def _in_use(location: str, owner: str, hint: str) -> StoreError:
    return StoreError(
        "another server uses this store",
        expected=f"one server for each store: two would lose each other's images from {location}",
        got=f"process {owner} has it" if owner else "another process has it",
        hint=f"Stop that server first. {hint}",
    )
