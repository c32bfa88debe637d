"""Studies of annotation projects and who reads them: for leads."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Query, Request
from sqlalchemy import ColumnElement

from osteon.clinic.annotation.records.project import AssignmentState, ItemState
from osteon.clinic.annotation.screening import suspicion
from osteon.clinic.server.access.access import listed, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.annotation.entry import (
    LEAD,
    After,
    Annotator,
    ItemNumber,
    Limit,
    Reader,
    enter,
    item_of,
)
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.annotation.items import (
    AddedItems,
    AssignmentChoice,
    AssignmentPage,
    ItemPage,
    MadeAssignments,
    NewItems,
    ProjectAssignment,
    ProjectItem,
    Question,
    ReaderChoice,
    ReadPage,
    Screening,
    SuspicionRow,
)
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.annotation import assigning, reads
from osteon.clinic.store.annotation import items as store
from osteon.clinic.store.annotation.overview import lists
from osteon.clinic.store.studies.studies import Filter, filtered
from osteon.clinic.store.tables.studies import Study

router: Final = api_router(prefix="/api/v1/projects/{project}", tags=["annotation"], responses=refusals(403, 404))


@router.get("/items")
def list_project_items(
    request: Request,
    project: str,
    person: Annotator,
    state: Annotated[ItemState | None, Query()] = None,
    to_screen: Annotated[
        bool, Query(description="Only those that somebody should look at and nobody decided.")
    ] = False,
    limit: Limit = 100,
    cursor: After = None,
) -> ItemPage:
    """The studies of a project."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        rows, following, total = lists.items(session, access.project.id, state, limit, cursor or 0, to_screen=to_screen)
        listed(request, tuple(row.item.study_id for row in rows))
        shown = [
            ProjectItem(
                id=row.item.id,
                study=row.item.study_id,
                state=ItemState(row.item.state),
                reason=row.item.reason,
                images=row.images,
                disputed=row.item.disputed,
                readers=row.readers,
                finished=row.finished,
                suspicions=[
                    SuspicionRow.model_validate({**one, "sentence": suspicion(one).sentence()})
                    for one in row.item.suspicions or ()
                ],
                to_screen=row.item.to_screen,
                screened_by=row.item.screened_by,
            )
            for row in rows
        ]
        return ItemPage(items=shown, next=following, total=total)


@router.post("/items", responses=refusals(409, 422))
def add_project_items(request: Request, project: str, given: NewItems, person: Reader) -> AddedItems:
    """Add studies of the store; each examination is in a project once."""
    wanted: list[ColumnElement[bool]]
    if given.studies is not None:
        wanted = [Study.id.in_(given.studies)]
    else:
        wanted = filtered(Filter(calls=given.call or (), body_parts=given.body_part or (), words=given.words))
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        done = store.add(session, access.project, wanted, frozenset(given.text_found or ()))
    note(request, f"add {done.added} studies to annotation project", project)
    return AddedItems(added=done.added, present=done.present, unread=done.unread, to_screen=done.to_screen)


@router.patch("/items/{item}", status_code=204, responses=refusals(409))
def screen_project_item(request: Request, project: str, item: ItemNumber, given: Screening, person: Annotator) -> None:
    """Screening: take a study out with a reason, or keep it or take it back in. What was read of it stays."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        row = item_of(session, access, item)
        state = ItemState.INCLUDED if given.included else ItemState.SCREENED_OUT
        store.screen(row, state, given.reason, person.name)
        study = row.study_id
    note(request, f"screen study for annotation ({'in' if given.included else 'out'})", study)


@router.post("/assignments", responses=refusals(409, 422))
def assign_studies(request: Request, project: str, given: AssignmentChoice, person: Annotator) -> MadeAssignments:
    """Give each study as many annotators as the project wants, balanced; what is assigned already stays."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        done = assigning.assign(session, access.project, given.readers)
    note(request, f"assign {sum(done.made.values())} studies for annotation", project)
    return MadeAssignments(made=dict(done.made), repeats=done.repeats, short=done.short, to_screen=done.to_screen)


@router.get("/assignments")
def list_assignments(
    request: Request,
    project: str,
    person: Annotator,
    reader: Annotated[str, Query(max_length=64)] = "",
    state: Annotated[AssignmentState | None, Query()] = None,
    item: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Of one study.")] = None,
    limit: Limit = 100,
    cursor: Annotated[str, Query(max_length=32, description="`next` of the page before.")] = "",
) -> AssignmentPage:
    """The assignments of a project."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        rows, following = lists.assignments(session, access.project.id, reader, state, limit, cursor, item)
        return AssignmentPage(items=[ProjectAssignment(**lists.described(*row)) for row in rows], next=following)


@router.post("/items/{item}/assignments", status_code=201, responses=refusals(409))
def add_reader(
    request: Request, project: str, item: ItemNumber, given: ReaderChoice, person: Annotator
) -> ProjectAssignment:
    """Give one study to one more annotator."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        row = assigning.give(session, access.project, item_of(session, access, item), given.reader)
        made = ProjectAssignment(**lists.described(row, given.reader))
    note(request, "assign study for annotation", made.id)
    return made


@router.delete("/assignments/{assignment}", status_code=204, responses=refusals(409))
def withdraw_assignment(request: Request, project: str, assignment: str, person: Annotator) -> None:
    """Take a study from an annotator who has not finished it."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        row = assigning.withdraw(session, access.project, assignment)
        if row is None:
            raise missing("assignment")
        item = store.find(session, access.project.id, row.item_id)
        if item is not None:
            reads.compare(session, access.project, item)
    note(request, "withdraw study from annotation", assignment)


@router.get("/questions")
def list_questions(request: Request, project: str, person: Annotator) -> list[Question]:
    """What annotators have asked the lead, the latest first; of each assignment the latest question."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        return [Question(**found) for found in lists.questions(session, access.project.id)]


@router.get("/reads")
def list_reads(request: Request, project: str, person: Annotator, limit: Limit = 100, cursor: After = None) -> ReadPage:
    """Finished reads, in the order in which they were finished."""
    with context(request).database.session() as session:
        access = enter(request, session, person, project, LEAD)
        found = reads.of_project(session, access.project.id, cursor or 0, limit + 1)
    page = found[:limit]
    return ReadPage(items=page, next=page[-1].id if len(found) > limit else None)
