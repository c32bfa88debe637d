"""Fetching studies from archives; for administrators, since a request may name any patient."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request

from osteon.clinic.dicom.retrieve.opening import archive_settings
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.dicom.retrieve import FailedStudy, StudyPull, WantedStudies
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store import faults
from osteon.clinic.store.pacs import pulls
from osteon.clinic.store.tables.retrieve import Pull, PullState
from osteon.core.errors import OsteonError

router: Final = api_router(prefix="/api/v1/pacs/pulls", tags=["pacs"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]
Limit = Annotated[int, Query(ge=1, le=pulls.KEPT)]


@router.post("", status_code=202, responses=refusals(404, 409, 422))
def pull_studies(request: Request, wanted: WantedStudies, person: Administrator) -> StudyPull:
    """Fetch studies from an archive; what is here already is not fetched again."""
    here = context(request)
    try:
        archive_settings(here.settings.dicom, wanted.archive)
    except OsteonError as error:
        raise ProblemError(404, "The settings name no such archive", f"Expected {error.expected}.") from error
    query = wanted.model_dump(exclude={"archive"})
    with here.database.session() as session:
        row = pulls.add(session, wanted.archive, query, person.name)
        if row is None:
            raise too_many()
        found = told(here, row)
    note(request, "fetch studies", wanted.archive)
    here.node.puller.wake()
    return found


@router.get("")
def list_pulls(request: Request, person: Administrator, limit: Limit = 50) -> list[StudyPull]:
    """Requests to fetch studies, the newest first."""
    del person
    here = context(request)
    with here.database.session() as session:
        return [told(here, row) for row in pulls.listed(session, limit)]


@router.get("/{pull}", responses=refusals(404))
def get_pull(request: Request, pull: str, person: Administrator) -> StudyPull:
    """How far a request has come."""
    del person
    here = context(request)
    with here.database.session() as session:
        row = pulls.find(session, pull)
        if row is None:
            raise missing("request")
        return told(here, row)


@router.delete("/{pull}", status_code=204, responses=refusals(404, 409))
def end_pull(request: Request, pull: str, person: Administrator) -> None:
    """End a request: the study that is fetched now is the last one."""
    here = context(request)
    with here.database.session() as session:
        row = pulls.find(session, pull)
        if row is None:
            raise missing("request")
        if row.state not in pulls.OPEN:
            raise ProblemError(409, "The request is done already", f"Its state is {row.state}.")
        pulls.finish(session, pull, faults.dump(OsteonError("somebody has ended it")))
    note(request, "end fetching studies", pull)
    del person


def told(here: Context, row: Pull) -> StudyPull:
    """A request as the API gives it."""
    here_now, images = here.node.puller.progress(row.id)
    return StudyPull(
        id=row.id,
        archive=row.archive,
        state=PullState(row.state),
        created=row.created,
        finished=row.finished,
        studies=row.studies,
        done=row.done,
        images_here=here_now,
        images=images,
        fetched=row.fetched,
        known=row.known,
        left=row.left,
        failures=[
            FailedStudy(study=one["study"], problem=str(faults.restore(one["problem"]))) for one in row.failures or []
        ],
        problem="" if row.problem is None else str(faults.restore(row.problem)),
    )


def too_many() -> ProblemError:
    """Too many requests wait."""
    return ProblemError(409, "Too many requests to fetch studies wait", f"At most {pulls.MOST}. Try again later.")
