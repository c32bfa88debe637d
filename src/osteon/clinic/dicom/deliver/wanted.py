"""What a destination or a webhook wants of what was read and said: it is put into the outbox for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from osteon.clinic.dicom.reporting import Webhook
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.clinic.store.pacs import planning, reader_reports
from osteon.clinic.store.tables.pacs import NOTICE


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants.

    Attributes:
        plan: puts it into the outbox, of what happened since a moment; returns how much there was, 0 where that is all.
        commitment: whether the receiver is asked to commit itself to what it was sent.
    """

    plan: Callable[[Session, datetime], int]
    commitment: bool = False


def by_destination(name: str, destination: Destination, settings: Dicom) -> Wanted:
    """Results, and reports of readers."""
    calls = planning.POSITIVES if destination.when == "positives" else None
    quiet = timedelta(seconds=settings.reader_seconds)

    def plan(session: Session, since: datetime) -> int:
        planned = planning.plan(session, name, destination.outputs, since, calls)
        if destination.readers == "none":
            return planned
        # After the results: a reader's report waits for that of the AI, which it names.
        settled = 0 if planned else reader_reports.settle(session, quiet)
        signed = destination.readers == "signed"
        return planned + settled + reader_reports.plan(session, name, since, signed=signed)

    return Wanted(plan, destination.commitment and not destination.web)


def by_webhook(name: str, webhook: Webhook) -> Wanted:
    """Notices of urgent studies."""
    calls = frozenset(call.value for call in webhook.calls)
    return Wanted(lambda session, since: planning.plan(session, name, (NOTICE,), since, calls, pictures=True))
