"""Content of the store, disk space and retention; for administrators."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request
from sqlalchemy import func, select

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.retention import due
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.storage import Disk, Retention, Storage, StoreContents
from osteon.clinic.store.tables.studies import Original, Study

router: Final = api_router(prefix="/api/v1/storage", tags=["storage"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]


@router.get("")
def get_storage(request: Request, person: Administrator) -> Storage:
    """Disk, content and retention."""
    del person
    return _told(context(request))


@router.post("/clock")
def confirm_clock(request: Request, person: Administrator) -> Storage:
    """Confirm the clock of the server after it jumped: retention is applied by it again."""
    del person
    here = context(request)
    here.clock.confirm()
    note(request, "confirm clock")
    return _told(here)


def _told(here: Context) -> Storage:
    room, belief = here.space.check(), here.clock.look()
    disk = Disk(total=room.total, free=room.free, needed=room.needed, enough=room.enough)
    days = here.settings.study_days
    retention = Retention(
        study_days=days,
        audit_days=here.settings.audit_days,
        due=due(here, 0)[1],
        suspended=belief.jumped,
        clock=belief.clock,
        expected=belief.expected,
    )
    return Storage(disk=disk, held=_held(here), retention=retention)


def _held(here: Context) -> StoreContents:
    each = select(Original.digest, Original.size).distinct().subquery()
    with here.database.session() as session:
        files, size = session.execute(
            select(func.count(), func.coalesce(func.sum(each.c.size), 0)).select_from(each)
        ).one()
        examinations = session.scalar(select(func.count()).select_from(Study).where(Study.newer.is_(None)))
        rows = session.scalar(select(func.count()).select_from(Study))
        oldest = session.scalar(select(func.min(Study.received)))
    file = here.database.file
    return StoreContents(
        studies=examinations or 0,
        versions=rows or 0,
        files=files,
        bytes=int(size),
        database_bytes=file.stat().st_size if file is not None and file.exists() else None,
        oldest=oldest,
    )
