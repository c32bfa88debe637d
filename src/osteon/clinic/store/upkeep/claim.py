"""The claim on a store: of one process with SQLite, of all that share it with PostgreSQL.

With SQLite two servers would share neither the lock under which it is decided whether a file is still needed nor the leases of
studies that are read, and a second one would remove files that the first one needs. So the folder is locked, and a SQLite file
that lies elsewhere too. PostgreSQL keeps both for all who use it: they hold the folder and the database together, by locks that
let nobody in who wants them alone, as a server with SQLite does, or one of a version that knew no others. All locks end with the
process, also where it is killed.
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
from osteon.clinic.store.tables.studies import Fact
from osteon.clinic.store.upkeep.lock import FileLock
from osteon.core.errors import StoreError

PATIENCE: Final = 3.0
"""Seconds in which a process that was killed a moment ago has let go of everything."""

INTERVAL: Final = 5.0
"""Seconds between two questions to the database whether it is still held."""

JOIN: Final = 30.0
"""Seconds that the first of several processes may take until it lets the others in: it may have to change old data."""

_STEP: Final = 0.1
_FOLDER: Final = "folder"
_log = logging.getLogger("osteon.clinic.store")


class Claim:
    """The claim on a store.

    Args:
        files: of the store.
        shared: whether others may have the store, too.

    Attributes:
        alone: whether nobody else had it when it was claimed; nobody can then come before ``settle``.
    """

    def __init__(self, files: Files, *, shared: bool = False) -> None:
        self._files = files
        self._shared = shared
        self.alone = False
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
        while not self._files.hold(shared=self._shared):
            if time.monotonic() > end:
                raise _in_use("this folder", self._files.owner(), "Choose another folder with --store.")
            time.sleep(_STEP)
        self._held = True

    def take_database(self, database: Database, patience: float = PATIENCE) -> None:
        """Claim the database.

        Raises:
            StoreError: another process has it.
        """
        if self._shared:
            self._join(database)
            return
        self.alone = True
        end = time.monotonic() + patience
        elsewhere = database.file is not None and database.file.parent.resolve() != self._files.folder.resolve()
        beside = FileLock(Path(f"{database.file}.lock")) if elsewhere else None
        while not (database.hold() if beside is None else beside.hold()):
            if time.monotonic() > end:
                owner = "" if beside is None else beside.owner()
                raise _in_use("this database", owner, "Name another database with --database.")
            time.sleep(_STEP)
        self._database, self._beside = database, beside

    def _join(self, database: Database) -> None:
        """Hold the database together with others; as the first one alone, until all is as it should be."""
        end = time.monotonic() + JOIN
        while True:
            self.alone = database.hold()
            if self.alone or database.hold(shared=True):
                break
            if time.monotonic() > end:
                raise _in_use("this database", "", "Name another database with --database.")
            time.sleep(_STEP)
        self._database = database
        mine = self._files.derived("folder").hex()
        with database.session() as session:
            fact = session.get(Fact, _FOLDER)
            if self.alone:
                session.merge(Fact(name=_FOLDER, content={"id": mine}))
            elif fact is not None and fact.content["id"] != mine:
                raise StoreError(
                    "the servers of this database have another folder",
                    expected="one folder of files for all servers and workers of a database, such as a shared volume",
                    hint="Name that folder with --store (of a worker: --data).",
                )

    def settle(self) -> None:
        """Let others that share the store in, where it was claimed alone.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        if self._shared and self.alone and self._database is not None:
            self._database.share()

    def check(self) -> bool:
        """Whether the store is still this process's; a database that was restarted is claimed anew."""
        with self._checking:
            database = self._database
            if database is None or time.monotonic() < self._next:
                return self._held
            self._next = time.monotonic() + INTERVAL
            try:
                held = database.hold(shared=self._shared)
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
