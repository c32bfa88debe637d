"""Threads that read what is queued, in the server's process or in one of their own (``osteon worker``).

Decoders and ONNX Runtime release the interpreter's lock, so threads of the server's own process are enough.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import nullcontext, suppress
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.events import study_event
from osteon.clinic.hub import Hub
from osteon.clinic.reading.budget import Budget
from osteon.clinic.reading.engines import Engines
from osteon.clinic.reading.faults import unexpected
from osteon.clinic.reading.memory import trim
from osteon.clinic.reading.priority import SHORT_TURNS, lower_priority
from osteon.clinic.reading.results import Finish
from osteon.clinic.reading.waiters import Waiters
from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import dump
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.queue import Task, fail, finish, give_back, take
from osteon.clinic.store.tables.studies import OPEN, State
from osteon.clinic.store.upkeep.sweep import sweep
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError, StoreError
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study as StudyFiles

POLL: Final = 5.0
"""Seconds after which an idle thread looks for studies that other processes queued or left."""

_PAUSE: Final = 1.0
"""Seconds to wait after the store could not be used."""

_log = logging.getLogger("osteon.clinic.reading.worker")


def _always() -> bool:
    return True


class Worker:
    """Reads queued studies until it is stopped.

    Args:
        database: of the store.
        files: of the store.
        engine: of the bundle.
        hub: gets every change.
        jobs: studies read at the same time; 0 leaves reading to other processes.
        limits: how much a file may ask for.
        engines: of further bundles, by their identity.
        budget: pixels that may be decoded at once; None for any number.
        ready: whether there is room to keep what is read, and the store is this process's.
        steady: whether the clock is reliable enough to determine what is old.
        holder: under which studies are leased.
        shared: whether other processes may read, too: each takes what it has the bundle for, and what others left is not this
            one's to clean up.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        engine: InferenceEngine,
        hub: Hub,
        jobs: int = 1,
        *,
        limits: Limits = DEFAULT_LIMITS,
        engines: Engines | None = None,
        budget: Budget | None = None,
        ready: Callable[[], bool] = _always,
        steady: Callable[[], bool] = _always,
        holder: str = "",
        shared: bool = False,
    ) -> None:
        self._database = database
        self._files = files
        self._engine = engine
        self._engines = engines
        self._budget = budget
        self._ready = ready
        self._steady = steady
        self._hub = hub
        self._limits = limits
        self._holder = holder or secrets.token_hex(8)
        self._shared = shared
        self._threads = [
            threading.Thread(target=self._work, name=f"osteon-engine-{number}", daemon=True) for number in range(jobs)
        ]
        self._changed = threading.Condition()
        self._work_there = False
        self._stopping = False
        self._untidy = False
        self._failing = False
        self._orphaned = False
        self.waiters = Waiters(database)
        """Who waits for a study."""
        self._unkept: set[str] = set()
        """Studies that this process holds and whose readings could not be kept: they are read again."""

    @property
    def alive(self) -> bool:
        """Whether all threads run."""
        return not self._stopping and all(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Take up what a killed process left, and begin.

        Raises:
            StoreError: the store cannot be used, or is used by another process.
        """
        if not self._files.hold():
            raise StoreError("another server uses this store", hint="Stop that server first, or choose another store.")
        if not self._shared:
            self._files.clean()
        self._orphaned = self._untidy = not self._shared
        with suppress(SQLAlchemyError):  # where it cannot be written to now, the threads try again
            self._free_unkept()
        self._work_there = True  # what is queued already need not wait until the next look
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float = 30.0) -> None:
        """Let each thread end its study; what is queued stays queued, and what is not read in time is queued again."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self.waiters.close()
        end = monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, end - monotonic()))
        with suppress(SQLAlchemyError):
            give_back(self._database, self._holder)
        self.waiters.tell_all()

    def wake(self) -> None:
        """Say that studies were queued."""
        with self._changed:
            self._work_there = True
            self._changed.notify_all()

    def _work(self) -> None:
        lower_priority()
        while True:
            with self._changed:
                if not self._work_there and not self._stopping:
                    self._changed.wait(POLL)
                if self._stopping:
                    return
                self._work_there = False
            try:
                self._free_unkept()
                read = False
                while not self._stopping and self._ready() and (task := self._take()) is not None:
                    # There may be more: another thread that waits should look, too.
                    self.wake()
                    self._read_kept(task)
                    read = True
                if read:
                    trim()
                self._tidy()
                self._failing = False
            except (SQLAlchemyError, OsteonError, OSError) as error:
                if not self._failing:  # once, and not each second
                    _log.error("the store is not available, retrying: %s", type(error).__name__)
                self._failing = True
                with self._changed:
                    self._work_there = True
                    if not self._stopping:
                        self._changed.wait(_PAUSE)

    def _take(self) -> Task | None:
        bundles = self._engines.identities if self._shared and self._engines is not None else None
        return take(self._database, self._holder, bundles)

    def _read_kept(self, task: Task) -> None:
        """Read a study; where what was read cannot be kept, it is queued again as soon as the store can be used."""
        try:
            self._read(task)
        except (SQLAlchemyError, OsteonError):
            with self._changed:
                self._unkept.add(task.study)
            raise

    def _free_unkept(self) -> None:
        """Queue what a process that ended was reading, and what this one could not keep."""
        if self._orphaned:
            left = give_back(self._database, None, but=self._holder)
            self._orphaned = False
            if left:
                _log.info("queued %d studies of an ended process again", left)
        with self._changed:
            studies = set(self._unkept)
        if studies:
            give_back(self._database, self._holder, studies)
            with self._changed:
                self._unkept -= studies

    def _tidy(self) -> None:
        """Once nothing waits, remove what a killed process left on the disk."""
        with self._changed:
            mine, self._untidy = self._untidy and not self._stopping, False
        if mine and self._steady():  # it goes by the age of files
            removed = sweep(self._database, self._files)
            if removed:
                _log.info("removed %d files without a study", removed)

    def _read(self, task: Task) -> None:
        """Read one study and keep what was read."""
        if not task.digests:  # given up
            self._publish(task, State.FAILED)
            return
        self._publish(task, State.READING)
        engine = self._engine if self._engines is None else self._engines.engine(task.bundle)
        made = Finish(task, self._files)
        paths = tuple(self._files.path(digest) for digest in task.digests)
        turn = nullcontext() if self._budget is None else self._budget.hold(task.pixels, None)
        try:
            with turn, SHORT_TURNS:
                outcome = read_study_files(engine, StudyFiles(paths, task.views), made, limits=self._limits)
        except unexpected() as error:
            _log.error("study %s could not be read: %s", task.study, type(error).__name__, exc_info=error)
            fault = dump(InputError(FaultCode.STUDY_UNREAD, {"error": type(error).__name__}))
            kept = fail(self._database, task, self._holder, fault)
            state = State.FAILED
        else:
            result = made.result(outcome)
            if result is None:
                fault = made.fault(outcome)
                kept = fail(self._database, task, self._holder, fault)
                state = State.FAILED
            else:
                kept = finish(self._database, task, self._holder, result)
                state = State.DONE
        if kept:
            self._publish(task, state)
        self.waiters.tell(task.study)

    def _publish(self, task: Task, state: State) -> None:
        self._hub.publish(study_event(task.study, state))
        if state not in OPEN:
            self.waiters.tell(task.study)
