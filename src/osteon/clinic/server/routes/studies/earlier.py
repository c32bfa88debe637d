"""A patient's earlier studies in an archive: which there are, and fetching one."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Path, Request
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.administration.pulls import too_many
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.dicom.retrieve import EarlierState, EarlierStudies, EarlierStudy
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store import faults
from osteon.clinic.store.pacs import earlier as store
from osteon.clinic.store.pacs import pulls
from osteon.clinic.store.studies import studies
from osteon.clinic.store.tables import retrieve as tables
from osteon.clinic.store.tables.retrieve import PullState
from osteon.clinic.store.tables.studies import Study
from osteon.imaging.dicom.scope import MODALITIES
from osteon.imaging.patient_identity import contradictory

router: Final = api_router(prefix="/api/v1/studies/{study}/earlier", tags=["studies"], responses=refusals(404))

Reader = Annotated[Person, Depends(needs(Role.READER))]
Uid = Annotated[str, Path(max_length=64)]


@router.get("")
def list_earlier_studies(request: Request, study: str, person: Reader) -> EarlierStudies:
    """The earlier studies of the same patient that the archive of the settings has."""
    del person
    here = context(request)
    with here.database.session() as session:
        return _told(here, session, _study(session, study))


@router.post("", status_code=202, responses=refusals(409))
def look_for_earlier_studies(request: Request, study: str, person: Reader) -> EarlierStudies:
    """Ask the archive, or ask it again."""
    del person
    here = context(request)
    with here.database.session() as session:
        row = _study(session, study)
        if here.node.earlier is None or not row.patient:
            raise ProblemError(
                409, "Nobody can be asked for earlier studies", "The settings name an archive, the study its patient."
            )
        store.ask(session, row.examination)
        session.flush()
        found = _told(here, session, row)
    note(request, "look for earlier studies", study)
    here.node.earlier.wake()
    return found


@router.post("/{uid}/fetch", status_code=202, responses=refusals(409))
def fetch_earlier_study(request: Request, study: str, uid: Uid, person: Reader) -> EarlierStudies:
    """Fetch one of them; it is read as any other study."""
    here = context(request)
    with here.database.session() as session:
        row = _study(session, study)
        one = store.one(session, row.examination, uid)
        if one is None:
            raise missing("earlier study")
        before = pulls.of_study(session, uid)
        if before is None or before.state not in pulls.OPEN:
            query = {"studies": [uid], "patient": "", "accession": "", "dates": "", "modalities": [], "limit": 1}
            if pulls.add(session, one.archive, query, person.name) is None:
                raise too_many()
            session.flush()
        found = _told(here, session, row)
    note(request, "fetch earlier study", study)
    here.node.puller.wake()
    return found


def _study(session: Session, study: str) -> Study:
    row = studies.find(session, study)
    if row is None:
        raise missing("study")
    return row


def _told(here: Context, session: Session, study: Study) -> EarlierStudies:
    search = store.search_of(session, study.examination)
    if search is not None:
        state = EarlierState(search.state)
    elif here.node.earlier is None:
        state = EarlierState.OFF
    else:
        state = EarlierState.UNASKED if study.patient else EarlierState.UNKNOWN
    return EarlierStudies(
        state=state,
        archive=here.settings.dicom.earlier,
        asked=None if search is None else search.asked,
        others=0 if search is None else search.others,
        problem="" if search is None or search.problem is None else str(faults.restore(search.problem)),
        studies=[_one(session, study, row) for row in store.studies(session, study.examination)],
    )


def _one(session: Session, study: Study, found: tables.EarlierStudy) -> EarlierStudy:
    own = [row for row in store.here(session, found.uid) if not contradictory(study.marks or {}, row.marks or {})]
    pull = None if own else pulls.of_study(session, found.uid)
    failed = None if pull is None else pull.problem or next((one["problem"] for one in pull.failures), None)
    modalities = found.modalities.split()
    return EarlierStudy(
        uid=found.uid,
        date="-".join((found.date[:4], found.date[4:6], found.date[6:])) if found.date else "",
        description=found.description,
        modalities=modalities,
        images=found.images,
        readable=not modalities or bool(MODALITIES & set(modalities)),
        here=own[0].id if own else None,
        fetching=None if pull is None else PullState.FAILED if failed is not None else PullState(pull.state),
        problem="" if failed is None else str(faults.restore(failed)),
    )
