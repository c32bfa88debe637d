"""A study as its annotator sees it: no name, number, date or file of the patient, and nothing that anybody else thinks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.draft import replay
from osteon.clinic.annotation.records.project import AssignmentState
from osteon.clinic.annotation.rules import broken
from osteon.clinic.patients.ages import coarse
from osteon.clinic.server.schemas.annotation.work import Task, TaskImage
from osteon.clinic.server.schemas.studies import Window
from osteon.clinic.store.annotation import proposals, schemas, work
from osteon.clinic.store.annotation.work import Work
from osteon.clinic.store.tables.studies import Image, Study
from osteon.core.labels import BodyPart, Laterality, Sex, View


def shown_task(session: Session, found: Work) -> Task:
    """An assignment with what its annotator may know."""
    schema = schemas.schema_of(session, found.project.id, found.project.schema_version)
    offered = proposals.of_study(session, found.item.study_id, schema) if proposals.may_see(found.assignment) else None
    draft = replay(work.events(session, found.assignment), offered)
    pictures = shown_images(session, found.item.study_id)
    age, sex = person_of(session, found.item.study_id)
    regions, answers = tuple(draft.regions.values()), draft.said()
    return Task(
        assignment=found.assignment.id,
        project=found.project.id,
        state=AssignmentState(found.assignment.state),
        round=found.assignment.round,
        sequence=found.assignment.sequence,
        age=age,
        sex=sex,
        images=pictures,
        label_schema=schema,
        schema_version=found.project.schema_version,
        answers=list(answers),
        regions=list(regions),
        rejected=sorted(draft.rejected),
        question=draft.question,
        skip_reason=draft.skip_reason,
        sent_back=draft.sent_back,
        active_seconds=draft.active_seconds,
        missing=list(broken(schema, answers, regions, [picture.index for picture in pictures])),
        proposals=None if offered is None else list(offered.values()),
        following=work.following(session, found),
    )


def shown_images(session: Session, study: str) -> list[TaskImage]:
    """Images without what names their files."""
    rows: Sequence[Image] = session.scalars(select(Image).where(Image.study_id == study).order_by(Image.position)).all()
    return [
        TaskImage(
            index=row.position,
            rows=row.rows,
            columns=row.columns,
            spacing=None
            if row.row_spacing is None or row.column_spacing is None
            else (row.row_spacing, row.column_spacing),
            bits=row.bits,
            view=None if row.view is None else View(row.view),
            laterality=None if row.laterality is None else Laterality(row.laterality),
            body_part=None if row.body_part is None else BodyPart(row.body_part),
            window=_window(row),
        )
        for row in rows
    ]


def person_of(session: Session, study: str) -> tuple[float | None, Sex | None]:
    """Age and sex of the patient, the age as coarse as it may leave the server."""
    found = session.execute(select(Study.age, Study.sex).where(Study.id == study)).first()
    if found is None:
        return None, None
    return coarse(found.age), None if found.sex is None else Sex(found.sex)


def _window(row: Image) -> Window | None:
    """The window of the file in the units of the pixels."""
    if row.window_low is None or row.window_high is None:
        return None
    full = 255.0 if row.bits <= 8 else 65535.0
    return Window(low=row.window_low * full, high=row.window_high * full)
