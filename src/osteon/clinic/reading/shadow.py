"""Shadow reading: candidates read the same bytes on spare time; what they say is stored apart, never shown and never sent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from sqlalchemy import exists, select

from osteon.clinic.reading.budget import Budget
from osteon.clinic.reading.faults import unexpected
from osteon.clinic.reading.priority import SHORT_TURNS
from osteon.clinic.reading.results import Finish
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.kept import open_kept
from osteon.clinic.store.studies.queue import Task
from osteon.clinic.store.studies.readings import dump
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.registry import BundleStage, ShadowReading
from osteon.clinic.store.tables.studies import OPEN, Original, State, Study
from osteon.core.labels import View
from osteon.core.records import Reading
from osteon.imaging.limits import Limits
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study as StudyFiles

_log = logging.getLogger("osteon.clinic.reading.shadow")


class ShadowReader:
    """Reads one study with one candidate at a time.

    Args:
        database: of the store.
        files: of the store.
        limits: how much a file may ask for.
        budget: pixels that may be decoded at once, shared with the worker.
        room: whether the disk has room for what is read.
    """

    def __init__(
        self, database: Database, files: Files, limits: Limits, budget: Budget | None, room: Callable[[], bool]
    ) -> None:
        self._database = database
        self._files = files
        self._limits = limits
        self._budget = budget
        self._room = room
        self._engines: dict[str, InferenceEngine] = {}

    def step(self) -> bool:
        """Read one study, unless something waits for the live bundles; returns whether one was read.

        Raises:
            BundleError: a bundle in shadow cannot be opened.
            SQLAlchemyError: the database does not answer.
        """
        if not self._room():
            return False
        found = self._next()
        if found is None:
            return False
        digest, task = found
        if digest not in self._engines:
            self._engines = {digest: InferenceEngine(open_kept(self._files.folder, digest), threads=1)}
        reading = self._read(self._engines[digest], task)
        with self._database.session(durable=False) as session:
            row = session.get(Study, task.study)
            if row is None:  # removed meanwhile
                return True
            session.merge(
                ShadowReading(
                    study_id=task.study,
                    digest=digest,
                    time=now(),
                    call=None if reading is None else reading.call.value,
                    probability=None if reading is None else reading.probability,
                    content=None if reading is None else _content(reading),
                )
            )
        return True

    def _next(self) -> tuple[str, Task] | None:
        """A bundle in shadow and the newest study that it has not read; None while others wait."""
        with self._database.session() as session:
            candidates = [(row.digest, row.added) for row in registry.of_stage(session, BundleStage.SHADOW)]
            if not candidates or session.scalar(select(Study.id).where(Study.state.in_(OPEN)).limit(1)) is not None:
                return None
            for digest, added in candidates:
                known = exists().where(ShadowReading.study_id == Study.id, ShadowReading.digest == digest)
                study = session.scalar(
                    select(Study.id)
                    .where(Study.state == State.DONE, Study.newer.is_(None), Study.received >= added, ~known)
                    .order_by(Study.received.desc())
                    .limit(1)
                )
                if study is not None:
                    rows = session.scalars(
                        select(Original).where(Original.study_id == study).order_by(Original.position)
                    ).all()
                    views = tuple(None if row.view is None else View(row.view) for row in rows)
                    pixels = sum(row.pixels or 0 for row in rows)
                    return digest, Task(study, tuple(row.digest for row in rows), views, "", pixels)
        return None

    def _read(self, engine: InferenceEngine, task: Task) -> Reading | None:
        paths = tuple(self._files.path(digest) for digest in task.digests)
        turn = nullcontext() if self._budget is None else self._budget.hold(task.pixels, None)
        try:
            with turn, SHORT_TURNS:
                study = StudyFiles(paths, task.views)
                return read_study_files(engine, study, Finish(task, self._files), limits=self._limits).reading
        except unexpected() as error:
            _log.error("study %s could not be read in shadow: %s", task.study, type(error).__name__)
            return None


def _content(reading: Reading) -> dict[str, Any]:
    """All that it said but the heat maps, which are large and are for looking at."""
    return dump(reading) | {"heat_maps": []}
