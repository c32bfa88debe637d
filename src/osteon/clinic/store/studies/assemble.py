"""The study assembler: images join the study that they state, however and in whatever order they arrive.

Whoever brings images (the page, the API, a DICOM node) gives each as a ``Piece``. Which belong together is told by the rule of
``osteon.inference.grouping``, across uploads. Beyond it:

- While an examination waits it just grows; once its reading has begun, a further image makes a new version of it, which is
  read anew. The versions before it stay as they are.
- The same image again changes nothing, except that a study that failed is tried again, and that another bundle of the
  server than the one that read it makes a new version.

Call it within a transaction, and with the lock of the files held: then two uploads of one study come one after the other.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from osteon.clinic.state import Cause
from osteon.clinic.store.studies.arrivals import Arrival, File, Piece
from osteon.clinic.store.studies.queue import requeue
from osteon.clinic.store.studies.versions import keep_files, next_version
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import SHOWN, Original, State, Study
from osteon.clinic.urgency import urgency
from osteon.inference.grouping import Group, Member, group


@dataclass(slots=True)
class _Examination(Group[Piece]):
    """An examination that is there.

    Attributes:
        newest: its newest version.
        files: the digests of that version's files, in order.
    """

    newest: Study | None = None
    files: tuple[str, ...] = ()


def assemble(session: Session, pieces: Sequence[Piece], bundle: str) -> list[Arrival]:
    """Let pieces join their examinations.

    Args:
        session: a transaction; the lock of the files is held.
        pieces: each with a StudyInstanceUID.
        bundle: ``name@version`` of the bundle that will read.

    Returns:
        The newest version of each examination that got pieces.
    """
    return [_join(session, found, bundle) for found in group(_members(pieces), lambda uid: _existing(session, uid))]


def of_other_patients(session: Session, pieces: Sequence[Piece]) -> set[int]:
    """The positions of pieces that contradict the patient of their StudyInstanceUID.

    That is the patient of the examinations that are there, else of the first piece.
    """
    known: set[str] = set()
    found: set[int] = set()
    for examination in group(_members(pieces), lambda uid: _existing(session, uid)):
        there = isinstance(examination, _Examination) or not _existing(session, examination.study)
        if there and (isinstance(examination, _Examination) or examination.study not in known):
            known.add(examination.study)
        else:
            found |= {piece.position for piece in examination.items}
    return found


def _members(pieces: Sequence[Piece]) -> list[Member[Piece]]:
    return [
        Member(piece, piece.position, piece.identity.uid, piece.identity.marks, piece.file.digest) for piece in pieces
    ]


def _existing(session: Session, uid: str) -> list[_Examination]:
    """The examinations of a StudyInstanceUID, one for each of its patients."""
    newest = session.scalars(
        select(Study).where(Study.uid == uid, Study.newer.is_(None)).order_by(Study.received, Study.id)
    ).all()
    found: list[_Examination] = []
    for row in newest:
        query = select(Original.digest).where(Original.study_id == row.id).order_by(Original.position)
        files = tuple(session.scalars(query))
        found.append(_Examination(uid, dict(row.marks or {}), set(files), newest=row, files=files))
    return found


def _join(session: Session, found: Group[Piece], bundle: str) -> Arrival:
    pieces = found.items
    before, held = (found.newest, found.files) if isinstance(found, _Examination) else (None, ())
    fresh = {piece.file.digest: piece for piece in reversed(pieces) if piece.file.digest not in held}
    added = sorted(fresh.values(), key=lambda piece: piece.position)
    order = [*held, *(piece.file.digest for piece in added)]
    position_pairs = tuple((order.index(piece.file.digest), piece.position) for piece in pieces)
    positions = tuple(piece.position for piece in pieces)
    known = tuple(piece.position for piece in pieces if piece not in added)
    if before is None:
        study = _first(session, found, added, bundle)
        return Arrival(study, State.QUEUED, True, positions, position_pairs, known=known)
    joined = tuple(piece.position for piece in added)
    state, replaces = State(before.state), None
    if added:
        study, replaces = _grown(session, before, found, added, bundle, len(held))
        return Arrival(study, State.QUEUED, True, positions, position_pairs, joined, known, replaces)
    if state is State.FAILED:
        again = bool(requeue(session, [before.id]))
        return Arrival(before.id, State.QUEUED if again else state, again, positions, position_pairs, (), known)
    if state is State.DONE and not _read_by(session, before, bundle):
        grown = next_version(session, before, bundle, Cause.BUNDLE)
        return Arrival(grown.id, State.QUEUED, True, positions, position_pairs, (), known, before.id)
    return Arrival(before.id, state, False, positions, position_pairs, (), known)


def _first(session: Session, found: Group[Piece], added: Sequence[Piece], bundle: str) -> str:
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
        uid=found.study,
    )
    _complete(row, found, added)
    session.add(row)
    session.flush()
    keep_files(session, study, [piece.file for piece in added])
    return study


def _grown(
    session: Session, before: Study, found: Group[Piece], added: Sequence[Piece], bundle: str, held: int
) -> tuple[str, str | None]:
    """Give an examination further files; the study that has them, and the version that it replaces, if it does."""
    files: list[File] = [piece.file for piece in added]
    taken = session.execute(
        update(Study)
        .where(Study.id == before.id, Study.state.in_((State.QUEUED, State.FAILED)))
        .values(
            state=State.QUEUED,
            bundle=bundle,
            attempts=0,
            problem=None,
            read=None,
            view_count=held + len(files),
            urgency=urgency(State.QUEUED) if before.state == State.FAILED else before.urgency,
        )
        .returning(Study.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is not None:  # nobody has begun to read it: it grows
        session.refresh(before)
        _complete(before, found, added)
        keep_files(session, before.id, files, held)
        return before.id, None
    grown = next_version(session, before, bundle, Cause.IMAGES, files)
    _complete(grown, found, added)
    return grown.id, before.id


def _complete(row: Study, found: Group[Piece], pieces: Sequence[Piece]) -> None:
    """Fill what the row of a study does not state yet from its files."""
    row.marks = dict(found.patient) or None
    for piece in pieces:
        row.accession = row.accession or piece.identity.accession[:SHOWN] or None
        row.patient = row.patient or piece.identity.patient[:SHOWN] or None
        row.date = row.date or piece.identity.date or None
        row.time = row.time or piece.identity.time or None
        row.number = row.number or piece.identity.number[:SHOWN] or None
        row.name = row.name or piece.identity.name or None
        row.referrer = row.referrer or piece.identity.referrer or None
        row.pseudonym = row.pseudonym or piece.pseudonym
        row.label = row.label or piece.label


def _read_by(session: Session, study: Study, bundle: str) -> bool:
    """Whether a bundle has read the files of a study, or is about to."""
    versions = session.execute(
        select(Study.id, Study.bundle, Study.state).where(Study.examination == study.examination)
    ).all()
    candidates = [item for item, name, state in versions if name == bundle and state != State.FAILED]
    held = _digests(session, study.id)
    return any(_digests(session, candidate) == held for candidate in candidates)


def _digests(session: Session, study: str) -> set[str]:
    return set(session.scalars(select(Original.digest).where(Original.study_id == study)))
