"""Reading again: what failed, or with another bundle."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from osteon.clinic.events import study_event
from osteon.clinic.role import Role
from osteon.clinic.server import answers
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.server.schemas.studies import BundleChoice, Study
from osteon.clinic.state import Cause
from osteon.clinic.store.fleet.exclusive import exclusive
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies.queue import requeue
from osteon.clinic.store.studies.versions import next_version
from osteon.clinic.store.tables.studies import OPEN, State

router: Final = api_router(prefix="/api/v1/studies/{study}", tags=["studies"])

Reader = Annotated[Person, Depends(needs(Role.READER))]


@router.post("/retry", status_code=202, responses=refusals(404, 409))
def retry_study(request: Request, study: str, person: Reader) -> Study:
    """Read a failed study again."""
    here = context(request)
    with exclusive(here.database, here.files) as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        if row.state != State.FAILED or not requeue(session, [study]):
            raise ProblemError(409, "Only a failed study can be retried", f"Its state is {row.state}.")
        session.refresh(row)
        found = answers.worklist(session, [row], identified=person.role.allows(Role.READER))[0]
    note(request, "retry study", study)
    _queued(here, study)
    return found


@router.post("/read", status_code=202, responses=refusals(404, 409))
def read_study_again(request: Request, study: str, wanted: BundleChoice, person: Reader) -> Study:
    """Read a study again with another bundle, as a newer version of its result; earlier versions stay unchanged."""
    here = context(request)
    bundle = here.engines.identity(wanted.bundle)
    if bundle is None:
        raise missing("bundle")
    with exclusive(here.database, here.files) as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        if row.newer is not None:
            raise ProblemError(409, "There is a newer version of this study", "Read that one again.")
        if row.state in OPEN:
            raise ProblemError(409, "The study is not read yet", f"Its state is {row.state}.")
        if row.state == State.DONE and row.bundle == bundle:
            raise ProblemError(409, "The study was read with this bundle already", "Choose another bundle.")
        made = next_version(session, row, bundle, Cause.BUNDLE)
        found = answers.worklist(session, [made], identified=person.role.allows(Role.READER))[0]
    note(request, "read study again", found.id)
    _queued(here, found.id, study)
    return found


def _queued(here: Context, study: str, replaces: str | None = None) -> None:
    here.hub.publish(study_event(study, State.QUEUED, replaces))
    here.worker.wake()
