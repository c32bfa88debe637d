"""What the store holds, as a DICOM archive sees it: the newest version of each study, and its DICOM instances."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.store.pacs.matching import Keys, of_images, of_studies
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


def holdings(session: Session, keys: Keys, begin: int = 0) -> Iterator[Holding]:
    """The studies that match, the newest first; of each the instances that match.

    Args:
        session: a transaction, which is open as long as it is iterated.
        keys: what is looked for.
        begin: so many of the first ones are left out.
    """
    conditions: list[Any] = [Study.uid.is_not(None), Study.newer.is_(None), *of_studies(session, keys)]
    own = [Original.instance.is_not(None), *of_images(keys)]
    there = select(Original.study_id).where(Original.study_id == Study.id, *own).exists()
    if keys.modalities:
        any_of = (Original.study_id == Study.id, Original.modality.in_(keys.modalities))
        conditions.append(select(Original.study_id).where(*any_of).exists())
    query = select(Study.id, Study.uid).where(there, *conditions).order_by(Study.received.desc(), Study.id.desc())
    while rows := session.execute(query.offset(begin).limit(_AT_ONCE)).all():
        begin += len(rows)
        found: dict[str, list[Instance]] = {}
        instances = select(Original).where(Original.study_id.in_([row.id for row in rows]), *own)
        for original in session.scalars(instances.order_by(Original.study_id, Original.position)):
            found.setdefault(original.study_id, []).append(_instance(original))
        for study, uid in rows:
            yield Holding(study, uid or "", tuple(found.get(study, ())))


def modalities(session: Session, studies: Collection[str]) -> dict[str, list[str]]:
    """The modalities of all images of each of these studies."""
    query = select(Original.study_id, Original.modality).where(
        Original.study_id.in_(studies), Original.modality.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for study, modality in session.execute(query.distinct()):
        found.setdefault(study, set()).add(str(modality))
    return {study: sorted(several) for study, several in found.items()}


def _instance(original: Original) -> Instance:
    return Instance(
        original.digest,
        original.sop_class or "",
        original.instance or "",
        original.series or "",
    )
