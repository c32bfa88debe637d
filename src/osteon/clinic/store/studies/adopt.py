"""Studies of a store that an earlier version of Osteon wrote: what identifies them is read from their files, once.

Without it an image that comes in later would not find its study.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.patients.identity import stored_identity
from osteon.clinic.patients.names import folded
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.studies import MODALITY, SHOWN, Fact, Original, Study
from osteon.imaging.heading import read_file_heading
from osteon.imaging.patient_identity import combined
from osteon.imaging.sniff import Kind
from osteon.inference.grouping import Member, group

_NAME: Final = "adopted"
_INSTANCES: Final = "instances"
_HEADERS: Final = "headers"
_AT_ONCE: Final = 200
_log = logging.getLogger("osteon.clinic.store")


def adopt(database: Database, files: Files) -> int:
    """Read what identifies the studies that do not state it yet; returns how many there were."""
    with database.session() as session:
        if session.get(Fact, _NAME) is not None:
            return 0
        studies = session.scalars(select(Study).order_by(Study.received, Study.id)).all()
        for study in studies:
            _adopt(session, study, files)
        session.flush()
        _join(session, [study for study in studies if study.uid])
        session.add(Fact(name=_NAME, content={"studies": len(studies)}))
    if studies:
        _log.info("identifiers of %d studies of an earlier version were read from their files", len(studies))
    return len(studies)


def adopt_instances(database: Database, files: Files) -> int:
    """Read the series and the SOP class of the DICOM files that came in before they were kept; how many there were."""
    with database.session() as session:
        if session.get(Fact, _INSTANCES) is not None:
            return 0
        originals = session.scalars(
            select(Original).where(Original.format == Kind.DICOM.value, Original.sop_class.is_(None))
        ).all()
        for original in originals:
            heading = read_file_heading(files.path(original.digest), Kind(original.format))
            original.series, original.sop_class = heading.series or None, heading.sop_class or None
        session.add(Fact(name=_INSTANCES, content={"files": len(originals)}))
    return len(originals)


def adopt_headers(database: Database, files: Files) -> int:
    """Read what DICOMweb is searched by of the studies that came in before it was kept; how many there were.

    It takes a while where there are many, and goes on where a process before this one was ended.
    """
    done = 0
    with database.session() as session:
        if session.get(Fact, _HEADERS) is not None:
            return 0
    last = ""
    while True:
        with database.session() as session:
            wanted = (Study.uid.is_not(None), Study.id > last)
            studies = session.scalars(select(Study).where(*wanted).order_by(Study.id).limit(_AT_ONCE)).all()
            for study in studies:
                done += _adopt_headers(session, study, files)
            if not studies:
                session.add(Fact(name=_HEADERS, content={"studies": done}))
                break
            last = studies[-1].id
    if done:
        _log.info("dates and names of %d studies of an earlier version were read from their files", done)
    return done


def _adopt_headers(session: Session, study: Study, files: Files) -> bool:
    """Fill the row of a study and of its files; whether there was anything to fill."""
    own = (Original.study_id == study.id, Original.format == Kind.DICOM.value, Original.modality.is_(None))
    originals = session.scalars(select(Original).where(*own).order_by(Original.position)).all()
    for original in originals:
        heading = read_file_heading(files.path(original.digest), Kind.DICOM)
        original.modality = heading.modality[:MODALITY] or None
        study.date = study.date or heading.date or None
        study.time = study.time or heading.time or None
        study.number = study.number or heading.number[:SHOWN] or None
        study.name = study.name or folded(heading.names) or None
        study.referrer = study.referrer or folded(heading.referrer) or None
    return bool(originals)


def _adopt(session: Session, study: Study, files: Files) -> None:
    found: dict[str, str] = {}
    for original in session.scalars(select(Original).where(Original.study_id == study.id).order_by(Original.position)):
        heading = read_file_heading(files.path(original.digest), Kind(original.format))
        original.pixels = heading.pixels
        original.instance = heading.instance or None
        study.uid = study.uid or heading.study or None
        study.accession = study.accession or heading.accession[:SHOWN] or None
        study.patient = study.patient or heading.patient[:SHOWN] or None
        if original.format == Kind.DICOM.value:
            found = combined(found, stored_identity(heading, files))
    study.marks = found or None


def _join(session: Session, studies: Sequence[Study]) -> None:
    """Let several rows of one examination be versions of it: they came in one by one, which made a row each.

    The one with most files is the newest; images that it has not come to it when they are sent again.
    """
    members = [
        Member(study, position, study.uid or "", study.marks or {}, study.id) for position, study in enumerate(studies)
    ]
    for found in group(members):
        ordered = sorted(found.items, key=lambda study: (_files(session, study), study.received))
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
