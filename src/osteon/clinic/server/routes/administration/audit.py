"""The audit log, for administrators: search and export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.moment import Moment, Until
from osteon.clinic.store.audit import audit
from osteon.clinic.store.tables.accounts import Audit

router: Final = api_router(prefix="/api/v1", tags=["audit"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]

COLUMNS: Final = ("id", "time", "person", "role", "action", "subject", "detail", "address", "result")

GROUP: Final = 1000
"""AuditPage that are fetched at once."""

_LAST: Final = 2**63 - 1
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class AuditEntry(BaseModel):
    """An entry of the audit log: who did what."""

    id: int
    time: datetime
    person: str = Field(description="Name of the account or key; empty where nobody was logged in.")
    role: str
    action: str = Field(examples=["delete study"])
    subject: str = Field(description="An id; never a patient's data.")
    detail: str = Field(description="Further ids with spaces between, as of the studies of a list.")
    address: str
    result: str = Field(examples=["done", "refused", "failed"])


class AuditPage(BaseModel):
    """A page of the audit log."""

    items: list[AuditEntry]
    next: int | None = Field(description="For `before`, where there is more.")


def _search(
    person: Annotated[str, Query(max_length=100, description="A part of the name.")] = "",
    action: Annotated[str, Query(max_length=200, description="A part of the action.")] = "",
    subject: Annotated[
        str, Query(max_length=128, description="The id of a study, account or key that it is about.")
    ] = "",
    result: Annotated[Literal["", "done", "refused", "failed"], Query()] = "",
    address: Annotated[str, Query(max_length=64, description="Of the person's machine, whole.")] = "",
    since: Annotated[Moment | None, Query(description="Then or later.")] = None,
    until: Annotated[Until | None, Query(description="Before that moment, or on that day or before.")] = None,
) -> audit.Search:
    """What is searched for."""
    return audit.Search(person.strip(), action.strip(), subject.strip(), result, address.strip(), since, until)


Wanted = Annotated[audit.Search, Depends(_search)]


@router.get("/audit")
def list_audit_entries(
    request: Request,
    person: Administrator,
    wanted: Wanted,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=_LAST)] = None,
) -> AuditPage:
    """Entries, the newest first; filters search the whole log."""
    del person
    here = context(request)
    here.recorder.flush()
    with here.database.session() as session:
        items = [
            AuditEntry.model_validate(item, from_attributes=True) for item in audit.page(session, limit, before, wanted)
        ]
    if before is None:
        note(request, "see audit log")
    return AuditPage(items=items, next=items[-1].id if len(items) == limit else None)


@router.get("/audit.csv", response_class=StreamingResponse, responses={200: {"content": {"text/csv": {}}}})
def export_audit_log(request: Request, person: Administrator, wanted: Wanted) -> StreamingResponse:
    """All matching entries as a table: comma separated, UTF-8, times in UTC."""
    del person
    here = context(request)
    here.recorder.flush()
    note(request, "export audit log")
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return StreamingResponse(_table(here, wanted), media_type="text/csv; charset=utf-8", headers=headers)


def _table(here: Context, wanted: audit.Search) -> Iterator[str]:
    """The lines, group by group: who fetches them slowly must not hold the database."""
    yield _line(COLUMNS)
    before: int | None = None
    while True:
        with here.database.session() as session:
            found = audit.page(session, GROUP, before, wanted)
        if not found:
            return
        yield "".join(_line(_cells(item)) for item in found)
        before = found[-1].id


def _cells(one: Audit) -> list[str]:
    moment = one.time.isoformat(timespec="milliseconds")
    return [str(one.id), moment, one.person, one.role, one.action, one.subject, one.detail, one.address, one.result]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    """A line; what a spreadsheet would compute begins with an apostrophe."""
    stream = io.StringIO()
    csv.writer(stream).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return stream.getvalue()
