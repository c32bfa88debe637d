"""Patients' earlier studies that an archive has, as the database keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from osteon.clinic.store.faults import Fault
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.retrieve import EarlierSearch, EarlierStudy, SearchState
from osteon.clinic.store.tables.studies import Study


def due(session: Session, since: datetime, limit: int) -> Sequence[Study]:
    """The newest versions of examinations whose patient's earlier studies are to be looked for, the latest first.

    Args:
        session: a transaction.
        since: examinations that were received before and for which nobody asked are left out.
        limit: how many.
    """
    own = (Study.newer.is_(None), Study.uid.is_not(None), Study.patient.is_not(None))
    query = select(Study).where(*own).order_by(Study.received.desc()).limit(limit)
    searched = select(EarlierSearch.examination).where(EarlierSearch.examination == Study.examination)
    # Two queries, each by an index: this is looked at every second.
    found = list(session.scalars(query.where(Study.examination.in_(_waiting(session, limit)))))
    fresh = session.scalars(query.where(Study.received >= since, ~searched.exists()))
    return (found + list(fresh))[:limit]


def _waiting(session: Session, limit: int) -> Sequence[str]:
    query = select(EarlierSearch.examination).where(EarlierSearch.state == SearchState.WAITING)
    return session.scalars(query.order_by(EarlierSearch.asked).limit(limit)).all()


def search_of(session: Session, examination: str) -> EarlierSearch | None:
    """The search for an examination's patient."""
    return session.get(EarlierSearch, examination)


def ask(session: Session, examination: str) -> None:
    """Look for them, or look again."""
    row = session.get(EarlierSearch, examination)
    if row is None:
        session.add(EarlierSearch(examination=examination, state=SearchState.WAITING, asked=now(), others=0))
    else:
        row.state, row.asked, row.problem = SearchState.WAITING, now(), None


def settle(
    session: Session, examination: str, found: Sequence[EarlierStudy], others: int, problem: Fault | None
) -> None:
    """Keep what was found, or why nothing could be; what was found before stays where nothing could be."""
    if session.scalar(select(Study.id).where(Study.id == examination)) is None:
        return  # it was deleted meanwhile
    row = session.get(EarlierSearch, examination)
    if row is None:
        row = EarlierSearch(examination=examination, state=SearchState.WAITING, asked=now(), others=0)
        session.add(row)
        session.flush()
    row.asked, row.problem = now(), problem
    if problem is not None:
        row.state = SearchState.FAILED
        return
    row.state, row.others = SearchState.DONE, others
    session.execute(delete(EarlierStudy).where(EarlierStudy.examination == examination))
    session.add_all(found)


def studies(session: Session, examination: str) -> Sequence[EarlierStudy]:
    """What was found, the newest first."""
    query = select(EarlierStudy).where(EarlierStudy.examination == examination)
    return session.scalars(query.order_by(EarlierStudy.date.desc(), EarlierStudy.uid)).all()


def one(session: Session, examination: str, uid: str) -> EarlierStudy | None:
    """A study that was found."""
    return session.get(EarlierStudy, (examination, uid))


def here(session: Session, uid: str) -> Sequence[Study]:
    """The newest versions of the examinations of a StudyInstanceUID in this store."""
    return session.scalars(select(Study).where(Study.uid == uid, Study.newer.is_(None)).order_by(Study.received)).all()
