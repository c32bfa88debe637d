"""Requests to fetch studies from archives, as the database keeps them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from osteon.clinic.store.faults import Fault
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.retrieve import Pull, PullState

MOST: Final = 100
"""Requests that may wait."""

KEPT: Final = 200
"""Requests that are kept once they are done, the newest ones."""

OPEN: Final = (PullState.WAITING, PullState.RUNNING)


def add(session: Session, archive: str, query: dict[str, Any], author: str) -> Pull | None:
    """Note a request; None where too many wait."""
    waiting = session.scalar(select(func.count()).select_from(Pull).where(Pull.state.in_(OPEN))) or 0
    if waiting >= MOST:
        return None
    newest = select(Pull.id).where(Pull.state.not_in(OPEN)).order_by(Pull.created.desc()).limit(KEPT)
    session.execute(delete(Pull).where(Pull.state.not_in(OPEN), Pull.id.not_in(newest)))
    row = Pull(id=secrets.token_hex(10), created=now(), author=author, archive=archive, query=query)
    session.add(row)
    session.flush()
    return row


def find(session: Session, pull: str) -> Pull | None:
    """A request."""
    return session.get(Pull, pull)


def listed(session: Session, limit: int) -> Sequence[Pull]:
    """The newest requests."""
    return session.scalars(select(Pull).order_by(Pull.created.desc(), Pull.id).limit(limit)).all()


def of_study(session: Session, uid: str) -> Pull | None:
    """The newest request for this study alone."""
    rows = session.scalars(select(Pull).order_by(Pull.created.desc()).limit(MOST + KEPT))
    return next((row for row in rows if row.query.get("studies") == [uid]), None)


def begin(session: Session) -> Pull | None:
    """Take the oldest request that is not done: one that runs is that of a process before this one."""
    query = select(Pull).where(Pull.state.in_(OPEN)).order_by(Pull.created, Pull.id).limit(1)
    row = session.scalar(query)
    if row is not None:
        row.state, row.studies, row.failures = PullState.RUNNING, None, []
        row.done = row.fetched = row.known = row.left = 0
    return row


def count(session: Session, pull: str, studies: int) -> None:
    """Say how many studies match."""
    session.execute(update(Pull).where(Pull.id == pull).values(studies=studies))


def advance(session: Session, pull: str, counts: dict[str, int], failure: Fault | None, study: str) -> bool:
    """Say what became of a study; whether the others are still wanted."""
    row = session.get(Pull, pull)
    if row is None or row.state != PullState.RUNNING:
        return False
    row.done += 1
    row.fetched += counts["fetched"]
    row.known += counts["known"]
    row.left += counts["left"]
    if failure is not None:
        row.failures = [*row.failures, {"study": study, "problem": failure}]
    return True


def finish(session: Session, pull: str, problem: Fault | None = None) -> None:
    """Say that a request is done, or why it failed; one that somebody ended stays so. Whose studies they were is forgotten."""
    row = session.get(Pull, pull)
    if row is None or row.state not in OPEN:
        return
    row.state, row.problem, row.finished = PullState.DONE if problem is None else PullState.FAILED, problem, now()
    row.query = {**row.query, "patient": "", "accession": ""}
