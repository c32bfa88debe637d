"""What the store holds, as a DICOM archive sees it: the newest version of each study, and its DICOM instances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.store.tables.studies import Original, Study

_AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Instance:
    """A DICOM instance of the store.

    Attributes:
        digest: its file.
        sop_class: SOPClassUID.
        uid: SOPInstanceUID.
        series: SeriesInstanceUID.
    """

    digest: str
    sop_class: str
    uid: str
    series: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A study of the store.

    Attributes:
        study: its identifier here.
        uid: StudyInstanceUID.
        instances: in the order in which they came.
    """

    study: str
    uid: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """What is looked for; what is empty matches everything.

    Attributes:
        study: StudyInstanceUID.
        series: SeriesInstanceUID.
        instance: SOPInstanceUID.
        patient: PatientID.
        accession: AccessionNumber.
    """

    study: str = ""
    series: str = ""
    instance: str = ""
    patient: str = ""
    accession: str = ""


def holdings(session: Session, keys: Keys) -> Iterator[Holding]:
    """The studies that match, the newest first; of each the instances that match."""
    conditions: list[Any] = [Study.uid.is_not(None), Study.newer.is_(None)]
    pairs = ((Study.uid, keys.study), (Study.patient, keys.patient), (Study.accession, keys.accession))
    conditions += [column == value for column, value in pairs if value]
    own = [Original.instance.is_not(None)]
    own += [Original.series == keys.series] if keys.series else []
    own += [Original.instance == keys.instance] if keys.instance else []
    there = select(Original.study_id).where(Original.study_id == Study.id, *own).exists()
    query = select(Study.id, Study.uid).where(there, *conditions).order_by(Study.received.desc(), Study.id.desc())
    begin = 0
    while rows := session.execute(query.offset(begin).limit(_AT_ONCE)).all():
        begin += len(rows)
        found: dict[str, list[Instance]] = {}
        instances = select(Original).where(Original.study_id.in_([row.id for row in rows]), *own)
        for original in session.scalars(instances.order_by(Original.study_id, Original.position)):
            instance = Instance(
                original.digest, original.sop_class or "", original.instance or "", original.series or ""
            )
            found.setdefault(original.study_id, []).append(instance)
        for study, uid in rows:
            yield Holding(study, uid or "", tuple(found.get(study, ())))
