"""What speaks against studies of a project, from what was written down when they were read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.annotation.screening import Seen, Suspicion, suspicion, suspicions
from osteon.clinic.store.tables.annotation import Item, Project
from osteon.clinic.store.tables.studies import Image
from osteon.core.codes.note import NoteCode

_PART: Final = 500
"""Values in one statement."""


def found(
    session: Session, studies: Sequence[str], body_parts: Collection[str], text_found: Collection[str] = ()
) -> dict[str, tuple[Suspicion, ...]]:
    """What speaks against studies, by study; those against which nothing does are not there.

    Args:
        session: of the database.
        studies: identifiers.
        body_parts: of the project; empty where any will do.
        text_found: studies in whose pixels their sender found text.
    """
    seen: dict[str, list[Seen]] = defaultdict(list)
    query = select(Image.study_id, Image.position, Image.body_part, Image.refusals, Image.notes)
    for start in range(0, len(studies), _PART):
        part = studies[start : start + _PART]
        for row in session.execute(query.where(Image.study_id.in_(part)).order_by(Image.study_id, Image.position)):
            seen[row.study_id].append(Seen(row.position, row.body_part, row.refusals, row.notes))
    against: dict[str, tuple[Suspicion, ...]] = {}
    for study in studies:
        own = suspicions(seen[study], body_parts)
        if study in text_found and all(one.code is not NoteCode.BURNED_IN for one in own):
            own += (Suspicion(NoteCode.BURNED_IN),)
        if own:
            against[study] = own
    return against


def look_again(session: Session, project: Project) -> int:
    """Look anew at the studies of which nobody decided, after the body parts of the project changed; how many speak against."""
    undecided = select(Item).where(
        Item.project_id == project.id, Item.state == ItemState.INCLUDED, Item.screened_by.is_(None)
    )
    items = session.scalars(undecided).all()
    text = {item.study_id for item in items if any(_of_sender(suspicion(one)) for one in item.suspicions or ())}
    against = found(session, [item.study_id for item in items], project.body_parts or (), text)
    for item in items:
        own = against.get(item.study_id, ())
        item.suspicions, item.to_screen = [one.to_json() for one in own], bool(own)
    session.flush()
    return len(against)


def _of_sender(one: Suspicion) -> bool:
    """Whether a sender found text in the pixels: images say so of themselves, each with its position."""
    return one.code is NoteCode.BURNED_IN and one.image is None
