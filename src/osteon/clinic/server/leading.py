"""What one server at a time does for all that share a store: it has the node, and takes over what ended processes left."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.server.context import Context
from osteon.clinic.store.audit.journal import Journal
from osteon.core.errors import OsteonError

_log = logging.getLogger("osteon.clinic.server")


def lead(here: Context) -> None:
    """Begin to lead, or go on: called again and again while this server does."""
    if not here.node.leading:
        try:
            here.node.lead()
        except OsteonError as error:
            if not here.node.failing:  # once, and not each second
                _log.error("the DICOM node cannot be taken over yet", extra={"fields": {"error": error.problem}})
            here.node.failing = True
    if here.member.shared:
        try:
            alive = here.member.others()
            here.node.collector.adopt(alive)
            _adopt_journals(here, here.settings.store / "audit", alive)
        except (SQLAlchemyError, OsteonError, OSError) as error:
            fields = {"error": type(error).__name__}
            _log.warning("what ended processes left cannot be taken over yet", extra={"fields": fields})


def _adopt_journals(here: Context, folder: Path, alive: set[str]) -> None:
    """Bring what ended processes noted for the audit log into the database, and what was noted before there were several."""
    if not folder.is_dir():
        return
    if any(folder.glob("*.jsonl")):
        Journal(folder).take(here.database)
    for left in folder.iterdir():
        if left.is_dir() and left.name not in alive:
            Journal(left).take(here.database)
            with suppress(OSError):
                left.rmdir()
