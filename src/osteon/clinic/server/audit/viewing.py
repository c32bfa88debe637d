"""Writes down who saw what: every answer that shows something of a patient leaves an entry in the audit log.

It stands around the routes, so that one that is added is covered without a word of its own.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osteon.clinic.server.access.access import Person
from osteon.clinic.server.context import Context
from osteon.clinic.store.audit.audit import Entry

ACTIONS: Final = {
    "/api/v1/studies": "list studies",
    "/api/v1/studies/{study}": "see study",
    "/api/v1/studies/{study}/images/{image}/pixels": "see image",
    "/api/v1/studies/{study}/images/{image}/thumbnail": "see thumbnail",
    "/api/v1/studies/{study}/images/{image}/heat": "see heat map",
    "/api/v1/studies/{study}/images/{image}/heat.png": "see heat map",
    "/api/v1/studies/{study}/images/{image}/overlay.png": "fetch overlay (png)",
    "/api/v1/studies/{study}/opinions": "see opinions",
    "/api/v1/studies/{study}/marks": "see marks",
    "/api/v1/studies/{study}/annotations": "fetch annotations",
    "/api/v1/studies/{study}/overlay.png": "fetch overlay (png)",
    "/api/v1/studies/{study}/report.html": "fetch report (html)",
    "/api/v1/studies/{study}/report.pdf": "fetch report (pdf)",
    "/api/v1/studies/{study}/outputs/{form}": "fetch output ({form})",
    "/api/v1/studies/{study}/files/{position}": "fetch original",
    "/api/v1/annotations": "fetch all annotations",
    "/api/v1/jobs/{job}": "see job",
    "/api/v1/events": "follow studies",
    "/api/v1/storage": "see storage",
}
"""What the entries say. A route that is not here and shows something of a study is written down by its address."""

EXEMPT: Final = (
    "/api/v1/session",
    "/api/v1/account",
    "/api/v1/users",
    "/api/v1/keys",
    "/api/v1/audit",  # which says so itself
    "/api/v1/bundles",
    "/api/v1/oidc",
    "/api/v1/health",
    "/api/v1/ready",
    "/api/v1/metrics",
)
"""What shows nothing of a patient: these routes and all below them."""

SHOWN: Final = frozenset({200, 206, 304})
"""Answers that show something; 304 lets the browser show what it has."""

EACH: Final = "fetch"
"""Actions that begin with this leave a copy with somebody: each is written down. The others are combined."""


def action(route: str) -> str | None:
    """What an entry says of a route that was read; None where it shows nothing of a patient."""
    if any(route == one or route.startswith((f"{one}/", f"{one}.")) for one in EXEMPT):
        return None
    return ACTIONS.get(route, f"see {route.removeprefix('/api/v1')}")


class Viewing:
    """Lets answers pass, and writes down those that show something.

    Args:
        app: to wrap.
        here: the context of the application.
    """

    def __init__(self, app: ASGIApp, here: Context) -> None:
        self._app = app
        self._here = here

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return

        async def written(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in SHOWN:
                self._write(scope)
            await send(message)

        await self._app(scope, receive, written)

    def _write(self, scope: Scope) -> None:
        """Write an answer down, before its first byte is sent."""
        state = scope.get("state", {})
        person: Person | None = state.get("person")
        told = action(getattr(scope.get("route"), "path", "-"))
        if person is None or told is None:
            return
        parameters: dict[str, object] = dict(scope.get("path_params", {}))
        # What is in braces is a word of the route's own, as the output format is.
        told = told.format(**parameters) if told.startswith(EACH) else told
        subject = "/".join(str(value) for value in parameters.values() if f"({value})" not in told)
        client = scope.get("client")
        entry = Entry(person.name, str(person.role), told, subject, client[0] if client else "")
        if told.startswith(EACH):
            self._here.recorder.add(entry)
        else:
            self._here.recorder.combine(entry, state.get("listed", ()))
