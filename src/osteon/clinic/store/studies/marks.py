"""Marks and opinions as they are kept, and what a mark measures on the image that it lies on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import and_, delete, func, select
from sqlalchemy.orm import Session

from osteon.clinic.marks.measure import Calibration, MarkKind, Value, measured
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.studies import Image, Opinion, Original, Study

MOST: Final = 500
"""Marks on one study."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A mark with what it measures.

    Attributes:
        mark: as it is kept.
        image: position of its image in the study that was asked for.
        value: None for marks that measure nothing.
    """

    mark: Mark
    image: int
    value: Value | None


def of_study(session: Session, study: Study, *, earlier: bool = True) -> list[Measured]:
    """The marks of a study, in the order in which they were drawn.

    Args:
        session: of the store.
        study: a version of an examination.
        earlier: with what was drawn on the same images in earlier versions; verdicts are left out there, since they are
            about boxes of another reading.
    """
    own = session.scalars(select(Mark).where(Mark.study_id == study.id)).all()
    found = [(mark, mark.image) for mark in own]
    if earlier and study.version > 1:
        found = [*_carried(session, study), *found]
    images = session.scalars(select(Image).where(Image.study_id == study.id)).all()
    return _measured(sorted(found, key=lambda item: item[0].id), images)


def _carried(session: Session, study: Study) -> list[tuple[Mark, int]]:
    """Marks of earlier versions, each with the position that its image has in this one."""
    before = select(Study.id).where(Study.examination == study.examination, Study.version < study.version)
    marks = session.scalars(select(Mark).where(Mark.study_id.in_(before), Mark.kind != MarkKind.VERDICT)).all()
    if not marks:
        return []
    query = (
        select(Image.study_id, Image.position, Original.digest, Image.frame)
        .join(Original, and_(Original.study_id == Image.study_id, Original.position == Image.original))
        .where(Image.study_id.in_({study.id, *(mark.study_id for mark in marks)}))
    )
    pixels: dict[tuple[str, int], tuple[str, int]] = {}
    positions: dict[tuple[str, int], int] = {}
    for owner, position, digest, frame in session.execute(query):
        pixels[owner, position] = (digest, frame)
        if owner == study.id:
            positions[digest, frame] = position
    there = [(mark, pixels.get((mark.study_id, mark.image))) for mark in marks]
    return [(mark, positions[image]) for mark, image in there if image is not None and image in positions]


def _measured(found: Sequence[tuple[Mark, int]], images: Iterable[Image]) -> list[Measured]:
    """Marks with their values; the latest calibration of an image holds for it."""
    scales = {
        image: Calibration(_ends(mark), mark.millimetres)
        for mark, image in sorted(found, key=lambda item: (item[0].changed or item[0].created, item[0].id))
        if mark.kind == MarkKind.CALIBRATION and mark.millimetres is not None
    }
    spacings = {
        image.position: (image.row_spacing, image.column_spacing)
        for image in images
        if image.row_spacing is not None and image.column_spacing is not None
    }
    return [
        Measured(
            mark,
            image,
            measured(MarkKind(mark.kind), [(x, y) for x, y in mark.points], spacings.get(image), scales.get(image)),
        )
        for mark, image in found
    ]


def count(session: Session, study: str) -> int:
    """How many marks a study has."""
    return session.scalar(select(func.count()).select_from(Mark).where(Mark.study_id == study)) or 0


def drop_verdicts(session: Session, mark: Mark) -> None:
    """Forget what the author of a new verdict said of the same box before."""
    earlier = select(Mark).where(
        Mark.study_id == mark.study_id,
        Mark.image == mark.image,
        Mark.kind == MarkKind.VERDICT,
        Mark.author == mark.author,
    )
    for other in session.scalars(earlier):
        if other.points == mark.points and other.label == mark.label:
            session.execute(delete(Mark).where(Mark.id == other.id))


def find(session: Session, study: str, mark: int) -> Mark | None:
    """A mark of a study or of an earlier version of it."""
    found, row = session.get(Mark, mark), session.get(Study, study)
    if found is None or row is None:
        return None
    owner = session.get(Study, found.study_id)
    same = owner is not None and owner.examination == row.examination and owner.version <= row.version
    return found if same else None


def find_opinion(session: Session, study: str, opinion: int) -> Opinion | None:
    """An opinion on a study."""
    found = session.get(Opinion, opinion)
    return found if found is not None and found.study_id == study else None


def finding_of(content: dict[str, Any] | None, mark: Mark) -> bool:
    """Whether a kept reading has the box that a verdict is about."""
    if content is None:
        return False
    (x0, y0), (x1, y1) = mark.points
    return any(
        found["image"] == mark.image and found["label"] == mark.label and list(found["box"]) == [x0, y0, x1, y1]
        for found in content["findings"]
    )


def _ends(mark: Mark) -> tuple[tuple[float, float], tuple[float, float]]:
    (x0, y0), (x1, y1) = mark.points
    return (x0, y0), (x1, y1)
