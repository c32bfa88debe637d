"""Marks: measurements, calibrations, boxes that were missed, verdicts on boxes. Kept with the study, seen by all who see it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from osteon.clinic.events import study_event
from osteon.clinic.marks.measure import MarkKind
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.studies.reporting import touch, unsign
from osteon.clinic.server.schemas.marks import ChangedMark, Mark, NewMark
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.studies import marks as store
from osteon.clinic.store.studies import studies
from osteon.clinic.store.tables import marks as tables
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, State, Study

router: Final = api_router(prefix="/api/v1/studies/{study}/marks", tags=["marks"], responses=refusals(404))

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Reader = Annotated[Person, Depends(needs(Role.READER))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
def list_marks(request: Request, study: str, person: Viewer) -> list[Mark]:
    """All marks of a study, the latest last, including those on its images in earlier versions."""
    del person
    with context(request).database.session() as session:
        row = studies.find(session, study)
        if row is None:
            raise missing("study")
        return _marks(session, row)


@router.post("", status_code=201, responses=refusals(409, 422))
def add_mark(request: Request, study: str, mark: NewMark, person: Reader) -> Mark:
    """Add a mark; a verdict replaces the author's earlier one on the same box."""
    with context(request).database.session() as session:
        row = studies.find(session, study)
        if row is None:
            raise missing("study")
        if row.state != State.DONE:
            raise ProblemError(409, "The study is not read yet", f"Its state is {row.state}.")
        image = session.get(Image, (study, mark.image))
        if image is None:
            raise ProblemError(422, "The study has no such image", f"It has {row.view_count}, counted from 0.")
        if store.count(session, study) >= store.MOST:
            raise ProblemError(409, "The study has too many marks", f"At most {store.MOST}. Remove some first.")
        kept = tables.Mark(
            study_id=study,
            image=mark.image,
            kind=mark.kind,
            points=_placed(mark, image),
            label=mark.label,
            millimetres=mark.millimetres,
            accepted=mark.accepted,
            author=person.name,
            created=now(),
            bundle=row.bundle,
        )
        if mark.kind is MarkKind.VERDICT:
            if not store.finding_of(studies.content(session, study), kept):
                raise ProblemError(422, "The reading has no such box", "A verdict names a box of the reading exactly.")
            store.drop_verdicts(session, kept)
        session.add(kept)
        session.flush()
        _drawn(request, session, study, person, mark.kind)
        answer = _one(session, row, kept.id)
    _told(request, "add mark", study)
    return answer


@router.put("/{mark}", responses=refusals(403, 422))
def change_mark(request: Request, study: str, mark: Number, changed: ChangedMark, person: Reader) -> Mark:
    """Move one's own mark, or change the length of a calibration."""
    with context(request).database.session() as session:
        row, kept = _found(session, study, mark)
        if kept.author != person.name:
            raise ProblemError(403, "This is somebody else's mark", "Only its author can change it. Draw your own.")
        if kept.kind == MarkKind.VERDICT:
            raise ProblemError(422, "A verdict cannot be moved", "Give another verdict instead.")
        millimetres = changed.millimetres if changed.millimetres is not None else kept.millimetres
        try:
            checked = NewMark(
                image=kept.image,
                kind=MarkKind(kept.kind),
                points=changed.points,
                label=kept.label,
                millimetres=millimetres,
                accepted=None,
            )
        except ValueError as error:
            raise ProblemError(422, "These points do not fit the mark", "See POST for what each kind needs.") from error
        image = session.get(Image, (kept.study_id, kept.image))
        if image is None:
            raise missing("image")
        kept.points, kept.millimetres, kept.changed = _placed(checked, image), millimetres, now()
        session.flush()
        _drawn(request, session, study, person, MarkKind(kept.kind))
        answer = _one(session, row, mark)
    _told(request, "change mark", study)
    return answer


@router.delete("/{mark}", status_code=204, responses=refusals(403))
def delete_mark(request: Request, study: str, mark: Number, person: Reader) -> None:
    """Delete one's own mark; administrators may delete any."""
    with context(request).database.session() as session:
        _, kept = _found(session, study, mark)
        if kept.author != person.name and not person.role.allows(Role.ADMINISTRATOR):
            raise ProblemError(403, "This is somebody else's mark", "Its author or an administrator can remove it.")
        if not deleted(session, delete(tables.Mark).where(tables.Mark.id == kept.id)):
            raise missing("mark")
        if kept.author == person.name:
            _drawn(request, session, study, person, MarkKind(kept.kind))
    _told(request, "remove mark", study)


def answer(measured: store.Measured) -> Mark:
    """A mark as the API gives it."""
    mark, value = measured.mark, measured.value
    return Mark(
        id=mark.id,
        image=measured.image,
        kind=MarkKind(mark.kind),
        points=[(x, y) for x, y in mark.points],
        label=mark.label,
        millimetres=mark.millimetres,
        accepted=mark.accepted,
        author=mark.author,
        created=mark.created,
        changed=mark.changed,
        bundle=mark.bundle,
        value=None if value is None else round(value.number, 4),
        unit=None if value is None else value.unit,
        calibrated=value is not None and value.calibrated,
    )


def _marks(session: Session, study: Study) -> list[Mark]:
    return [answer(measured) for measured in store.of_study(session, study)]


def _one(session: Session, study: Study, mark: int) -> Mark:
    return next(kept for kept in _marks(session, study) if kept.id == mark)


def _found(session: Session, study: str, mark: int) -> tuple[Study, tables.Mark]:
    """A study, and a mark of it."""
    row, found = studies.find(session, study), store.find(session, study, mark)
    if row is None or found is None:
        raise missing("mark")
    return row, found


def _placed(mark: NewMark, image: Image) -> list[list[float]]:
    """The points of a mark; those of a missed box are its upper left and lower right corner, within the image."""
    if mark.kind is not MarkKind.BOX:
        return [[x, y] for x, y in mark.points]
    across, down = ([min(max(point[axis], 0.0), side) for point in mark.points] for axis, side in _sides(image))
    corners = [[min(across), min(down)], [max(across), max(down)]]
    if corners[0][0] >= corners[1][0] or corners[0][1] >= corners[1][1]:
        raise ProblemError(
            422, "The box does not cover any of the image", "Its corners must be apart, and within the image."
        )
    return corners


def _sides(image: Image) -> tuple[tuple[int, float], tuple[int, float]]:
    return (0, float(image.columns)), (1, float(image.rows))


def _drawn(request: Request, session: Session, study: str, person: Person, kind: MarkKind) -> None:
    """A box or a verdict on one belongs to what its author says of the study; a measurement does not."""
    if kind in (MarkKind.BOX, MarkKind.VERDICT):
        touch(request, session, study, person)
        if unsign(session, study, person):
            context(request).hub.publish(study_event(study, State.DONE))


def _told(request: Request, action: str, study: str) -> None:
    note(request, action, study)
    context(request).hub.publish({"kind": "marks", "id": study})
