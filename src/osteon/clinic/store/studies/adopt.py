"""Studies of a store that an Osteon before this one wrote: what identifies them is read from their files, once.

Without it an image that comes in later would not find its study.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.patients import contradict, marks, together
from osteon.clinic.store.tables.studies import SHOWN, Fact, Original, Study
from osteon.imaging.heading import Heading, read_heading
from osteon.imaging.sniff import Kind

_NAME: Final = "adopted"
_log = logging.getLogger("osteon.clinic.store")


def adopt(database: Database, files: Files) -> int:
    """Read what identifies the studies that do not say it yet; how many there were."""
    with database.session() as session:
        if session.get(Fact, _NAME) is not None:
            return 0
        studies = session.scalars(select(Study).order_by(Study.received, Study.id)).all()
        for study in studies:
            _adopt(session, study, files)
        session.flush()
        _join(session, [one for one in studies if one.uid])
        session.add(Fact(name=_NAME, content={"studies": len(studies)}))
    if studies:
        _log.info("%d studies of a former version were taken over", len(studies))
    return len(studies)


def _adopt(session: Session, study: Study, files: Files) -> None:
    found: dict[str, str] = {}
    for original in session.scalars(select(Original).where(Original.study_id == study.id).order_by(Original.position)):
        heading = _heading(files, original)
        original.pixels = heading.pixels
        original.instance = heading.instance or None
        study.uid = study.uid or heading.study or None
        study.accession = study.accession or heading.accession[:SHOWN] or None
        study.patient = study.patient or heading.patient[:SHOWN] or None
        if original.format == Kind.DICOM.value:
            found = together(found, marks(heading, files.hashed))
    study.marks = found or None


def _heading(files: Files, original: Original) -> Heading:
    try:
        with files.path(original.digest).open("rb") as stream:
            return read_heading(stream, Kind(original.format))
    except OSError:
        return Heading()


def _join(session: Session, studies: Sequence[Study]) -> None:
    """Let several rows of one examination be versions of it: they came in one by one, which made a row each.

    The one with most files is the newest; images that it has not come to it when they are sent again.
    """
    groups: list[list[Study]] = []
    for study in studies:
        own = study.marks or {}
        fits = [one for one in groups if one[0].uid == study.uid and not contradict(one[0].marks or {}, own)]
        if fits:
            fits[0].append(study)
        else:
            groups.append([study])
    for group in groups:
        ordered = sorted(group, key=lambda one: (_files(session, one), one.received))
        for number, study in enumerate(ordered):
            # First beyond what is there, since no two may have the same number, not even for a moment.
            study.examination, study.version = ordered[0].id, number + 1 + len(ordered)
        session.flush()
        for number, study in enumerate(ordered):
            study.version = number + 1
            study.newer = ordered[number + 1].id if number + 1 < len(ordered) else None
        session.flush()


def _files(session: Session, study: Study) -> int:
    return len(session.scalars(select(Original.position).where(Original.study_id == study.id)).all())
