"""Studies: list, fetch, remove, export."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Query, Request, Response

from osteon.clinic.role import Role
from osteon.clinic.server import answers
from osteon.clinic.server.access.access import Person, listed, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.moment import Moment, Until
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.server.schemas.studies import DeletedStudies, FullStudy, Study, StudyExport, StudySelection, Worklist
from osteon.clinic.store.studies import removal
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.tables.studies import State
from osteon.core.labels import BodyPart, Call

router: Final = api_router(prefix="/api/v1", tags=["studies"])

IDENTIFIED: Final = Role.READER
"""The role from which on identifiers and names of files are shown: it may fetch the original files, which hold them."""


@router.get("/studies")
def list_studies(
    request: Request,
    person: Annotated[Person, Depends(needs(Role.VIEWER))],
    call: Annotated[list[Call] | None, Query()] = None,
    body_part: Annotated[list[BodyPart] | None, Query()] = None,
    state: Annotated[list[State] | None, Query()] = None,
    q: Annotated[
        str,
        Query(
            max_length=200,
            description="In the pseudonym, the label, the body part or the id; for roles that may see them also in "
            "PatientID, AccessionNumber, StudyInstanceUID and names of files.",
        ),
    ] = "",
    since: Annotated[Moment | None, Query(description="Received then or later: a day or a moment.")] = None,
    until: Annotated[Until | None, Query(description="Received before that moment, or on that day or before.")] = None,
    opinion: Annotated[
        list[store.Judged] | None, Query(description="By the latest opinion about the newest version.")
    ] = None,
    sort: Annotated[store.Sort, Query()] = "urgency",
    limit: Annotated[int, Query(ge=1, le=store.MOST)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="`next` of the page before.")] = None,
) -> Worklist:
    """Studies, each in its newest version, the most urgent first: by `urgency`, then by probability.

    That is: fracture, doubt, abstained, failed, no fracture, and those in the queue. `sort=time` has the newest first,
    `sort=oldest` the oldest.
    """
    identified = person.role.allows(IDENTIFIED)
    wanted = store.Filter(
        call or (),
        body_part or (),
        state or (),
        q.replace("\0", ""),
        since,
        until,
        opinion or (),
        identifiers=identified,
    )
    with context(request).database.session() as session:
        page = store.listed(session, wanted, sort, limit, cursor)
        items = answers.worklist(session, page.studies, identified=identified)
        listed(request, tuple(row.id for row in page.studies))
        return Worklist(items=items, next=page.following, total=page.total)


@router.get("/studies/{study}", responses=refusals(404))
def get_study(request: Request, study: str, person: Annotated[Person, Depends(needs(Role.VIEWER))]) -> FullStudy:
    """A study with its images and its reading. The id of an earlier version gives that version, unchanged."""
    with context(request).database.session() as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        return answers.full(session, row, identified=person.role.allows(IDENTIFIED))


@router.delete("/studies/{study}", status_code=204, responses=refusals(404))
def delete_study(request: Request, study: str, person: Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]) -> None:
    """Delete a study in all its versions, with its readings, opinions and files."""
    del person
    if not _remove(request, study):
        raise missing("study")


@router.post("/studies/delete")
def delete_studies(
    request: Request, chosen: StudySelection, person: Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]
) -> DeletedStudies:
    """Delete several studies, as `DELETE /studies/{study}` does, one after the other."""
    del person
    wanted = list(dict.fromkeys(chosen.studies))
    removed = [study for study in wanted if _remove(request, study)]
    return DeletedStudies(removed=removed, missing=[study for study in wanted if study not in removed])


@router.post(
    "/studies/export",
    response_class=Response,
    responses={200: {"model": StudyExport, "content": {"text/csv": {}}}},
)
def export_studies(
    request: Request,
    chosen: StudySelection,
    person: Annotated[Person, Depends(needs(Role.READER))],
    form: Annotated[Literal["csv", "json"], Query(alias="format")] = "csv",
    identifiers: Annotated[
        bool, Query(description="Include PatientID, AccessionNumber, StudyInstanceUID and file names.")
    ] = False,
) -> Response:
    """Several studies as in the worklist, as a table or as JSON, with the latest opinion about each."""
    del person
    with context(request).database.session() as session:
        rows = [row for study in dict.fromkeys(chosen.studies) if (row := store.find(session, study)) is not None]
        items = answers.worklist(session, rows, identified=identifiers)
    note(request, "export studies with identifiers" if identifiers else "export studies", *(item.id for item in items))
    headers = {"Content-Disposition": f'attachment; filename="studies.{form}"', "Cache-Control": "no-store"}
    if form == "json":
        data = StudyExport(studies=items).model_dump_json()
        return Response(data, headers=headers, media_type="application/json")
    return Response(_table(items), headers=headers, media_type="text/csv; charset=utf-8")


def _remove(request: Request, study: str) -> bool:
    """Remove a study, and tell everybody; whether it was there."""
    here: Context = context(request)
    gone = removal.remove(here.database, here.files, study.replace("\0", "")).studies
    for item in gone:
        note(request, "delete study", item)
        here.worker.waiters.tell(item)
        here.hub.publish({"kind": "removed", "id": item})
    return bool(gone)


_COLUMNS: Final = (
    "id",
    "version",
    "received",
    "read",
    "state",
    "pseudonym",
    "label",
    "age",
    "sex",
    "body_part",
    "view_count",
    "call",
    "probability",
    "reason",
    "bundle",
)


def _table(items: Sequence[Study]) -> str:
    """Studies as CSV; what a spreadsheet would take for a formula is quoted."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    identified = any(one.identifiers is not None for one in items)
    names = ("patient", "accession", "study_uid", "file_name") if identified else ()
    writer.writerow([*_COLUMNS, "opinion", "opinion_by", "note", *names])
    for item in items:
        said = item.model_dump(mode="json")
        opinion: dict[str, Any] = said["opinion"] or {}
        agrees = opinion.get("agrees")
        judged = "" if agrees is None else "agree" if agrees else "disagree"
        cells = [*(said[name] for name in _COLUMNS), judged, opinion.get("author"), opinion.get("note")]
        cells += [(said["identifiers"] or {}).get(name) for name in names]
        writer.writerow([_cell(cell) for cell in cells])
    return stream.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
