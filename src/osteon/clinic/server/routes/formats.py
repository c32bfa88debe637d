"""The output formats that there are."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.formats import OutputFormat
from osteon.outputs import FORMATS

router: Final = api_router(prefix="/api/v1", tags=["readings"])


@router.get("/formats")
def list_formats(person: Annotated[Person, Depends(needs(Role.VIEWER))]) -> list[OutputFormat]:
    """The formats in which a reading can be had."""
    del person
    return [
        OutputFormat(
            name=form.name,
            label=form.label,
            media_type=form.media_type,
            extension=form.suffix,
            needs=sorted(form.needs),
        )
        for form in FORMATS
    ]
