"""A file in which entries of the audit log wait for the database.

To write a line here takes microseconds and does not wait for the disk or for other writers of the database, and the line
is there whatever happens to the process. ``take`` brings the lines into the database, each once, and removes the file.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from sqlalchemy import delete

from osteon.clinic.store.audit.audit import Entry, write
from osteon.clinic.store.database import Database
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import AuditJournal
from osteon.clinic.store.tables.base import now

_SUFFIX: Final = ".jsonl"

_log = logging.getLogger("osteon.clinic.audit")


class Journal:
    """The journal of a store; safe to use from several threads at once.

    Args:
        folder: of the journal's files; made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = Lock()
        self._taking = Lock()
        self._handle: int | None = None
        self._unwritten: list[Entry] = []

    def add(self, entries: Iterable[Entry]) -> None:
        """Write entries down.

        Where the disk is full they wait in memory; the database may have room on another one.
        """
        with self._writing:
            for entry in entries:
                self._unwritten.append(entry)
            try:
                while self._unwritten:
                    self._write(_line(self._unwritten[0]))
                    self._unwritten.pop(0)
            except OSError as error:
                _log.error("the journal of the audit log cannot be written: %s", error.strerror)

    def take(self, database: Database) -> int:
        """Bring everything into the database; returns how many entries that were.

        Raises:
            SQLAlchemyError: the database does not take them: they stay.
            StoreError: likewise.
            OSError: the folder cannot be read.
        """
        with self._taking:
            with self._writing:
                if self._handle is not None:
                    os.close(self._handle)
                    self._handle = None
                waiting, self._unwritten = self._unwritten, []
            taken = 0
            try:
                for file in self._files():
                    taken += _take(database, file)
                with database.session() as session:
                    write(session, *waiting)
                    taken += len(waiting)
                    waiting = []
            finally:
                with self._writing:
                    self._unwritten[:0] = waiting
            return taken

    @property
    def empty(self) -> bool:
        """Whether nothing was written since everything was taken."""
        return self._handle is None and not self._unwritten

    def _files(self) -> list[Path]:
        """The files that are closed, the oldest first."""
        if not self._folder.is_dir():
            return []
        with self._writing:
            found = sorted(self._folder.glob(f"*{_SUFFIX}"))
            return found if self._handle is None else found[:-1]

    def _write(self, line: bytes) -> None:
        if self._handle is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{time.time_ns():020d}-{secrets.token_hex(4)}{_SUFFIX}"
            self._handle = os.open(self._folder / name, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC, 0o600)
        elif os.fstat(self._handle).st_nlink == 0:  # taken by another process, which thought that this one had ended
            os.close(self._handle)
            self._handle = None
            self._write(line)
            return
        written = os.write(self._handle, line)
        if written != len(line):  # a full disk takes a part: end the line, so that the next one begins anew
            os.write(self._handle, b"\n")
            raise OSError(28, "No space left on device")


def _take(database: Database, file: Path) -> int:
    """Bring one file into the database; a process that ends in between leaves the file, and it is known as taken."""
    entries = [entry for line in file.read_bytes().splitlines() if (entry := _entry(line)) is not None]
    with database.session() as session:
        there = session.get(AuditJournal, file.name) is not None
        if not there:
            session.add(AuditJournal(name=file.name, taken=now()))
            write(session, *entries)
    file.unlink(missing_ok=True)
    with database.session(durable=False) as session:
        deleted(session, delete(AuditJournal).where(AuditJournal.name == file.name))
    return 0 if there else len(entries)


def _line(entry: Entry) -> bytes:
    fields = asdict(entry) | {"time": entry.time.isoformat()}
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _entry(line: bytes) -> Entry | None:
    """The entry of a line; None where the process ended, or the disk was full, in its middle."""
    try:
        fields: dict[str, Any] = json.loads(line)
        moment = datetime.fromisoformat(fields.pop("time"))
        return Entry(**{name: str(value) for name, value in fields.items()}, time=moment)
    except (ValueError, TypeError, KeyError):
        return None
