"""Letting studies in: each image once, however often and by how many at once it is sent, and each in its examination."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from osteon.clinic.state import Cause
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.incoming import same_data_set
from osteon.clinic.store.studies.arrivals import Admission, Arrival, Draft, File, Piece, Refusal
from osteon.clinic.store.studies.assemble import assemble, of_other_patients
from osteon.clinic.store.studies.queue import requeue, waiting
from osteon.clinic.store.studies.versions import keep_files
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import SHOWN, Original, State, Study
from osteon.clinic.urgency import urgency
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, StoreError


class FullError(StoreError):
    """The queue is full."""


class GoneError(StoreError):
    """A file was removed between the moment at which it was kept and that at which a study needed it."""


def check_room(database: Database, *, most: int) -> None:
    """Look whether anything can be let in at all.

    Raises:
        FullError: as many studies wait as may.
    """
    with database.session() as session:
        if waiting(session) >= most:
            raise _full(most)


def admit(
    database: Database,
    files: Files,
    drafts: Sequence[Draft],
    pieces: Sequence[Piece] = (),
    *,
    bundle: str = "",
    most: int,
    study_pixels: int | None = None,
    one_patient: bool = False,
) -> Admission:
    """Queue studies; those that are there already are left as they are, and those that failed are tried again.

    When this returns the studies survive a loss of power.

    Args:
        database: of the store.
        files: of the store, which hold the files of drafts and pieces.
        drafts: in the order in which they are wanted; one of the same key counts once.
        pieces: files that join the study that they state.
        bundle: ``name@version`` of the bundle that will read what the pieces make.
        most: studies that may wait.
        study_pixels: of all images of a study; files that would bring more are refused. None for any number.
        one_patient: whether images of another patient than that of their StudyInstanceUID are refused; otherwise they
            are a study of their own.

    Raises:
        FullError: with these, more would wait; none is let in.
        GoneError: a file is not there any more; none is let in.
    """
    if not drafts and not pieces:
        return Admission((), ())
    pieces, copies = _recognised(database, files, pieces)
    # Nobody may remove a file between the moment at which a study says that it needs it and the moment it is believed.
    with exclusive(database, files) as session:
        refusals = _contradicting(session, drafts, pieces)
        refusals += _beyond(session, drafts, pieces, study_pixels)
        if one_patient:
            refusals += [Refusal(position, _PATIENT) for position in of_other_patients(session, pieces)]
        refused = {refusal.position for refusal in refusals}
        arrivals = _drafts(session, [draft for draft in drafts if not refused.intersection(draft.positions)])
        arrivals += assemble(session, [piece for piece in pieces if piece.position not in refused], bundle)
        if any(arrival.new for arrival in arrivals) and waiting(session) > most:
            raise _full(most)
        digests = [file.digest for draft in drafts for file in draft.files] + [piece.file.digest for piece in pieces]
        if not all(files.there(digest) for digest in digests):
            raise GoneError("a file was removed during the upload", hint="Send it again.")
    each = {refusal.position: refusal for refusal in refusals}
    ordered = sorted(arrivals, key=lambda arrival: min(arrival.positions))
    return Admission(tuple(ordered), tuple(each.values()), copies)


def _recognised(database: Database, files: Files, pieces: Sequence[Piece]) -> tuple[list[Piece], frozenset[str]]:
    """Take files with the data set of one that is there for that one: each way in writes file meta information of its own.

    Returns:
        The pieces, and the digests of the files that are not needed.
    """
    with database.session() as session:
        there = _instances(session, {piece.file.instance for piece in pieces if piece.file.instance})
    copies: set[str] = set()
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda item: item.position):
        digest, held = piece.file.digest, there.setdefault(piece.file.instance, set())
        same = next((other for other in sorted(held) if digest not in held and _same(files, digest, other)), None)
        if piece.file.instance and same is not None:
            copies.add(digest)
            kept: File = replace(piece.file, digest=same, size=files.path(same).stat().st_size)
            found.append(replace(piece, file=kept))
        else:
            held.add(digest)
            found.append(piece)
    return found, frozenset(copies)


def _same(files: Files, digest: str, other: str) -> bool:
    with suppress(OSError):  # removed meanwhile: it is another one then
        return same_data_set(files.path(digest), files.path(other))
    return False


def _full(most: int) -> FullError:
    return FullError("too many studies wait to be read", expected=f"at most {most:,}", hint="Try again later.")


def _contradicting(session: Session, drafts: Sequence[Draft], pieces: Sequence[Piece]) -> list[Refusal]:
    """Files that bring other content under a SOPInstanceUID that is there: which of the two is right nobody can tell."""
    sent = [(position, draft.files[in_study]) for draft in drafts for in_study, position in draft.position_pairs]
    sent += [(piece.position, piece.file) for piece in pieces]
    named = sorted(((position, file) for position, file in sent if file.instance), key=lambda item: item[0])
    held = _instances(session, {file.instance for _, file in named})
    refusals: list[Refusal] = []
    for position, file in named:
        if file.digest not in held.setdefault(file.instance, {file.digest}):
            refusals.append(Refusal(position, _OTHER))
    return refusals


def _beyond(session: Session, drafts: Sequence[Draft], pieces: Sequence[Piece], most: int | None) -> list[Refusal]:
    """Files with which a study would have more pixels than may be in memory together."""
    if most is None:
        return []
    error = InputError(FaultCode.STUDY_TOO_LARGE, {"limit": most})
    refusals = [
        Refusal(position, error)
        for draft in drafts
        if sum(file.pixels or 0 for file in draft.files) > most
        for position in draft.positions
    ]
    held: dict[str, dict[str, int]] = {}
    for piece in sorted(pieces, key=lambda item: item.position):
        uid = piece.identity.uid
        if uid not in held:
            there = select(Original.digest, Original.pixels).join(Study, Study.id == Original.study_id)
            rows = session.execute(there.where(Study.uid == uid, Study.newer.is_(None)))
            held[uid] = {digest: pixels or 0 for digest, pixels in rows}
        grown = held[uid] | {piece.file.digest: piece.file.pixels or 0}
        if piece.file.digest not in held[uid] and sum(grown.values()) > most:
            refusals.append(Refusal(piece.position, error))
        else:
            held[uid] = grown
    return refusals


_PATIENT: Final = InputError(FaultCode.OTHER_PATIENT)
_OTHER: Final = InputError(FaultCode.OTHER_IMAGE)


def _instances(session: Session, instances: Collection[str]) -> dict[str, set[str]]:
    """The digests that each SOPInstanceUID has in the store."""
    found: dict[str, set[str]] = {}
    if instances:
        rows = session.execute(select(Original.instance, Original.digest).where(Original.instance.in_(instances)))
        for instance, digest in rows:
            found.setdefault(str(instance), set()).add(digest)
    return found


def _drafts(session: Session, drafts: Sequence[Draft]) -> list[Arrival]:
    """Let in what is a study by itself."""
    wanted: dict[str, list[Draft]] = {}
    for draft in drafts:
        wanted.setdefault(draft.key, []).append(draft)
    before = _known(session, list(wanted))
    fresh = [several[0] for key, several in wanted.items() if key not in before]
    new = _insert(session, fresh)
    failed = {study: key for key, (study, state) in before.items() if state is State.FAILED}
    new |= {failed[study] for study in requeue(session, list(failed))}
    known = before if not fresh else _known(session, list(wanted))
    arrivals: list[Arrival] = []
    for key, several in wanted.items():
        positions = tuple(position for draft in several for position in draft.positions)
        position_pairs = tuple(pair for draft in several for pair in draft.position_pairs)
        study, state = known[key]
        arrivals.append(
            Arrival(
                study,
                State.QUEUED if key in new else state,
                key in new,
                positions,
                position_pairs,
                known=positions if key in before else positions[len(several[0].files) :],
            )
        )
    return arrivals


def _known(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, State]]:
    rows = session.execute(select(Study.key, Study.id, Study.state).where(Study.key.in_(keys)))
    return {key: (study, State(state)) for key, study, state in rows}


def _insert(session: Session, drafts: Sequence[Draft]) -> set[str]:
    """Insert studies; the keys of those that nobody else inserted meanwhile."""
    if not drafts:
        return set()
    moment = now()
    rows: list[dict[str, Any]] = []
    # In the order of their keys, so that two uploads of the same studies wait for each other and never in a circle.
    for draft in sorted(drafts, key=lambda item: item.key):
        study = secrets.token_hex(10)
        rows.append(
            {
                "id": study,
                "key": draft.key,
                "state": State.QUEUED,
                "received": moment,
                "bundle": draft.bundle,
                "pseudonym": draft.pseudonym,
                "view_count": len(draft.files),
                "refusals": (),
                "urgency": urgency(State.QUEUED),
                "sort_key": 1.0,
                "attempts": 0,
                "examination": study,
                "version": 1,
                "cause": Cause.RECEIVED,
                "accession": draft.identity.accession[:SHOWN] or None,
                "patient": draft.identity.patient[:SHOWN] or None,
                "marks": draft.identity.marks or None,
                "label": draft.label,
            }
        )
    dialect = session.get_bind().dialect.name
    add = postgresql.insert(Study) if dialect == "postgresql" else sqlite.insert(Study)
    statement = add.on_conflict_do_nothing(index_elements=["key"]).returning(Study.key, Study.id)
    new = dict(session.execute(statement.values(rows)).all())
    for draft in drafts:
        if draft.key in new:
            keep_files(session, new[draft.key], draft.files)
    return set(new)
