"""Lets those bundles read that the registry calls live, while the server runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from osteon.bundle.archive import Bundle
from osteon.clinic.intake import Intake
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.database import Database
from osteon.clinic.store.registry import registry
from osteon.clinic.store.registry.kept import open_kept
from osteon.clinic.store.tables.registry import BundleStage
from osteon.inference.engine import InferenceEngine

_log = logging.getLogger("osteon.clinic.reading.follower")


def live_bundle(database: Database, store: Path, bundle: Bundle) -> Bundle:
    """The live version of a bundle of the settings; itself where the registry has none.

    Raises:
        BundleError: the live version cannot be opened: nothing else may read in its place unnoticed.
    """
    with database.session() as session:
        row = registry.live(session, bundle.manifest.name)
        digest = None if row is None else row.digest
    return bundle if digest is None or digest == bundle.digest else open_kept(store, digest)


class Follower:
    """Compares the registry with the engines.

    Args:
        database: of the store.
        store: its folder.
        bundle: of the settings, for new studies.
        further: of the settings.
        engines: that read.
        intake: that queues new studies for the first of them.
        make: makes the engine of a bundle.
    """

    def __init__(
        self,
        database: Database,
        store: Path,
        bundle: Bundle,
        further: Sequence[Bundle],
        engines: Engines,
        intake: Intake,
        make: Callable[[Bundle], InferenceEngine],
    ) -> None:
        self._database = database
        self._store = store
        self._name = bundle.manifest.name
        self._stated = {one.manifest.name: one for one in (*further, bundle)}
        self._engines = engines
        self._intake = intake
        self._make = make
        self._known = {name: one.digest for name, one in self._stated.items()}
        self._known[self._name] = engines.default.digest
        self._lock = threading.Lock()

    def look(self) -> None:
        """Follow the registry: its live bundles read, and of a name without one that of the settings.

        Raises:
            BundleError: a live bundle cannot be opened or run; the one before reads on.
            SQLAlchemyError: the database does not answer.
        """
        with self._lock:
            with self._database.session() as session:
                live = {row.name: row.digest for row in registry.of_stage(session, BundleStage.LIVE)}
            wanted = {name: one.digest for name, one in self._stated.items()} | live
            for name, digest in wanted.items():
                if self._known.get(name) != digest:
                    self._switch(name, digest)

    def _switch(self, name: str, digest: str) -> None:
        stated = self._stated.get(name)
        bundle = stated if stated is not None and stated.digest == digest else open_kept(self._store, digest)
        engine = self._make(bundle)  # before anything is changed
        self._engines.put(bundle, engine, default=name == self._name)
        if name == self._name:
            manifest = bundle.manifest
            self._intake.read_with(manifest.identity, bundle.digest, manifest.views)
        self._known[name] = digest
        _log.info("another bundle reads", extra={"fields": {"bundle": bundle.manifest.identity}})
