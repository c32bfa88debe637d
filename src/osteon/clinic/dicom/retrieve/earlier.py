"""Looks for the earlier studies of each patient in an archive, in a thread of its own: no reading waits for it."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.background import FAULTS, Background
from osteon.clinic.dicom.retrieve.archive import UnreachableError
from osteon.clinic.dicom.retrieve.found import FoundStudy
from osteon.clinic.dicom.retrieve.opening import archive_settings, open_archive
from osteon.clinic.dicom.retrieve.query import Query
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.patients.identity import stored_identity
from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import dump
from osteon.clinic.store.files import Files
from osteon.clinic.store.pacs import earlier
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.retrieve import EarlierStudy
from osteon.clinic.store.tables.studies import Study
from osteon.core.errors import OsteonError, PeerError
from osteon.imaging.patient_identity import contradictory

FRESH: Final = timedelta(days=1)
"""Studies that were received before are left alone, unless somebody asks."""

TOLD: Final = 1000
"""Studies of one patient that an archive may tell of."""

PAUSE: Final = 10.0
"""Seconds without another question to an archive that does not answer."""

_TICK: Final = 1.0
_AT_ONCE: Final = 20

_log = logging.getLogger("osteon.clinic.dicom")


class Earlier(Background):
    """Asks the archive that the settings name; safe to use from several threads at once.

    Args:
        settings: of the node; they name an archive.
        database: of the store.
        files: of the store, whose key hides what identifies patients.

    Raises:
        OsteonError: the archive cannot be called.
    """

    def __init__(self, settings: Dicom, database: Database, files: Files) -> None:
        super().__init__("osteon-dicom-earlier")
        self._settings = settings
        self._database = database
        self._files = files
        # Connecting, agreeing and answering may take a third of the time each.
        chosen = archive_settings(settings, settings.earlier)
        self._archive = open_archive(settings, chosen, settings.earlier_seconds / 3)

    def _work(self) -> None:
        while not self._stopping:
            self._wake.wait(_TICK)
            self._wake.clear()
            with suppress(SQLAlchemyError):  # busy or down: it is looked again at the next tick
                with self._database.session() as session:
                    studies = earlier.due(session, now() - FRESH, _AT_ONCE)
                for study in studies:
                    if self._stopping:
                        return
                    self._search(study)

    def _search(self, study: Study) -> None:
        found: list[EarlierStudy] = []
        others, problem = 0, None
        try:
            found, others = self._found(study)
        except OsteonError as error:
            problem = error
        except FAULTS as error:
            _log.error("earlier studies cannot be looked for: %s", type(error).__name__, exc_info=error)
            problem = PeerError("what the archive answers cannot be understood", got=type(error).__name__)
        with self._database.session(durable=False) as session:
            earlier.settle(session, study.examination, found, others, None if problem is None else dump(problem))
        if problem is not None:
            _log.warning("no earlier studies were looked for", extra={"fields": {"reason": problem.problem}})
        if isinstance(problem, UnreachableError):
            self._wake.wait(PAUSE)

    def _found(self, study: Study) -> tuple[list[EarlierStudy], int]:
        """What the archive has, the newest first, and how many studies are another patient's."""
        end = time.monotonic() + self._settings.earlier_seconds
        kept: list[FoundStudy] = []
        others = 0
        for one in self._archive.find(Query(patient=study.patient or ""), TOLD):
            if time.monotonic() > end:
                raise PeerError(
                    "the archive did not tell all in time",
                    expected=f"at most {self._settings.earlier_seconds:g} s",
                    hint="Raise earlier_seconds of [dicom].",
                )
            if one.uid == study.uid or (study.date and one.date > study.date):
                continue
            if contradictory(study.marks or {}, self._identity(one)):
                others += 1
            else:
                kept.append(one)
        newest = sorted(kept, key=lambda one: (one.date, one.time, one.uid), reverse=True)
        return [self._row(study, one) for one in newest[: self._settings.earlier_studies]], others

    def _identity(self, study: FoundStudy) -> Mapping[str, str]:
        return stored_identity(study.about, self._files)

    def _row(self, study: Study, found: FoundStudy) -> EarlierStudy:
        return EarlierStudy(
            examination=study.examination,
            uid=found.uid,
            archive=self._settings.earlier,
            date=found.date,
            description=found.description,
            modalities=" ".join(found.modalities)[:120],
            images=found.images,
        )
