"""Opinions: readers agree or disagree with a reading.

Whoever may see a study may see what readers said of it: a call without the disagreement about it would mislead.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Request
from sqlalchemy import delete
from sqlalchemy.orm import Session

from osteon.clinic.events import study_event
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.studies.reporting import signature, touch
from osteon.clinic.server.schemas.opinions import ChangedOpinion, NewOpinion, Opinion
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.studies import marks
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.tables import studies as tables
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import State

router: Final = api_router(prefix="/api/v1", tags=["opinions"])

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Reader = Annotated[Person, Depends(needs(Role.READER))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/studies/{study}/opinions", responses=refusals(404))
def list_opinions(request: Request, study: str, person: Viewer) -> list[Opinion]:
    """All opinions of a study, the latest last."""
    del person
    with context(request).database.session() as session:
        if store.find(session, study) is None:
            raise missing("study")
        return [Opinion.model_validate(opinion) for opinion in store.opinions(session, study)]


@router.post("/studies/{study}/opinions", status_code=201, responses=refusals(404, 409))
def add_opinion(request: Request, study: str, opinion: NewOpinion, person: Reader) -> Opinion:
    """Agree or disagree with a reading; earlier opinions are kept."""
    here = context(request)
    with here.database.session() as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        if row.state != State.DONE:
            raise ProblemError(409, "The study is not read yet", f"Its state is {row.state}.")
        kept = tables.Opinion(
            study_id=study,
            author=person.name,
            agrees=opinion.agrees,
            note=opinion.note,
            created=now(),
            bundle=row.bundle,
            call=opinion.call,
            signed=signature(person) if opinion.signed else None,
        )
        session.add(kept)
        session.flush()
        touch(request, session, study, person)
        answer = Opinion.model_validate(kept)
    _told(request, "sign opinion" if opinion.signed else "give opinion", study)
    return answer


@router.patch("/studies/{study}/opinions/{opinion}", responses=refusals(403, 404))
def change_opinion(request: Request, study: str, opinion: Number, changed: ChangedOpinion, person: Reader) -> Opinion:
    """Change the note or the call of one's own opinion, or sign it; whoever changes it has to sign it again."""
    with context(request).database.session() as session:
        kept = _own(session, study, opinion, person)
        if changed.note is not None:
            kept.note = changed.note
        if "call" in changed.model_fields_set:
            kept.call = changed.call
        if changed.model_fields_set - {"signed"}:
            kept.changed = now()
        if changed.model_fields_set:
            kept.signed = signature(person) if changed.signed else None
        session.flush()
        touch(request, session, study, person)
        answer = Opinion.model_validate(kept)
    _told(request, "sign opinion" if changed.signed else "change opinion", study)
    return answer


@router.delete(
    "/studies/{study}/opinions/{opinion}",
    status_code=204,
    responses=refusals(403, 404),
)
def withdraw_opinion(request: Request, study: str, opinion: Number, person: Reader) -> None:
    """Withdraw one's own opinion; the audit log keeps that it existed."""
    with context(request).database.session() as session:
        kept = _own(session, study, opinion, person)
        if not deleted(session, delete(tables.Opinion).where(tables.Opinion.id == kept.id)):
            raise missing("opinion")
        touch(request, session, study, person)
    _told(request, "withdraw opinion", study)


def _own(session: Session, study: str, opinion: Number, person: Person) -> tables.Opinion:
    """An opinion that this person gave."""
    found = marks.find_opinion(session, study, opinion)
    if found is None:
        raise missing("opinion")
    if found.author != person.name:
        raise ProblemError(403, "This is somebody else's opinion", "Only its author can change it. Give your own.")
    return found


def _told(request: Request, action: str, study: str) -> None:
    """Write the audit log, and let everybody who has the study open know."""
    note(request, action, study)
    context(request).hub.publish(study_event(study, State.DONE))
