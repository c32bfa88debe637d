"""Fetches studies for the reading room, one request after the other; what a killed process left is taken up again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.background import FAULTS, Background
from osteon.clinic.dicom.retrieve.opening import archive_settings, open_archive
from osteon.clinic.dicom.retrieve.pull import Outcome, find, missing, pull
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.retrieve.sink import Sink
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import dump
from osteon.clinic.store.pacs import pulls
from osteon.clinic.store.tables.retrieve import Pull
from osteon.core.errors import OsteonError, PeerError

POLL: Final = 5.0
"""Seconds after which it is looked for requests that another server took."""

PAUSE: Final = 2.0
"""Seconds until what could not be begun is tried again."""


_log = logging.getLogger("osteon.clinic.dicom")


class Puller(Background):
    """Fetches what is asked for; safe to use from several threads at once.

    Args:
        settings: of the node.
        database: of the store.
        make_sink: of a sender; takes the images.
        listening: whether the node's port is open, which C-MOVE sends to.
    """

    def __init__(
        self, settings: Dicom, database: Database, make_sink: Callable[[str], Sink], listening: Callable[[], bool]
    ) -> None:
        super().__init__("osteon-dicom-puller")
        self._settings = settings
        self._database = database
        self._make_sink = make_sink
        self._listening = listening
        self._progress: dict[str, tuple[int, int]] = {}

    def start(self) -> None:
        """Begin, with what a process before this one left."""
        self.wake()
        super().start()

    def progress(self, request: str) -> tuple[int, int]:
        """Of the study that is fetched now for a request: images that are here, and all."""
        return self._progress.get(request, (0, 0))

    def _work(self) -> None:
        while not self._stopping:
            self._wake.wait(POLL)
            self._wake.clear()
            try:
                while not self._stopping:
                    with self._database.session() as session:
                        request = pulls.begin(session)
                    if request is None:
                        break
                    self._run(request)
            except SQLAlchemyError as error:
                _log.warning("studies cannot be fetched now", extra={"fields": {"error": type(error).__name__}})
                threading.Timer(PAUSE, self._wake.set).start()

    def _run(self, request: Pull) -> None:
        problem: OsteonError | None = None
        try:
            self._fetch(request)
        except OsteonError as error:
            problem = error
        except FAULTS as error:
            _log.error("studies cannot be fetched: %s", type(error).__name__, exc_info=error)
            problem = PeerError("what the archive answers cannot be understood", got=type(error).__name__)
        finally:
            self._progress.pop(request.id, None)
        if self._stopping:
            return
        if problem is not None:
            fields = {"archive": request.archive, "reason": problem.problem}
            _log.warning("studies could not be fetched", extra={"fields": fields})
        with self._database.session() as session:
            pulls.finish(session, request.id, None if problem is None else dump(problem))

    def _fetch(self, request: Pull) -> None:
        """Fetch what a request asks for; raises where nothing of it can be had."""
        chosen = archive_settings(self._settings, request.archive)
        if chosen.peer and chosen.way == "move" and not self._listening():
            raise OsteonError("C-MOVE sends to this node, which does not listen", hint="Set port of [dicom].")
        archive = open_archive(self._settings, chosen)
        given = request.query
        query = Query(
            tuple(given["studies"]), given["patient"], given["accession"], given["dates"], tuple(given["modalities"])
        )
        studies = find(archive, query, int(given["limit"]))
        absent = missing(query, studies)
        with self._database.session() as session:
            pulls.count(session, request.id, len(studies) + len(absent))
        sink = self._make_sink(chosen.peer or f"archive:{request.archive}")

        def told(here: int, total: int) -> None:
            self._progress[request.id] = (here, total)

        for outcome in absent:
            self._advance(request, outcome)
        for outcome in pull(archive, sink, studies, told):
            if self._stopping or not self._advance(request, outcome):
                break

    def _advance(self, request: Pull, outcome: Outcome) -> bool:
        failure = None if outcome.error is None else dump(outcome.error)
        counts = {"fetched": outcome.fetched, "known": outcome.known, "left": outcome.left}
        with self._database.session() as session:
            return pulls.advance(session, request.id, counts, failure, outcome.study)
