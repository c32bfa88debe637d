"""The audit log: who saw and did what, when, and from where. Entries are added and, when they are too old, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.base import now


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down.

    Attributes:
        person: name of the account or key; empty where nobody was logged in.
        role: at that time.
        action: a verb and a noun.
        subject: an id, never a patient's data.
        address: of the person's machine.
        result: ``done``, ``refused`` or ``failed``.
    """

    person: str
    role: str
    action: str
    subject: str
    address: str
    result: str = "done"


def write(session: Session, entry: Entry) -> None:
    """Add an entry."""
    session.add(
        Audit(
            time=now(),
            person=entry.person[:80],
            role=entry.role,
            action=entry.action[:200],
            subject=entry.subject[:128],
            address=entry.address[:64],
            result=entry.result,
        )
    )


def page(session: Session, limit: int, before: int | None) -> Sequence[Audit]:
    """Entries, the newest first; ``before`` is the id of the last one that was seen."""
    wanted = select(Audit).order_by(Audit.id.desc()).limit(limit)
    return session.scalars(wanted if before is None else wanted.where(Audit.id < before)).all()


def forget(session: Session, days: int) -> int:
    """Delete entries that are older than they are to be kept; returns how many there were."""
    done = session.execute(delete(Audit).where(Audit.time < now() - timedelta(days=days)))
    return done.rowcount if isinstance(done, CursorResult) else 0
