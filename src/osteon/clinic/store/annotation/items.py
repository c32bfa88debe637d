"""Studies of projects: adding them, screening them, and their images."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records import project as records
from osteon.clinic.annotation.records.project import ItemImage, ItemState
from osteon.clinic.patients.ages import coarse
from osteon.clinic.state import State
from osteon.clinic.store.annotation.overview import screening
from osteon.clinic.store.annotation.projects import ProjectError, check_open, locked
from osteon.clinic.store.tables.annotation import Item, Project
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Image, Original, Study
from osteon.core.instance import InstanceRef

_PART: Final = 500
"""Values in one statement."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of studies that were to be added.

    Attributes:
        added: how many are new in the project.
        present: how many were there, perhaps in another version.
        unread: how many have no images yet, since they are not read or cannot be.
        to_screen: of those that were added, how many somebody should look at, since something speaks against them.
    """

    added: int
    present: int
    unread: int
    to_screen: int


def add(
    session: Session, project: Project, wanted: Sequence[ColumnElement[bool]], text_found: Collection[str] = ()
) -> Added:
    """Add studies of the store, each examination once; what speaks against one is written beside it.

    Args:
        session: of the database.
        project: that gets them.
        wanted: conditions on ``Study``.
        text_found: studies in whose pixels their sender found text.

    Raises:
        ProjectError: the project is closed.
    """
    check_open(project)
    locked(session, project)
    query = select(Study.id, Study.examination, Study.probability, Study.state).where(*wanted)
    query = query.order_by(Study.version, Study.id)  # of several versions that are wanted the newest counts
    found = {row.examination: row for row in session.execute(query)}
    there = set(session.scalars(select(Item.examination).where(Item.project_id == project.id)))
    ready = [row for name, row in found.items() if name not in there and row.state == State.DONE]
    spread = _spread(session, [row.id for row in ready])
    against = screening.found(session, [row.id for row in ready], project.body_parts or (), text_found)
    moment = now()
    rows = [
        {
            "project_id": project.id,
            "study_id": row.id,
            "examination": row.examination,
            "state": ItemState.INCLUDED,
            "reason": "",
            "uncertainty": None if row.probability is None else abs(row.probability - 0.5),
            "disagreement": spread.get(row.id),
            "suspicions": [one.to_json() for one in against.get(row.id, ())],
            "to_screen": bool(against.get(row.id)),
            "added": moment,
        }
        for row in ready
    ]
    if rows:
        session.execute(insert(Item), rows)
    present = sum(name in there for name in found)
    return Added(len(rows), present, len(found) - present - len(rows), sum(row["to_screen"] for row in rows))


def screen(item: Item, state: ItemState, reason: str, author: str) -> None:
    """Take a study out of a project with a reason, or keep it or take it back in.

    Raises:
        ProjectError: it is locked, or there is no reason.
    """
    if item.state == ItemState.LOCKED or state is ItemState.LOCKED:
        raise ProjectError("the study is locked", hint="Its consensus is signed.")
    if state is ItemState.SCREENED_OUT and not reason:
        raise ProjectError("a study is screened out for a reason", expected="reason")
    item.state, item.reason = state, reason if state is ItemState.SCREENED_OUT else ""
    item.to_screen, item.screened_by, item.screened = False, author[:80], now()


def find(session: Session, project: str, item: int) -> Item | None:
    """A study of a project."""
    row = session.get(Item, item)
    return row if row is not None and row.project_id == project else None


def images(session: Session, studies: Iterable[str]) -> dict[str, tuple[ItemImage, ...]]:
    """The images of studies, by study."""
    wanted = list(studies)
    found: dict[str, list[ItemImage]] = {study: [] for study in wanted}
    query = select(Image, Original.digest, Original.instance, Original.series, Original.sop_class).join(
        Original, and_(Original.study_id == Image.study_id, Original.position == Image.original)
    )
    for start in range(0, len(wanted), _PART):
        part = wanted[start : start + _PART]
        for image, digest, instance, series, sop_class in session.execute(
            query.where(Image.study_id.in_(part)).order_by(Image.study_id, Image.position)
        ):
            rows, columns = image.row_spacing, image.column_spacing
            found[image.study_id].append(
                ItemImage(
                    position=image.position,
                    instance=InstanceRef(instance or "", image.frame + 1),
                    digest=digest,
                    rows=image.rows,
                    columns=image.columns,
                    view=image.view,
                    laterality=image.laterality,
                    body_part=image.body_part,
                    spacing=None if rows is None or columns is None else (rows, columns),
                    format=image.format,
                    series=series or "",
                    sop_class=sop_class or "",
                )
            )
    return {study: tuple(group) for study, group in found.items()}


def to_records(session: Session, items: Sequence[Item]) -> list[records.Item]:
    """Studies of a project as records, in the order in which they are given."""
    pictures = images(session, [item.study_id for item in items])
    rows: dict[str, Study] = {}
    names = [item.study_id for item in items]
    for start in range(0, len(names), _PART):
        part = names[start : start + _PART]
        rows |= {row.id: row for row in session.scalars(select(Study).where(Study.id.in_(part)))}
    return [_record(item, rows[item.study_id], pictures[item.study_id]) for item in items]


def count(session: Session, project: str) -> dict[str, int]:
    """How many studies there are in each state."""
    query = select(Item.state, func.count()).where(Item.project_id == project).group_by(Item.state)
    return {row[0]: row[1] for row in session.execute(query)}


def count_to_screen(session: Session, project: str) -> int:
    """How many studies somebody should look at, and nobody decided."""
    wanted = (Item.project_id == project, Item.to_screen.is_(True), Item.state == ItemState.INCLUDED)
    return session.scalar(select(func.count()).select_from(Item).where(*wanted)) or 0


def _record(item: Item, study: Study, pictures: tuple[ItemImage, ...]) -> records.Item:
    return records.Item(
        id=item.id,
        study=study.id,
        examination=item.examination,
        uid=study.uid or "",
        patient=study.pseudonym or "",
        state=ItemState(item.state),
        age=coarse(study.age),
        sex=study.sex,
        images=pictures,
        reason=item.reason,
        year=study.received.year,
    )


def _spread(session: Session, studies: Sequence[str]) -> dict[str, float]:
    """By study the difference between the highest and the lowest probability of its images."""
    found: dict[str, float] = {}
    query = select(Image.study_id, func.max(Image.probability), func.min(Image.probability))
    for start in range(0, len(studies), _PART):
        part = studies[start : start + _PART]
        for study, high, low in session.execute(query.where(Image.study_id.in_(part)).group_by(Image.study_id)):
            if high is not None and low is not None:
                found[study] = high - low
    return found
