"""Opinions: readers agree or disagree with a reading."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request

from osteon.clinic.role import Role
from osteon.clinic.server.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.schemas.opinions import NewOpinion, Opinion
from osteon.clinic.server.schemas.problem import Problem
from osteon.clinic.store import studies as store
from osteon.clinic.store.tables import studies as tables
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import State

router: Final = APIRouter(prefix="/api/v1", tags=["opinions"])

Reader = Annotated[Person, Depends(needs(Role.READER))]


@router.get("/studies/{study}/opinions", responses={404: {"model": Problem}})
def listed(request: Request, study: str, person: Reader) -> list[Opinion]:
    """All opinions of a study, the latest last."""
    del person
    with context(request).database.session() as session:
        if store.find(session, study) is None:
            raise missing("study")
        return [Opinion.model_validate(one) for one in store.opinions(session, study)]


@router.post("/studies/{study}/opinions", status_code=201, responses={404: {"model": Problem}, 409: {"model": Problem}})
def add(request: Request, study: str, opinion: NewOpinion, person: Reader) -> Opinion:
    """Agree or disagree with a reading; earlier opinions stay."""
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
        )
        session.add(kept)
        session.flush()
        answer = Opinion.model_validate(kept)
    note(request, "give opinion", study)
    here.hub.publish({"kind": "study", "id": study, "state": State.DONE.value})
    return answer
