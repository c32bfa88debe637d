"""Retention: deletes old entries of the audit log, sessions, jobs, and studies where the settings say so.

Nothing is deleted by a clock that jumped; deletions are recorded in the log and in the audit log.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from osteon.clinic.server.context import Context
from osteon.clinic.store.access import sessions
from osteon.clinic.store.audit import audit
from osteon.clinic.store.studies import jobs, removal
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.upkeep.sweep import sweep

PERSON: Final = "osteon"
"""Who deletes, in the audit log."""

LEFT: Final = 24 * 3600.0
"""Seconds after which a draft or a temporary file is one that a killed process left."""

AT_ONCE: Final = 100
"""Studies that are deleted in one go: others are to have their turn between."""

_log = logging.getLogger("osteon.clinic.retention")


def retain(here: Context) -> None:
    """Delete what is too old, unless the clock jumped."""
    belief = here.clock.check()
    if belief.jumped:
        fields = {
            "clock": belief.clock.isoformat(timespec="seconds"),
            "expected": belief.expected.isoformat(timespec="seconds"),
        }
        _log.warning("the clock jumped: nothing is deleted until it is correct or confirmed", extra={"fields": fields})
        return
    with here.database.session() as session:
        sessions.sweep(session)
        jobs.forget(session)
    days = here.settings.audit_days
    with here.database.session() as session:
        count = audit.forget(session, days)
        _tell(session, "delete old audit entries", f"{count} older than {days} days", count)
    _studies(here)
    if here.member.shared:  # a process alone does so once nothing waits after its start
        here.files.clean(LEFT)
        removed = sweep(here.database, here.files)
        if removed:
            _log.info("removed files without a study", extra={"fields": {"files": removed}})


def due(here: Context, limit: int) -> tuple[list[str], int]:
    """Studies that are due to be deleted, see ``removal.due``."""
    days = here.settings.study_days
    return ([], 0) if days is None else removal.due(here.database, now() - timedelta(days=days), limit)


def _studies(here: Context) -> None:
    while True:
        studies, left = due(here, AT_ONCE)
        for study in studies:
            gone = removal.remove(here.database, here.files, study).studies
            with here.database.session() as session:
                for item in gone:
                    _tell(session, "delete old study", item, 1)
            for item in gone:
                here.worker.waiters.tell(item)
                here.hub.publish({"kind": "removed", "id": item})
        if left <= len(studies):
            return


def _tell(session: Session, action: str, subject: str, count: int) -> None:
    if count:
        audit.write(session, audit.Entry(PERSON, "", action, subject, ""))
        _log.info(action, extra={"fields": {"subject": subject}})
