"""The audit log, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from osteon.clinic.role import Role
from osteon.clinic.server.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.store import audit

router: Final = APIRouter(prefix="/api/v1", tags=["audit"])


class Entry(BaseModel):
    """Who did what."""

    id: int
    time: datetime
    person: str = Field(description="Name of the account or key; empty where nobody was logged in.")
    role: str
    action: str = Field(examples=["delete study"])
    subject: str = Field(description="An id; never a patient's data.")
    address: str
    result: str = Field(examples=["done", "refused", "failed"])


class Entries(BaseModel):
    """A page of the audit log."""

    items: list[Entry]
    next: int | None = Field(description="For `before`, where there is more.")


@router.get("/audit")
def entries(
    request: Request,
    person: Annotated[Person, Depends(needs(Role.ADMINISTRATOR))],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Entries:
    """Entries, the newest first."""
    del person
    with context(request).database.session() as session:
        items = [Entry.model_validate(one, from_attributes=True) for one in audit.page(session, limit, before)]
    if before is None:
        note(request, "see audit log")
    return Entries(items=items, next=items[-1].id if len(items) == limit else None)
