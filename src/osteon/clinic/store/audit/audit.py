"""The audit log: who saw and did what, when, and from where. Entries are added and, when they are too old, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from osteon.clinic.store.deletion import deleted
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
        detail: further ids with spaces between, where it is about several.
        time: when it happened.
    """

    person: str
    role: str
    action: str
    subject: str
    address: str
    result: str = "done"
    detail: str = ""
    time: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Search:
    """Which entries are wanted; empty fields want all.

    Attributes:
        person: a part of the name, in any case.
        action: a part of the action, in any case.
        subject: an id that the entry is about, whole, or with what belongs to it (``study/2``).
        result: ``done``, ``refused`` or ``failed``.
        address: whole.
        since: happened then or later.
        until: happened before.
    """

    person: str = ""
    action: str = ""
    subject: str = ""
    result: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None


def write(session: Session, *entries: Entry) -> None:
    """Add entries."""
    for entry in entries:
        session.add(
            Audit(
                time=entry.time,
                person=entry.person[:80],
                role=entry.role[:16],
                action=entry.action[:200],
                subject=entry.subject[:128],
                address=entry.address[:64],
                result=entry.result[:16],
                detail=entry.detail,
            )
        )


def page(session: Session, limit: int, before: int | None, wanted: Search | None = None) -> Sequence[Audit]:
    """Entries, the newest first; ``before`` is the id of the last one that was seen."""
    conditions = _conditions(wanted or Search())
    if before is not None:
        conditions.append(Audit.id < before)
    return session.scalars(select(Audit).where(*conditions).order_by(Audit.id.desc()).limit(limit)).all()


def _conditions(wanted: Search) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.person:
        conditions.append(Audit.person.icontains(wanted.person, autoescape=True))
    if wanted.action:
        conditions.append(Audit.action.icontains(wanted.action, autoescape=True))
    if wanted.subject:
        within = Audit.subject.startswith(wanted.subject + "/", autoescape=True)
        conditions.append(
            or_(Audit.subject == wanted.subject, within, Audit.detail.contains(wanted.subject, autoescape=True))
        )
    if wanted.result:
        conditions.append(Audit.result == wanted.result)
    if wanted.address:
        conditions.append(Audit.address == wanted.address)
    if wanted.since is not None:
        conditions.append(Audit.time >= wanted.since)
    if wanted.until is not None:
        conditions.append(Audit.time < wanted.until)
    return conditions


def forget(session: Session, days: int) -> int:
    """Delete entries that are older than they are to be kept; returns how many there were."""
    return deleted(session, delete(Audit).where(Audit.time < now() - timedelta(days=days)))
