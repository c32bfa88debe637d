"""The study assembler: images join the study that they state, however and in whatever order they arrive.

Whoever brings images (the page, the API, a DICOM node) gives each as a ``Piece``. The rules:

- Images of one StudyInstanceUID are one examination, across uploads. While it waits it just grows; once its reading has
  begun, a further image makes a new version of it, which is read anew. The versions before it stay as they are.
- Images of two patients are never one examination, whatever their StudyInstanceUID: each patient has one of their own.
- The same image again changes nothing, except that a study that failed is tried again, and that another bundle of the
  server than the one that read it makes a new version.

Call it within a transaction, and with the lock of the files held: then two uploads of one study come one after the other.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from osteon.clinic.state import Cause
from osteon.clinic.store.studies.arrivals import Arrival, File, Piece
from osteon.clinic.store.studies.patients import contradict, together
from osteon.clinic.store.studies.queue import requeue
from osteon.clinic.store.studies.versions import keep_files, next_version
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import SHOWN, Original, State, Study
from osteon.clinic.urgency import urgency


@dataclass
class _Examination:
    """An examination while pieces are given to it.

    Attributes:
        marks: what is known of its patient.
        newest: its newest version; None where it is not there yet.
        held: the digests of that version's files.
        pieces: that belong to it.
    """

    marks: dict[str, str]
    newest: Study | None = None
    held: list[str] = field(default_factory=list[str])
    pieces: list[Piece] = field(default_factory=list[Piece])


def assemble(session: Session, pieces: Sequence[Piece], bundle: str) -> list[Arrival]:
    """Let pieces join their examinations.

    Args:
        session: a transaction; the lock of the files is held.
        pieces: each with a StudyInstanceUID.
        bundle: ``name@version`` of the bundle that will read.

    Returns:
        The newest version of each examination that got pieces.
    """
    studies: dict[str, list[Piece]] = {}
    for piece in pieces:
        studies.setdefault(piece.identity.uid, []).append(piece)
    return [
        _join(session, uid, one, bundle) for uid, several in studies.items() for one in _dealt(session, uid, several)
    ]


def _dealt(session: Session, uid: str, pieces: Sequence[Piece]) -> list[_Examination]:
    """Deal the pieces of one StudyInstanceUID to the examinations of its patients, those with pieces alone."""
    examinations = _there(session, uid)
    # Those that say most of their patient first: one that says nothing belongs to the only patient, if there is only one.
    for piece in sorted(pieces, key=lambda one: (-len(one.identity.marks), one.position)):
        marks = piece.identity.marks
        holding = [one for one in examinations if piece.file.digest in one.held]
        same = [one for one in examinations if one.marks == marks]
        possible = [one for one in examinations if not contradict(one.marks, marks)]
        chosen = (holding or same or (possible if len(possible) == 1 else []))[:1]
        if not chosen:
            chosen = [_Examination(dict(marks))]
            examinations += chosen
        chosen[0].marks = together(chosen[0].marks, marks)
        chosen[0].pieces.append(piece)
        if piece.file.digest not in chosen[0].held and chosen[0].newest is None:
            chosen[0].held.append(piece.file.digest)
    return [one for one in examinations if one.pieces]


def _there(session: Session, uid: str) -> list[_Examination]:
    newest = session.scalars(
        select(Study).where(Study.uid == uid, Study.newer.is_(None)).order_by(Study.received, Study.id)
    ).all()
    found: list[_Examination] = []
    for row in newest:
        digests = session.scalars(
            select(Original.digest).where(Original.study_id == row.id).order_by(Original.position)
        )
        found.append(_Examination(dict(row.marks or {}), row, list(digests)))
    return found


def _join(session: Session, uid: str, examination: _Examination, bundle: str) -> Arrival:
    pieces = sorted(examination.pieces, key=lambda one: one.position)
    held = [] if examination.newest is None else examination.held
    fresh = {one.file.digest: one for one in reversed(pieces) if one.file.digest not in held}
    added = sorted(fresh.values(), key=lambda one: one.position)
    order = [*held, *(one.file.digest for one in added)]
    position_pairs = tuple((order.index(one.file.digest), one.position) for one in pieces)
    positions = tuple(one.position for one in pieces)
    known = tuple(one.position for one in pieces if one not in added)
    before = examination.newest
    if before is None:
        study = _first(session, uid, examination, added, bundle)
        return Arrival(study, State.QUEUED, True, positions, position_pairs, known=known)
    joined = tuple(one.position for one in added)
    state, replaces = State(before.state), None
    if added:
        study, replaces = _grown(session, before, examination, added, bundle)
        return Arrival(study, State.QUEUED, True, positions, position_pairs, joined, known, replaces)
    if state is State.FAILED:
        again = bool(requeue(session, [before.id]))
        return Arrival(before.id, State.QUEUED if again else state, again, positions, position_pairs, (), known)
    if state is State.DONE and not _read_by(session, before, bundle):
        grown = next_version(session, before, bundle, Cause.BUNDLE)
        return Arrival(grown.id, State.QUEUED, True, positions, position_pairs, (), known, before.id)
    return Arrival(before.id, state, False, positions, position_pairs, (), known)


def _first(session: Session, uid: str, examination: _Examination, added: Sequence[Piece], bundle: str) -> str:
    """The first version of an examination."""
    study = secrets.token_hex(10)
    key = hashlib.sha256(json.dumps([study, 1]).encode("ascii")).hexdigest()
    row = Study(
        id=study,
        key=key,
        state=State.QUEUED,
        received=now(),
        bundle=bundle,
        view_count=len(added),
        urgency=urgency(State.QUEUED),
        examination=study,
        version=1,
        cause=Cause.RECEIVED,
        uid=uid,
    )
    _tell(row, examination, added)
    session.add(row)
    session.flush()
    keep_files(session, study, [one.file for one in added])
    return study


def _grown(
    session: Session, before: Study, examination: _Examination, added: Sequence[Piece], bundle: str
) -> tuple[str, str | None]:
    """Give an examination further files; the study that has them, and the version that it replaces, if it does."""
    files: list[File] = [one.file for one in added]
    taken = session.execute(
        update(Study)
        .where(Study.id == before.id, Study.state.in_((State.QUEUED, State.FAILED)))
        .values(
            state=State.QUEUED,
            bundle=bundle,
            attempts=0,
            problem=None,
            read=None,
            view_count=len(examination.held) + len(files),
            urgency=urgency(State.QUEUED) if before.state == State.FAILED else before.urgency,
        )
        .returning(Study.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is not None:  # nobody has begun to read it: it grows
        session.refresh(before)
        _tell(before, examination, added)
        keep_files(session, before.id, files, len(examination.held))
        return before.id, None
    grown = next_version(session, before, bundle, Cause.IMAGES, files)
    _tell(grown, examination, added)
    return grown.id, before.id


def _tell(row: Study, examination: _Examination, pieces: Sequence[Piece]) -> None:
    """Let a study say what its files say; what it says already stays."""
    row.marks = dict(examination.marks) or None
    for piece in pieces:
        row.accession = row.accession or piece.identity.accession[:SHOWN] or None
        row.patient = row.patient or piece.identity.patient[:SHOWN] or None
        row.pseudonym = row.pseudonym or piece.pseudonym
        row.label = row.label or piece.label


def _read_by(session: Session, study: Study, bundle: str) -> bool:
    """Whether a bundle has read the files of a study, or is about to."""
    versions = session.execute(
        select(Study.id, Study.bundle, Study.state).where(Study.examination == study.examination)
    ).all()
    candidates = [one for one, name, state in versions if name == bundle and state != State.FAILED]
    held = _digests(session, study.id)
    return any(_digests(session, one) == held for one in candidates)


def _digests(session: Session, study: str) -> set[str]:
    return set(session.scalars(select(Original.digest).where(Original.study_id == study)))
