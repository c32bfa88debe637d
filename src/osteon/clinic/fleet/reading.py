"""A process that only reads: what ``osteon worker`` runs."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.fleet.health import Health
from osteon.clinic.opening import Parts, open_parts
from osteon.clinic.settings import Settings
from osteon.clinic.store.fleet.presence import Kind
from osteon.core.errors import OsteonError
from osteon.inference.networks.session import default_threads

FOLLOW: Final = 2.0
"""Seconds between two looks at the registry, and whether all still works."""

_log = logging.getLogger("osteon.clinic.fleet")


class WorkerProcess:
    """Reads until it is told to stop; the second signal ends it at once, which the store survives.

    Args:
        settings: whole and checked.
        drain: seconds that studies in hand have at the end; what is not read then is queued again.
        health_port: on which it says that it lives, on all addresses; None for none.

    Raises:
        OsteonError: the database is none that several processes can share.
    """

    def __init__(self, settings: Settings, drain: float, health_port: int | None) -> None:
        if not settings.shared:
            raise OsteonError(
                "a worker needs the PostgreSQL database of its servers",
                expected="--database postgresql+psycopg://USER@HOST/NAME",
                got="SQLite, which one server has for itself" if not settings.database else "another kind of database",
                hint="Start the servers with the same --database, and with --workers 0.",
            )
        self._settings = settings
        self._drain = drain
        self._health_port = health_port
        self._ending = threading.Event()
        self._failing = False

    def run(self, tell: Callable[[str], object]) -> None:
        """Open, read until the first signal, and end.

        Args:
            tell: called with lines for whoever started it.

        Raises:
            OsteonError: it cannot start.
        """
        signal.signal(signal.SIGTERM, self._signalled)
        signal.signal(signal.SIGINT, self._signalled)
        jobs = self._settings.jobs or default_threads()
        parts = open_parts(self._settings, Kind.WORKER, pool=jobs + 2)
        health = None if self._health_port is None else Health(self._health_port, parts)
        try:
            parts.worker.start()
            if health is not None:
                health.start()
                tell(f"health: port {health.port}")
            tell(f"Osteon worker reads with {parts.engines.default.manifest.identity}, {jobs} studies at a time")
            while not self._ending.wait(FOLLOW):
                self._follow(parts)
            _log.info("ends: what is in hand is read, or queued again")
            parts.worker.stop(self._drain)
        finally:
            if health is not None:
                health.stop()
            parts.close()
        tell("The worker has ended.")

    def _follow(self, parts: Parts) -> None:
        """Let the bundles read that the registry says; where that cannot be done, those read on that do."""
        try:
            parts.follower.look()
            self._failing = False
        except (SQLAlchemyError, OsteonError) as error:
            if not self._failing:
                _log.error("the registry cannot be followed", extra={"fields": {"error": type(error).__name__}})
            self._failing = True

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self._ending.is_set():
            os._exit(128 + number)
        self._ending.set()
