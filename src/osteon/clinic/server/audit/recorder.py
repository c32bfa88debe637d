"""Writes the audit log without delaying requests.

An entry is appended to a journal beside the database at once, and a thread of its own moves the journal into the database.
Views are combined: an entry stands for everything of its kind in the ten minutes after it.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.store.audit.audit import Entry
from osteon.clinic.store.audit.journal import Journal
from osteon.clinic.store.database import Database
from osteon.core.errors import StoreError

WINDOW: Final = 600.0
"""Seconds for which an entry stands for all views of the same kind, of the same study, by the same person from the same
address."""

PAUSE: Final = 0.5
"""Seconds between two transfers of the journal into the database."""

REMEMBERED: Final = 100_000
"""Views that are remembered; of more the oldest is forgotten, and would be recorded again."""

_log = logging.getLogger("osteon.clinic.audit")


class Recorder:
    """Writes the audit log; safe to use from several threads at once.

    Args:
        database: that the entries end in.
        folder: of the journal.
        clock: seconds.
    """

    def __init__(self, database: Database, folder: Path, clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._journal = Journal(folder)
        self._clock = clock
        self._lock = Lock()
        self._seen: OrderedDict[tuple[str, ...], float] = OrderedDict()
        self._end = Event()
        self._thread: Thread | None = None

    def add(self, *entries: Entry) -> None:
        """Write entries, each of them."""
        self._journal.add(entries)

    def combine(self, entry: Entry, subjects: Sequence[str] = (), covered_by: str = "") -> None:
        """Write an entry, unless one stands for it already.

        Args:
            entry: what happened.
            subjects: ids, where it is about several at once: those that no entry stands for go into its ``detail``.
            covered_by: an action whose entries about the same subject stand for this one, too.
        """
        with self._lock:
            if covered_by and self._covered(replace(entry, action=covered_by), entry.subject):
                return
            if not subjects:
                if self._new(entry, entry.subject):
                    self._journal.add([entry])
                return
            fresh = [subject for subject in subjects if self._new(entry, subject)]
            if len(fresh) == 1:
                self._journal.add([replace(entry, subject=fresh[0])])
            elif fresh:
                self._journal.add([replace(entry, detail=" ".join(fresh))])

    def flush(self) -> bool:
        """Move the journal into the database; returns whether that was possible."""
        try:
            self._journal.take(self._database)
        except (SQLAlchemyError, StoreError, OSError) as error:
            fields = {"error": type(error).__name__}
            _log.error("the journal of the audit log cannot be moved into the database yet", extra={"fields": fields})
            return False
        return True

    def start(self) -> None:
        """Begin to move entries into the database, also those that a killed process left behind."""
        self._end.clear()
        self._thread = Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Move what is left, and end."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.flush()

    def _run(self) -> None:
        self.flush()
        while not self._end.wait(PAUSE):
            if not self._journal.empty and not self.flush():
                self._end.wait(10 * PAUSE)

    def _new(self, entry: Entry, subject: str) -> bool:
        """Whether no entry stands for this; from now on one does."""
        if self._covered(entry, subject):
            return False
        key, moment = _key(entry, subject), self._clock()
        self._seen.pop(key, None)
        self._seen[key] = moment + WINDOW
        while self._seen and (len(self._seen) > REMEMBERED or next(iter(self._seen.values())) <= moment):
            self._seen.popitem(last=False)
        return True

    def _covered(self, entry: Entry, subject: str) -> bool:
        """Whether an entry stands for this."""
        until = self._seen.get(_key(entry, subject))
        return until is not None and self._clock() < until


def _key(entry: Entry, subject: str) -> tuple[str, ...]:
    return entry.person, entry.role, entry.address, entry.action, entry.result, subject
