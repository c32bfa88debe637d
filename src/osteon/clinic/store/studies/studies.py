"""Studies as the worklist asks for them: lists, and one with all that belongs to it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from osteon.clinic.store.files import SHORT
from osteon.clinic.store.refused import RefusedError
from osteon.clinic.store.tables.studies import Image, Opinion, Original, StoredReading, Study

Sort = Literal["urgency", "time", "oldest"]
Judged = Literal["agree", "disagree", "none"]

MOST: Final = 200
"""Studies on one page of the worklist."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which studies are wanted; empty fields want all.

    Attributes:
        calls: values of ``Call``.
        body_parts: values of ``BodyPart``.
        states: values of ``State``.
        words: found in the pseudonym, the label, the body part or the identifier.
        since: received at this moment or later.
        until: received before this moment.
        judged: by the latest opinion about the newest version.
        identifiers: whether words are looked for in what names the patient or the study elsewhere, too.
    """

    calls: Collection[str] = ()
    body_parts: Collection[str] = ()
    states: Collection[str] = ()
    words: str = ""
    since: datetime | None = None
    until: datetime | None = None
    judged: Collection[Judged] = ()
    identifiers: bool = False


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
        RefusedError: the cursor is not of a list in this order.
    """
    conditions = filtered(wanted)
    total = session.scalar(select(func.count()).select_from(Study).where(*conditions)) or 0
    query = select(Study).where(*conditions).limit(limit + 1)
    found = list(session.scalars(_after(query, sort, cursor)))
    more = len(found) > limit
    page = found[:limit]
    return Page(tuple(page), _cursor(page[-1], sort) if more else None, total)


def filtered(wanted: Filter) -> list[ColumnElement[bool]]:
    """Conditions on newest versions of studies that a filter lets through."""
    conditions: list[ColumnElement[bool]] = [Study.newer.is_(None)]
    for column, values in (
        (Study.call, wanted.calls),
        (Study.body_part, wanted.body_parts),
        (Study.state, wanted.states),
    ):
        if values:
            conditions.append(column.in_(values))
    if wanted.since is not None:
        conditions.append(Study.received >= wanted.since)
    if wanted.until is not None:
        conditions.append(Study.received < wanted.until)
    if wanted.judged:
        conditions.append(or_(*(_judged(item) for item in wanted.judged)))
    return conditions + [_holds(word, identifiers=wanted.identifiers) for word in wanted.words.split()[:8]]


def _judged(judged: Judged) -> ColumnElement[bool]:
    latest = select(func.max(Opinion.id)).where(Opinion.study_id == Study.id).correlate(Study).scalar_subquery()
    if judged == "none":
        return latest.is_(None)
    own = aliased(Opinion)  # not the one within, of which there is the latest
    agrees = select(own.agrees).where(own.id == latest).correlate(Study).scalar_subquery()
    return agrees.is_(judged == "agree")


def _holds(word: str, *, identifiers: bool) -> ColumnElement[bool]:
    """Studies in whose words another word is found."""
    columns: list[Any] = [Study.pseudonym, Study.label, Study.body_part, Study.id, Study.examination]
    found: list[ColumnElement[bool]] = []
    if identifiers:
        columns += [Study.patient, Study.accession, Study.uid]
        named = Original.name.icontains(word, autoescape=True)
        found.append(select(Original.study_id).where(Original.study_id == Study.id, named).exists())
    found += [column.icontains(word, autoescape=True) for column in columns]
    short = SHORT.match(word.upper())
    if short is not None and len(word) > len(short[0]):  # the same patient before pseudonyms were longer
        found.append(Study.pseudonym == short[0])
    return or_(*found)


def _after(query: Select[Study], sort: Sort, cursor: str | None) -> Select[Study]:
    after = None if cursor is None else _cursor_values(cursor, sort)
    if sort == "urgency":
        order = (Study.urgency, Study.sort_key, Study.id)
        return (query if after is None else query.where(tuple_(*order) > tuple_(*after))).order_by(*order)
    order = (Study.received, Study.id)
    if after is not None:
        last = tuple_(*after, types=[Study.received.type, Study.id.type])
        query = query.where(tuple_(*order) < last if sort == "time" else tuple_(*order) > last)
    return query.order_by(*order) if sort == "oldest" else query.order_by(*(column.desc() for column in order))


def _cursor(study: Study, sort: Sort) -> str:
    values = (
        [study.urgency, study.sort_key, study.id]
        if sort == "urgency"
        else [round(study.received.timestamp() * 1e6), study.id]
    )
    return base64.urlsafe_b64encode(json.dumps([sort, *values]).encode("ascii")).decode("ascii").rstrip("=")


def _cursor_values(cursor: str, sort: Sort) -> list[Any]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, *values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != sort:
            raise ValueError(name)
        if sort != "urgency":
            return [datetime.fromtimestamp(int(values[0]) / 1e6, UTC), str(values[1])]
        return [int(values[0]), float(values[1]), str(values[2])]
    except (ValueError, TypeError, IndexError, OverflowError, OSError, RecursionError) as error:
        raise RefusedError(
            "invalid cursor for this sort order", expected="the field next of the page before"
        ) from error


def find(session: Session, study: str) -> Study | None:
    """A study."""
    return session.get(Study, study)


def images(session: Session, study: str) -> Sequence[Image]:
    """Its images, in order, without their thumbnails."""
    return session.scalars(select(Image).where(Image.study_id == study).order_by(Image.position)).all()


def originals(session: Session, study: str) -> Sequence[Original]:
    """Its files, in order."""
    return session.scalars(select(Original).where(Original.study_id == study).order_by(Original.position)).all()


def file_names(session: Session, studies: Collection[str]) -> dict[str, str]:
    """What senders call the first file of each of these studies."""
    if not studies:
        return {}
    first = select(Original.study_id, Original.name).where(Original.study_id.in_(studies), Original.position == 0)
    return {study: name for study, name in session.execute(first) if name}


def content(session: Session, study: str) -> dict[str, Any] | None:
    """Its reading as it was kept, or None."""
    return session.scalar(select(StoredReading.content).where(StoredReading.study_id == study))


def thumbnail(session: Session, study: str, image: int) -> bytes | None:
    """The thumbnail of one of its images, or None."""
    return session.scalar(select(Image.thumbnail).where(Image.study_id == study, Image.position == image))


def opinions(session: Session, study: str) -> Sequence[Opinion]:
    """What readers think of it, the latest last."""
    return session.scalars(select(Opinion).where(Opinion.study_id == study).order_by(Opinion.id)).all()


def earlier_opinions(session: Session, studies: Collection[Study]) -> dict[str, tuple[Opinion, int]]:
    """The latest opinion about an earlier version of each of these studies that has one, and that version."""
    later = [study for study in studies if study.version > 1]
    if not later:
        return {}
    rows = session.execute(
        select(Opinion, Study.examination, Study.version)
        .join(Study, Study.id == Opinion.study_id)
        .where(Study.examination.in_([row.examination for row in later]))
        .order_by(Opinion.id)
    ).all()
    return {
        row.id: (opinion, version)
        for row in later
        for opinion, examination, version in rows
        if examination == row.examination and version < row.version
    }


def latest_opinions(session: Session, studies: Collection[str]) -> dict[str, Opinion]:
    """The latest opinion of each of these studies that has one."""
    if not studies:
        return {}
    newest = select(func.max(Opinion.id)).where(Opinion.study_id.in_(studies)).group_by(Opinion.study_id)
    return {scalar.study_id: scalar for scalar in session.scalars(select(Opinion).where(Opinion.id.in_(newest)))}
