"""Opinions and marks taken along: of one study, or of all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request, Response
from starlette.responses import StreamingResponse

from osteon.clinic.marks import annotations
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.studies import studies as store

router: Final = api_router(prefix="/api/v1", tags=["annotations"])

AT_ONCE: Final = 100
"""Studies that are fetched in one transaction."""


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSON = "json"


_TABLE: Final[dict[int | str, dict[str, Any]]] = {200: {"model": list[dict[str, Any]], "content": {"text/csv": {}}}}

MEDIA: Final = {ExportFormat.CSV: "text/csv; charset=utf-8", ExportFormat.JSON: "application/json"}


@router.get("/studies/{study}/annotations", response_class=Response, responses=_TABLE | refusals(404))
def get_annotations(
    request: Request,
    study: str,
    person: Annotated[Person, Depends(needs(Role.VIEWER))],
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """The opinions and marks of a study, a row each; CSV escapes text that a spreadsheet would take for formulas."""
    del person
    with context(request).database.session() as session:
        row = store.find(session, study)
        if row is None:
            raise missing("study")
        found = list(annotations.rows(session, row))
    content = annotations.table(found) if form is ExportFormat.CSV else json.dumps(found, allow_nan=False)
    return Response(content, headers=_headers(f"{study}-annotations.{form}"), media_type=MEDIA[form])


@router.get("/annotations", response_class=Response, responses=_TABLE)
def export_annotations(
    request: Request,
    person: Annotated[Person, Depends(needs(Role.READER))],
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> Response:
    """The opinions and marks of all studies, a row each; JSON comes as one array."""
    del person
    here = context(request)
    parts = _csv(here) if form is ExportFormat.CSV else _json(here)
    return StreamingResponse(parts, headers=_headers(f"annotations.{form}"), media_type=MEDIA[form])


def _headers(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def _parts(here: Context) -> Iterator[list[dict[str, Any]]]:
    """All rows, those of some studies at a time: the store may be large."""
    after = ""
    while True:
        with here.database.session() as session:
            studies = annotations.annotated(session, after, AT_ONCE)
            rows = [row for study in studies for row in annotations.rows(session, study)]
        if not studies:
            return
        after = studies[-1].id
        yield rows


def _csv(here: Context) -> Iterator[str]:
    yield annotations.table(())
    for rows in _parts(here):
        yield annotations.table(rows).partition("\n")[2]


def _json(here: Context) -> Iterator[str]:
    comma = "["
    for rows in _parts(here):
        for row in rows:
            yield comma + json.dumps(row, allow_nan=False)
            comma = ",\n"
    yield "[]" if comma == "[" else "]"
