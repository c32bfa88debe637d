"""Marks and opinions as they are kept, and what a mark measures on the image that it lies on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from osteon.clinic.measure import Calibration, MarkKind, Value, measured
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.studies import Image, Opinion

MOST: Final = 500
"""Marks on one study."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A mark with what it measures.

    Attributes:
        mark: as it is kept.
        value: None for marks that measure nothing.
    """

    mark: Mark
    value: Value | None


def of_study(session: Session, study: str) -> Sequence[Mark]:
    """The marks of a study, in the order in which they were drawn."""
    return session.scalars(select(Mark).where(Mark.study_id == study).order_by(Mark.id)).all()


def with_values(marks: Iterable[Mark], images: Iterable[Image]) -> list[Measured]:
    """Marks of one study with their values, in the order given; the latest calibration of an image holds for it."""
    marks = list(marks)
    scales = {
        mark.image: Calibration(_ends(mark), mark.millimetres)
        for mark in sorted(marks, key=lambda mark: (mark.changed or mark.created, mark.id))
        if mark.kind == MarkKind.CALIBRATION and mark.millimetres is not None
    }
    spacings = {
        image.place: (image.row_spacing, image.column_spacing)
        for image in images
        if image.row_spacing is not None and image.column_spacing is not None
    }
    return [
        Measured(
            mark,
            measured(
                MarkKind(mark.kind),
                [(x, y) for x, y in mark.points],
                spacings.get(mark.image),
                scales.get(mark.image),
            ),
        )
        for mark in marks
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
    """A mark of a study."""
    found = session.get(Mark, mark)
    return found if found is not None and found.study_id == study else None


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
