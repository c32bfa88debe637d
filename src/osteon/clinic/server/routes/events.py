"""Live updates: what happens to studies, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from osteon.clinic.events import Event
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import context
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.streams import while_allowed

router: Final = api_router(prefix="/api/v1", tags=["events"])

RETRY: Final = 3000
"""Milliseconds after which a browser that lost the connection asks again."""


@router.get("/events", response_class=EventSourceResponse, responses={200: {"model": Event}})
async def stream_events(
    request: Request, person: Annotated[Person, Depends(needs(Role.VIEWER))]
) -> AsyncIterator[ServerSentEvent]:
    """Events `{"kind": "study", "id", "state"}`, `{"kind": "removed", "id"}` and `{"kind": "reset"}`: ask anew.

    There are also `{"kind": "marks", "id"}`, and `{"kind": "traffic"}` of the DICOM node, at most one a second.

    What happened before is in the worklist. A comment keeps the connection alive. Where whoever listens may not any more, an
    event of the type `ended` is the last: the session or key has ended, or the account was closed.
    """
    here = context(request)
    async with (
        aclosing(here.hub.subscribe()) as happened,
        aclosing(while_allowed(here, person, happened)) as heard,
    ):
        async for event in heard:
            if event is None:
                yield ServerSentEvent(event="ended", raw_data="{}")
            else:
                yield ServerSentEvent(raw_data=json.dumps(event), retry=RETRY)
