"""The DICOM node of a reading room: what receives, collects, listens and delivers, started and stopped with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from osteon.clinic.dicom.collect import Collector
from osteon.clinic.dicom.receive import Receiver
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.intake import Intake
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.incoming import Incoming
from osteon.core.errors import OsteonError

if TYPE_CHECKING:
    from osteon.clinic.dicom.listen import Listener


class Node:
    """All of it.

    Args:
        settings: of the node.
        database: of the store.
        files: of the store.
        intake: gets studies.
        engines: of all bundles.
        wake: is called when studies were queued.
        require_room: raises where nothing can be received now.
        happened: is told, for the figures: what, and of which peer.

    Raises:
        OsteonError: a setting names what is not there, or the port cannot be used.
    """

    def __init__(
        self,
        settings: Dicom,
        database: Database,
        files: Files,
        intake: Intake,
        engines: Engines,
        wake: Callable[[], None],
        require_room: Callable[[], object],
        happened: Callable[[str, str], None],
    ) -> None:
        for rule in settings.rules:
            if rule.bundle and engines.bundle(rule.bundle) is None:
                raise OsteonError(
                    f"a rule of [dicom] names the bundle {rule.bundle}, which this server does not have",
                    hint="Name it in further_bundles.",
                )
        self.settings = settings
        self.incoming = Incoming(files.folder)
        self.collector = Collector(database, files, self.incoming, intake, engines, settings, wake, happened)
        self.receiver = Receiver(self.incoming, self.collector, require_room, happened)
        self.listener: Listener | None = None
        if settings.port is not None:
            from osteon.clinic.dicom.listen import Listener

            self.listener = Listener(settings, self.incoming, self.receiver, happened)

    @property
    def alive(self) -> bool:
        """Whether all of it works."""
        return self.collector.alive and (self.listener is None or self.listener.alive)

    def start(self) -> None:
        """Take up what a process before this one left, then let others call; the store is this process's."""
        self.collector.start()
        if self.listener is not None:
            self.listener.start()

    def stop(self) -> None:
        """End cleanly: what was acknowledged is on the disk."""
        if self.listener is not None:
            self.listener.stop()
        self.collector.stop()
