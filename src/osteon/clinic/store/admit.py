"""Letting studies in: each once, however often and by how many at once its files are sent."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.queue import waiting
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import URGENCY, Original, State, Study
from osteon.core.errors import StoreError
from osteon.core.labels import View


class FullError(StoreError):
    """Too many studies wait to be read."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is in the store.

    Attributes:
        digest: its name there.
        size: bytes.
        format: a value of ``Kind``.
        view: that its name stated.
    """

    digest: str
    size: int
    format: str
    view: View | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A study that wants in.

    Attributes:
        key: hash of what makes it this study.
        bundle: ``name@version`` of the bundle that will read it.
        files: each once.
        places: of its files in the upload.
        pseudonym: stands for the patient; None to make one of what the files say.
    """

    key: str
    bundle: str
    files: tuple[File, ...]
    places: tuple[int, ...]
    pseudonym: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A study that is in.

    Attributes:
        study: its identifier.
        state: of it.
        new: whether it was queued now.
        places: of its files in the upload.
    """

    study: str
    state: State
    new: bool
    places: tuple[int, ...]


def check_room(database: Database, *, most: int) -> None:
    """Look whether anything can be let in at all.

    Raises:
        FullError: as many studies wait as may.
    """
    with database.session() as session:
        if waiting(session) >= most:
            raise _full(most)


def admit(database: Database, files: Files, drafts: Sequence[Draft], *, most: int) -> tuple[Arrival, ...]:
    """Queue studies; those that are there already are left as they are, and those that failed are tried again.

    When this returns the studies survive a loss of power.

    Args:
        database: of the store.
        files: of the store, which hold the files of the drafts.
        drafts: in the order in which they are wanted; one of the same key counts once.
        most: studies that may wait.

    Raises:
        FullError: with these, more would wait; none is let in.
        StoreError: a file is not there.
    """
    wanted: dict[str, list[Draft]] = {}
    for draft in drafts:
        wanted.setdefault(draft.key, []).append(draft)
    if not wanted:
        return ()
    # Nobody may remove a file between the moment at which a study says that it needs it and the moment it is believed.
    with files.lock, database.session() as session:
        before = _known(session, list(wanted))
        fresh = [several[0] for key, several in wanted.items() if key not in before]
        again = [key for key, (_, state) in before.items() if state is State.FAILED]
        if (fresh or again) and waiting(session) + len(fresh) + len(again) > most:
            raise _full(most)
        for draft in fresh:
            for file in draft.files:
                if not files.path(file.digest).exists():
                    raise StoreError("a file was removed while it came in", hint="Send it again.")
        new = _insert(session, fresh) | _retry(session, again)
        known = before if not fresh else _known(session, list(wanted))
    return tuple(
        Arrival(
            known[key][0],
            State.QUEUED if key in new else known[key][1],
            key in new,
            tuple(place for draft in several for place in draft.places),
        )
        for key, several in wanted.items()
    )


def _full(most: int) -> FullError:
    return FullError("too many studies wait to be read", expected=f"at most {most:,}", hint="Try again later.")


def _known(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, State]]:
    rows = session.execute(select(Study.key, Study.id, Study.state).where(Study.key.in_(keys)))
    return {key: (study, State(state)) for key, study, state in rows}


def _insert(session: Session, drafts: Sequence[Draft]) -> set[str]:
    """Insert studies; the keys of those that nobody else inserted meanwhile."""
    if not drafts:
        return set()
    moment = now()
    # In the order of their keys, so that two uploads of the same studies wait for each other and never in a circle.
    rows: list[dict[str, Any]] = [
        {
            "id": secrets.token_hex(10),
            "key": draft.key,
            "state": State.QUEUED,
            "received": moment,
            "bundle": draft.bundle,
            "pseudonym": draft.pseudonym,
            "view_count": len(draft.files),
            "reason": "",
            "urgency": URGENCY[State.QUEUED],
            "falling": 1.0,
            "attempts": 0,
        }
        for draft in sorted(drafts, key=lambda one: one.key)
    ]
    dialect = session.get_bind().dialect.name
    add = postgresql.insert(Study) if dialect == "postgresql" else sqlite.insert(Study)
    statement = add.on_conflict_do_nothing(index_elements=["key"]).returning(Study.key, Study.id)
    new = dict(session.execute(statement.values(rows)).all())
    originals = [
        {
            "study_id": new[draft.key],
            "place": place,
            "digest": file.digest,
            "size": file.size,
            "format": file.format,
            "view": file.view,
        }
        for draft in drafts
        if draft.key in new
        for place, file in enumerate(draft.files)
    ]
    if originals:
        session.execute(insert(Original), originals)
    return set(new)


def _retry(session: Session, keys: Sequence[str]) -> set[str]:
    """Queue studies that failed once more; the keys of those that were."""
    if not keys:
        return set()
    again = (
        update(Study)
        .where(Study.key.in_(keys), Study.state == State.FAILED)
        .values(state=State.QUEUED, attempts=0, problem=None, read=None, urgency=URGENCY[State.QUEUED])
        .returning(Study.key)
        .execution_options(synchronize_session=False)
    )
    return set(session.scalars(again))
