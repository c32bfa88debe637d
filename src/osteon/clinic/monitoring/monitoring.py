"""The watch of a running server: what it found last, for the page, the API and Prometheus."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from osteon.bundle.archive import Bundle
from osteon.clinic.monitoring.collect import Collector
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.base import now
from osteon.monitoring.baseline import BASELINE, learn
from osteon.monitoring.report.content import report
from osteon.monitoring.watch import Watch, watch


@dataclass(frozen=True, slots=True)
class Latest:
    """What was found last.

    Attributes:
        time: when; None before the first look.
        studies: that the live bundle read.
        watch: None while the first studies are still being learnt.
        content: the same as codes and values, see ``osteon.monitoring.report.content``; None likewise.
    """

    time: datetime | None = None
    studies: int = 0
    watch: Watch | None = None
    content: dict[str, Any] | None = None


class Monitoring:
    """Compares what the live bundle reads with the first ``BASELINE`` studies that it read here.

    Args:
        database: of the store.
        files: of the store.
        engines: whose first bundle is watched.
    """

    def __init__(self, database: Database, files: Files, engines: Engines) -> None:
        self._collector = Collector(database, files)
        self._engines = engines
        self._lock = threading.Lock()
        self.latest = Latest()

    def stop(self) -> None:
        """Give up a look, since the server stops."""
        self._collector.stop()

    def look(self) -> Latest:
        """Look now; a call during a look waits for its end, and then looks again.

        Raises:
            SQLAlchemyError: the database does not answer.
            DataError: the studies cannot be compared.
            StoreError: the server stops.
        """
        with self._lock:
            self.latest = self._found(self._engines.default)
            return self.latest

    def _found(self, bundle: Bundle) -> Latest:
        seen = self._collector.observations(bundle.manifest.identity)
        # The first studies are learnt from by whole days: on the last of these days nothing is watched yet.
        if len(seen) <= BASELINE or seen[-1].time.date() == seen[BASELINE - 1].time.date():
            return Latest(now(), len(seen))
        learnt = learn(seen)
        found = watch(learnt.reference, learnt.later)
        return Latest(now(), len(seen), found, report(found, learnt.later, bundle.manifest, learnt=learnt))
