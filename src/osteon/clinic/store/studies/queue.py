"""The queue: which study is read next, by whom, and what is kept once it was read.

A study is leased to the process that reads it. The lease is not waited for to reach the disk: after a loss of power it is
gone, and the study is queued, as it should be. The reading and the end of the lease are one transaction, which fails
where the lease has passed to somebody else; so a study has one reading, whoever is killed when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, insert, or_, select, update
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import Fault, dump
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import OPEN, Image, Original, State, StoredReading, Study
from osteon.clinic.urgency import urgency
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import View

LEASE: Final = timedelta(minutes=10)
"""For so long a study belongs to the process that took it; no reading takes a tenth of it."""

ELSEWHERE: Final = timedelta(minutes=1)
"""For so long a study waits for a process that has its bundle, where several processes read; then any may take it."""

ATTEMPTS: Final = 5
"""A study over which so many processes ended is not tried again: it may be what ended them."""


UNKNOWN: Final = 20_000_000
"""Pixels of a file whose header does not tell: those of a large radiograph."""


@dataclass(frozen=True, slots=True)
class Task:
    """A study to read.

    Attributes:
        study: its identifier.
        digests: of its files.
        views: that the names of the files stated.
        bundle: ``name@version`` of the bundle that is to read it.
        pixels: of all its files, as their headers state them.
    """

    study: str
    digests: tuple[str, ...]
    views: tuple[View | None, ...]
    bundle: str = ""
    pixels: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What was read of a study.

    Attributes:
        values: columns of the study.
        content: the reading, see ``readings.dump``.
        images: rows of its images.
        faults: of files that could not be decoded, by their position.
    """

    values: dict[str, Any]
    content: dict[str, Any]
    images: Sequence[dict[str, Any]]
    faults: dict[int, Fault]


def _lapsed(moment: datetime) -> ColumnElement[bool]:
    """Studies whose lease has ended; one for longer than any lasts is of a clock that was ahead."""
    ended = or_(Study.leased_until < moment, Study.leased_until > moment + 2 * LEASE)
    return and_(Study.state == State.READING, ended)


def waiting(session: Session) -> int:
    """How many studies are still to be read."""
    return session.scalar(select(func.count()).select_from(Study).where(Study.state.in_(OPEN))) or 0


def take(database: Database, lease_owner: str, bundles: Collection[str] | None = None) -> Task | None:
    """Take the study that has waited longest, or None where none waits.

    Args:
        database: of the store.
        lease_owner: the process that takes it.
        bundles: that it can read with; a study that waits for another is left for ``ELSEWHERE`` to those who have it. None
            for all.
    """
    moment = now()
    mine: list[Any] = []
    if bundles is not None:
        mine = [or_(Study.bundle.in_(bundles), Study.received < moment - ELSEWHERE)]
    # Those that wait are an index in order, of which one row is looked at; with lapsed leases it would be all of them.
    for which in (Study.state == State.QUEUED, _lapsed(moment)):
        oldest = select(Study.id).where(which, *mine).order_by(Study.received, Study.id).limit(1)
        with database.session(durable=False) as session:
            # Looked for first, so that an idle worker never asks for the right to write.
            if session.scalar(oldest) is None:
                continue
        task = _lease(database, lease_owner, oldest, which, moment)
        if task is not None:
            return task
    return None


def _lease(
    database: Database, lease_owner: str, oldest: Select[str], which: ColumnElement[bool], moment: datetime
) -> Task | None:
    """Lease the study that a query finds, unless another process did so meanwhile."""
    with database.session(durable=False) as session:
        taken = session.execute(
            update(Study)
            .where(Study.id == oldest.with_for_update(skip_locked=True).scalar_subquery(), which)
            .values(
                state=State.READING, lease_owner=lease_owner, leased_until=moment + LEASE, attempts=Study.attempts + 1
            )
            .returning(Study.id, Study.attempts, Study.bundle)
            .execution_options(synchronize_session=False)
        ).first()
        if taken is None:
            return None
        study, attempts, bundle = taken
        if attempts > ATTEMPTS:
            _fail(session, study, dump(_POISON))
            return Task(study, (), ())
        rows = session.execute(
            select(Original.digest, Original.view, Original.pixels)
            .where(Original.study_id == study)
            .order_by(Original.position)
        ).all()
    return Task(
        study,
        tuple(row.digest for row in rows),
        tuple(None if row.view is None else View(row.view) for row in rows),
        bundle,
        sum(UNKNOWN if row.pixels is None else row.pixels for row in rows),
    )


_POISON: Final = InputError(FaultCode.STUDY_ENDS_SERVER, {"attempts": ATTEMPTS})


def finish(database: Database, task: Task, lease_owner: str, result: Result) -> bool:
    """Keep a reading and end the lease, in one transaction.

    Returns:
        Whether it was kept; not so where the study was removed or passed to another process meanwhile.
    """
    with database.session() as session:
        values = {"state": State.DONE, "read": now(), "lease_owner": None, "leased_until": None, "problem": None}
        if not _settle(session, task.study, lease_owner, values | result.values):
            return False
        session.execute(insert(StoredReading), {"study_id": task.study, "content": result.content})
        session.execute(insert(Image), [{"study_id": task.study, **row} for row in result.images])
        for position, fault in result.faults.items():
            session.execute(
                update(Original)
                .where(Original.study_id == task.study, Original.position == position)
                .values(problem=fault)
            )
    return True


def fail(database: Database, task: Task, lease_owner: str, fault: Fault) -> bool:
    """Say why a study could not be read; returns as ``finish`` does."""
    with database.session() as session:
        held = session.scalar(select(Study.id).where(Study.id == task.study, Study.lease_owner == lease_owner))
        if held is not None:
            _fail(session, task.study, fault)
    return held is not None


def requeue(session: Session, studies: Collection[str]) -> set[str]:
    """Queue studies that failed once more; those of them that were."""
    if not studies:
        return set()
    again = (
        update(Study)
        .where(Study.id.in_(studies), Study.state == State.FAILED)
        .values(state=State.QUEUED, attempts=0, problem=None, read=None, urgency=urgency(State.QUEUED))
        .returning(Study.id)
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(again))


def give_back(
    database: Database, lease_owner: str | None, studies: Collection[str] | None = None, *, but: str = ""
) -> int:
    """End leases and queue the studies again.

    Args:
        database: of the store.
        lease_owner: whose leases; None for everybody's, where no other process can be alive.
        studies: only of these.
        but: the owner whose leases are kept.

    Returns:
        How many there were.
    """
    whose = Study.lease_owner == lease_owner if lease_owner is not None else Study.state == State.READING
    # Who gives back did not end over the study.
    attempts = Study.attempts - 1 if lease_owner is not None else Study.attempts
    wanted = [Study.state == State.READING, whose, or_(Study.lease_owner.is_(None), Study.lease_owner != but)]
    wanted += [] if studies is None else [Study.id.in_(studies)]
    with database.session() as session:
        given = session.execute(
            update(Study)
            .where(*wanted)
            .values(state=State.QUEUED, lease_owner=None, leased_until=None, attempts=attempts)
            .returning(Study.id)
        ).all()
    return len(given)


def _settle(session: Session, study: str, lease_owner: str, values: dict[str, Any]) -> bool:
    """Change a study, if it is still held."""
    held = update(Study).where(Study.id == study, Study.lease_owner == lease_owner, Study.state == State.READING)
    statement = held.values(values).returning(Study.id).execution_options(synchronize_session=False)
    return session.execute(statement).first() is not None


def _fail(session: Session, study: str, fault: Fault) -> None:
    session.execute(
        update(Study)
        .where(Study.id == study)
        .values(
            state=State.FAILED,
            read=now(),
            problem=fault,
            urgency=urgency(State.FAILED),
            sort_key=1.0,
            lease_owner=None,
            leased_until=None,
        )
        .execution_options(synchronize_session=False)
    )
