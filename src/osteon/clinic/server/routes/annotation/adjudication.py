"""Adjudication: studies that all readers have finished, for leads and adjudicators."""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase
from typing import Annotated, Final

from fastapi import Header, Query, Request, Response
from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import ItemState, MemberRole
from osteon.clinic.annotation.records.read import Answer, Read, Region
from osteon.clinic.server.access.access import about, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.annotation.entry import (
    DECIDING,
    LEAD,
    After,
    Annotator,
    ItemNumber,
    Limit,
    enter,
    item_of,
)
from osteon.clinic.server.routes.annotation.task import person_of, shown_images
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.studies.images import pixels_of, thumbnail_of
from osteon.clinic.server.schemas.annotation.adjudication import (
    AdjudicationCase,
    DecidedStudies,
    DisputedLabel,
    DisputedRegion,
    NewConsensus,
    NewReturn,
    ReadyPage,
    ReadyStudy,
    Returned,
    RuleForAll,
    ShownConsensus,
    ShownRead,
)
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.annotation import adjudication as store
from osteon.clinic.store.annotation import consensus, members
from osteon.clinic.store.annotation.consensus import Decision
from osteon.clinic.store.annotation.projects import Access
from osteon.clinic.store.tables.annotation import Project

router: Final = api_router(prefix="/api/v1/projects/{project}", tags=["annotation"], responses=refusals(403, 404))

Known = Annotated[str, Header(alias="If-None-Match")]


@router.get("/adjudications")
def list_adjudications(
    request: Request,
    project: str,
    person: Annotator,
    state: Annotated[store.Wanted, Query()] = store.Wanted.DISPUTED,
    limit: Limit = 100,
    cursor: After = None,
) -> ReadyPage:
    """Studies that all their readers have finished; by default those on which they disagree."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        rows, following, total = store.listed(session, access.project, state, limit, cursor or 0)
        items = [ReadyStudy(item=row.id, state=ItemState(row.state), disputed=row.disputed or 0) for row in rows]
        return ReadyPage(items=items, next=following, total=total)


@router.get("/items/{item}", responses=refusals(409))
def get_adjudication(request: Request, project: str, item: ItemNumber, person: Annotator) -> AdjudicationCase:
    """A study with its reads side by side, and what they disagree on."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        row = item_of(session, access, item)
        about(request, (row.study_id,))
        case = store.case(session, access.project, row)
        names = _names(access, case)
        age, sex = person_of(session, row.study_id)
        return AdjudicationCase(
            item=row.id,
            state=ItemState(row.state),
            age=age,
            sex=sex,
            images=shown_images(session, row.study_id),
            reads=[_shown(read, names) for read in case.reads],
            earlier=[_shown(read, names) for read in case.earlier],
            labels=[
                DisputedLabel(label=found.label, image=found.image, values=dict(found.values))
                for found in case.disagreement.labels
            ],
            regions=[
                DisputedRegion(
                    label=found.group.label,
                    image=found.group.image,
                    regions=dict(found.group.regions),
                    missing=list(found.missing),
                )
                for found in case.disagreement.regions
            ],
            consensus=None if case.consensus is None else _decided(case.consensus),
        )


@router.get(
    "/items/{item}/images/{image}/pixels",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, 304: {}},
)
def get_adjudicated_pixels(
    request: Request,
    project: str,
    item: ItemNumber,
    image: int,
    person: Annotator,
    known: Known = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Brightness, as `GET /studies/{study}/images/{image}/pixels` gives it."""
    study = _study(request, person, project, item)
    return pixels_of(request, study, image, known, accept_encoding, f"{project}-{item}-{image}")


@router.get(
    "/items/{item}/images/{image}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}, 304: {}},
)
def get_adjudicated_thumbnail(
    request: Request, project: str, item: ItemNumber, image: int, person: Annotator, known: Known = ""
) -> Response:
    """A small JPEG."""
    study = _study(request, person, project, item)
    return thumbnail_of(request, study, image, known, f"{project}-{item}-{image}")


@router.post("/items/{item}/consensus", status_code=201, responses=refusals(409, 422))
def decide_study(
    request: Request, project: str, item: ItemNumber, given: NewConsensus, person: Annotator
) -> ShownConsensus:
    """Decide a study, by a rule or oneself; `sign` locks it. Earlier decisions are kept, the latest holds."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        row = item_of(session, access, item)
        decision = Decision(
            given.rule,
            tuple(Answer(answer.label, answer.value, answer.image) for answer in given.answers),
            tuple(
                Region(
                    region.id,
                    region.label,
                    region.image,
                    region.kind,
                    tuple(region.points),
                    region.provenance,
                    region.model,
                    region.score,
                    region.proposal,
                )
                for region in given.regions
            ),
            _weights(session, access.project, given.weights),
            given.note,
        )
        made = _decided(consensus.put(session, access.project, row, decision, person.name, sign=given.sign))
        study = row.study_id
    note(request, f"{'sign' if given.sign else 'decide'} consensus ({given.rule})", study)
    return made


@router.post("/items/{item}/signature", status_code=201, responses=refusals(409, 422))
def sign_study(request: Request, project: str, item: ItemNumber, person: Annotator) -> ShownConsensus:
    """Sign the consensus that holds, which locks the study."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        row = item_of(session, access, item)
        made = _decided(consensus.sign(session, access.project, row, person.name))
        study = row.study_id
    note(request, f"sign consensus ({made.rule})", study)
    return made


@router.post("/items/{item}/returns", responses=refusals(409))
def return_study(request: Request, project: str, item: ItemNumber, given: NewReturn, person: Annotator) -> Returned:
    """Send a study back to readers. Their reads are kept; they are told the reason and nothing else."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        row = item_of(session, access, item)
        opened = store.send_back(session, access.project, row, given.reads, given.reason, person.name)
        study = row.study_id
    note(request, "send annotation back", study)
    return Returned(assignments=opened)


@router.post("/consensus", responses=refusals(409, 422))
def decide_studies(request: Request, project: str, given: RuleForAll, person: Annotator) -> DecidedStudies:
    """Decide by a rule all studies that all readers have finished, except those that a person has decided."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        decision = Decision(given.rule, weights=_weights(session, access.project, given.weights))
        decided = consensus.put_all(session, access.project, decision, person.name, sign=given.sign)
    note(request, f"decide {decided} studies by rule ({given.rule})", project)
    return DecidedStudies(decided=decided)


def _study(request: Request, person: Annotator, project: str, item: int) -> str:
    with context(request).database.session() as session:
        access = enter(request, session, person, project, DECIDING)
        row = item_of(session, access, item)
        if access.role is MemberRole.ADJUDICATOR and row.disputed is None:
            raise ProblemError(409, "Not all readers of the study have finished")
        about(request, (row.study_id,))
        return row.study_id


def _names(access: Access, case: store.Case) -> dict[int, str]:
    """What readers are called: leads know them, adjudicators do not."""
    every = sorted({read.reader for read in (*case.reads, *case.earlier)})
    if access.role is MemberRole.ADJUDICATOR:
        return {number: f"Reader {ascii_uppercase[place % 26]}" for place, number in enumerate(every)}
    return {read.reader: read.reader_name for read in (*case.reads, *case.earlier)}


def _weights(session: Session, project: Project, weights: Mapping[str, float] | None) -> dict[int, float] | None:
    if weights is None:
        return None
    numbers = {name: number for number, name in members.names(session, project.id).items()}
    unknown = sorted(set(weights) - set(numbers))
    if unknown:
        raise ProblemError(422, "The request is not valid", "Weights are for members of the project.")
    return {numbers[name]: weight for name, weight in weights.items()}


def _shown(read: Read, names: Mapping[int, str]) -> ShownRead:
    return ShownRead(
        id=read.id,
        reader=names[read.reader],
        round=read.round,
        stage=read.stage,
        answers=list(read.answers),
        regions=list(read.regions),
        active_seconds=read.active_seconds,
        finished=read.finished,
        skip_reason=read.skip_reason,
        question=read.question,
    )


def _decided(found: Consensus) -> ShownConsensus:
    return ShownConsensus(
        rule=found.rule,
        answers=list(found.answers),
        regions=list(found.regions),
        reads=list(found.reads),
        author=found.author,
        created=found.created,
        signed=found.signed,
        note=found.note,
    )
