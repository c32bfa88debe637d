"""Jobs: the progress of uploads that are answered later."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from osteon.clinic.role import Role
from osteon.clinic.server import answers
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.jobs import Job
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.studies import jobs

router: Final = api_router(prefix="/api/v1", tags=["studies"])


@router.get("/jobs/{job}", responses=refusals(404))
def get_job(request: Request, job: str, person: Annotated[Person, Depends(needs(Role.READER))]) -> Job:
    """The progress of an upload. Jobs are kept for three days."""
    del person
    with context(request).database.session() as session:
        found = jobs.progress(session, job)
    if found is None:
        raise missing("job")
    return answers.job(found, answers.unnamed)
