"""Studies as the worklist asks for them: lists, one with all that belongs to it, removal."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, tuple_
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.studies import Image, Opinion, Original, StoredReading, Study
from osteon.core.errors import InputError

Sort = Literal["urgency", "time"]

MOST: Final = 200
"""Studies on one page of the worklist."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which studies are wanted; empty fields want all.

    Attributes:
        calls: values of ``Call``.
        body_parts: values of ``BodyPart``.
        states: values of ``State``.
        words: found in the pseudonym, the body part or the identifier.
        since: received at this moment or later.
    """

    calls: Collection[str] = ()
    body_parts: Collection[str] = ()
    states: Collection[str] = ()
    words: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the worklist.

    Attributes:
        studies: in order.
        following: cursor of the next page, None after the last.
        total: how many studies the filter lets through.
    """

    studies: tuple[Study, ...]
    following: str | None
    total: int


def listed(session: Session, wanted: Filter, sort: Sort, limit: int, cursor: str | None = None) -> Page:
    """A page of the worklist; it stays where it is when studies come in above it.

    Raises:
        InputError: the cursor is none of this order.
    """
    conditions = _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(Study).where(*conditions)) or 0
    query = select(Study).where(*conditions).limit(limit + 1)
    found = list(session.scalars(_after(query, sort, cursor)))
    more = len(found) > limit
    page = found[:limit]
    return Page(tuple(page), _cursor(page[-1], sort) if more else None, total)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for column, values in (
        (Study.call, wanted.calls),
        (Study.body_part, wanted.body_parts),
        (Study.state, wanted.states),
    ):
        if values:
            conditions.append(column.in_(values))
    if wanted.since is not None:
        conditions.append(Study.received >= wanted.since)
    for word in wanted.words.split()[:8]:
        columns = (Study.pseudonym, Study.body_part, Study.id)
        conditions.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return conditions


def _after(query: Select[Study], sort: Sort, cursor: str | None) -> Select[Study]:
    place = None if cursor is None else _place(cursor, sort)
    if sort == "urgency":
        order = (Study.urgency, Study.falling, Study.id)
        return (query if place is None else query.where(tuple_(*order) > tuple_(*place))).order_by(*order)
    order = (Study.received, Study.id)
    later = (
        query
        if place is None
        else query.where(tuple_(*order) < tuple_(*place, types=[Study.received.type, Study.id.type]))
    )
    return later.order_by(Study.received.desc(), Study.id.desc())


def _cursor(study: Study, sort: Sort) -> str:
    place = (
        [study.urgency, study.falling, study.id]
        if sort == "urgency"
        else [round(study.received.timestamp() * 1e6), study.id]
    )
    return base64.urlsafe_b64encode(json.dumps([sort, *place]).encode("ascii")).decode("ascii").rstrip("=")


def _place(cursor: str, sort: Sort) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, *place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != sort:
            raise ValueError(name)
        if sort == "time":
            return [datetime.fromtimestamp(int(place[0]) / 1e6, UTC), str(place[1])]
        return [int(place[0]), float(place[1]), str(place[2])]
    except (ValueError, TypeError, IndexError, OverflowError, OSError, RecursionError) as error:
        raise InputError("the cursor is not of this list", expected="the field next of the page before") from error


def find(session: Session, study: str) -> Study | None:
    """A study."""
    return session.get(Study, study)


def images(session: Session, study: str) -> Sequence[Image]:
    """Its images, in order, without their thumbnails."""
    return session.scalars(select(Image).where(Image.study_id == study).order_by(Image.place)).all()


def originals(session: Session, study: str) -> Sequence[Original]:
    """Its files, in order."""
    return session.scalars(select(Original).where(Original.study_id == study).order_by(Original.place)).all()


def content(session: Session, study: str) -> dict[str, Any] | None:
    """Its reading as it was kept, or None."""
    return session.scalar(select(StoredReading.content).where(StoredReading.study_id == study))


def thumbnail(session: Session, study: str, image: int) -> bytes | None:
    """The thumbnail of one of its images, or None."""
    return session.scalar(select(Image.thumbnail).where(Image.study_id == study, Image.place == image))


def opinions(session: Session, study: str) -> Sequence[Opinion]:
    """What readers think of it, the latest last."""
    return session.scalars(select(Opinion).where(Opinion.study_id == study).order_by(Opinion.id)).all()


def latest_opinions(session: Session, studies: Collection[str]) -> dict[str, Opinion]:
    """The latest opinion of each of these studies that has one."""
    if not studies:
        return {}
    newest = select(func.max(Opinion.id)).where(Opinion.study_id.in_(studies)).group_by(Opinion.study_id)
    return {one.study_id: one for one in session.scalars(select(Opinion).where(Opinion.id.in_(newest)))}


def remove(database: Database, files: Files, study: str) -> bool:
    """Remove a study with all that belongs to it, and those of its files that no other study has.

    Returns:
        Whether it was there.
    """
    with files.lock:
        with database.session() as session:
            digests = set(session.scalars(select(Original.digest).where(Original.study_id == study)))
            gone = session.execute(delete(Study).where(Study.id == study).returning(Study.id)).first() is not None
        with database.session() as session:
            needed = set(session.scalars(select(Original.digest).where(Original.digest.in_(digests))))
        for digest in digests - needed:
            files.remove(digest)
    return gone
