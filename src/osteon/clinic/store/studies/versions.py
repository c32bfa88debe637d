"""Versions of an examination: each has a row of its own with its files, images, reading and opinions, and none changes.

The newest alone is in the worklist. It stands there where the version before it stood until it is read: a study that was
called a fracture does not fall to the end of the list because another view of it came in.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from osteon.clinic.state import Cause
from osteon.clinic.store.studies.arrivals import File
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Original, State, Study

_KEPT: Final = ("digest", "size", "format", "view", "name", "instance", "series", "sop_class", "modality", "pixels")


def next_version(session: Session, before: Study, bundle: str, cause: Cause, added: Sequence[File] = ()) -> Study:
    """Queue the next version of an examination.

    Args:
        session: a transaction; the lock of the files is held.
        before: its newest version.
        bundle: ``name@version`` of the bundle that will read it.
        cause: why.
        added: further files.
    """
    study = secrets.token_hex(10)
    key = hashlib.sha256(json.dumps([before.examination, before.version + 1]).encode("ascii")).hexdigest()
    held = session.scalars(select(Original).where(Original.study_id == before.id).order_by(Original.position)).all()
    row = Study(
        id=study,
        key=key,
        state=State.QUEUED,
        received=now(),
        bundle=bundle,
        pseudonym=before.pseudonym,
        age=before.age,
        sex=before.sex,
        body_part=before.body_part,
        view_count=len(held) + len(added),
        urgency=before.urgency,
        sort_key=before.sort_key,
        examination=before.examination,
        version=before.version + 1,
        cause=cause,
        uid=before.uid,
        accession=before.accession,
        patient=before.patient,
        marks=before.marks,
        date=before.date,
        time=before.time,
        number=before.number,
        name=before.name,
        referrer=before.referrer,
        label=before.label,
    )
    session.add(row)
    before.newer = study
    session.flush()
    rows: list[dict[str, Any]] = [
        {"study_id": study, "position": digest.position, **{name: getattr(digest, name) for name in _KEPT}}
        for digest in held
    ]
    if rows:
        session.execute(insert(Original), rows)
    keep_files(session, study, added, len(held))
    return row


def versions(session: Session, examination: str) -> Sequence[Study]:
    """All versions of an examination, the first one first."""
    return session.scalars(select(Study).where(Study.examination == examination).order_by(Study.version)).all()


def predecessors(session: Session, studies: Collection[Study]) -> dict[str, Study]:
    """The version that each of these replaces, by the identifier of the one that does."""
    wanted = [study.id for study in studies if study.version > 1]
    if not wanted:
        return {}
    return {str(scalar.newer): scalar for scalar in session.scalars(select(Study).where(Study.newer.in_(wanted)))}


def shared_uids(session: Session, studies: Collection[Study]) -> set[str]:
    """Those StudyInstanceUIDs of these studies under which there is more than one patient's examination."""
    uids = {study.uid for study in studies if study.uid}
    if not uids:
        return set()
    rows = session.execute(select(Study.uid, Study.examination).where(Study.uid.in_(uids), Study.newer.is_(None)))
    seen: dict[str, set[str]] = {}
    for uid, examination in rows:
        seen.setdefault(str(uid), set()).add(examination)
    return {uid for uid, several in seen.items() if len(several) > 1}


def keep_files(session: Session, study: str, files: Sequence[File], first: int = 0) -> None:
    """Say that a study has files, at positions from ``first`` on."""
    rows = [
        {
            "study_id": study,
            "position": position,
            "digest": file.digest,
            "size": file.size,
            "format": file.format,
            "view": file.view,
            "name": file.name or None,
            "instance": file.instance or None,
            "series": file.series or None,
            "sop_class": file.sop_class or None,
            "modality": file.modality or None,
            "pixels": file.pixels,
        }
        for position, file in enumerate(files, start=first)
    ]
    if rows:
        session.execute(insert(Original), rows)
