"""Records who saw what: every answer that shows something of a patient is covered by an entry of the audit log.

It wraps the routes, so that a new one is covered without code of its own.

The images of a study leave one entry for the study, not one for each image: rights are given by study, so that is what was
accessed, and DICOM's own audit message summarises the accessed instances of a study likewise (PS3.15 section A.5.3.6). An entry
for each thumbnail buried what matters under fifty lines for each look at the worklist.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osteon.clinic.server.access.access import Person
from osteon.clinic.server.context import Context
from osteon.clinic.store.audit.audit import Entry

LIST: Final = "list studies"
SEE_IMAGES: Final = "see images"
SEE_THUMBNAILS: Final = "see thumbnails"
"""Small images, apart from those in full: who saw the first must not be taken for one who saw the second."""

ACTIONS: Final = {
    "/api/v1/studies": LIST,
    "/api/v1/studies/{study}": "see study",
    "/api/v1/studies/{study}/images/{image}/pixels": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/thumbnail": SEE_THUMBNAILS,
    "/api/v1/studies/{study}/images/{image}/heat": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/heat.png": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/overlay.png": "fetch overlay (png)",
    "/api/v1/studies/{study}/images/{image}/outputs/{form}": "fetch output ({form})",
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
    "/api/v1/pacs/quarantine": "see quarantine",
    "/api/v1/pacs/deliveries": "see deliveries",
    "/dicomweb/studies": "list studies (DICOMweb)",
    "/dicomweb/series": "list studies (DICOMweb)",
    "/dicomweb/instances": "list studies (DICOMweb)",
    "/dicomweb/studies/{study}/series": "list studies (DICOMweb)",
    "/dicomweb/studies/{study}/instances": "list studies (DICOMweb)",
    "/dicomweb/studies/{study}/series/{series}/instances": "list studies (DICOMweb)",
    "/dicomweb/studies/{study}": "fetch original (DICOMweb)",
    "/dicomweb/studies/{study}/series/{series}": "fetch original (DICOMweb)",
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}": "fetch original (DICOMweb)",
    "/dicomweb/studies/{study}/metadata": "fetch headers (DICOMweb)",
    "/dicomweb/studies/{study}/series/{series}/metadata": "fetch headers (DICOMweb)",
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}/metadata": "fetch headers (DICOMweb)",
}
"""The actions of the entries. A route that is missing here and shows something of a study is recorded by its address."""

EXEMPT: Final = (
    "/api/v1/session",
    "/api/v1/account",
    "/api/v1/users",
    "/api/v1/keys",
    "/api/v1/audit",  # which says so itself
    "/api/v1/bundles",
    "/api/v1/formats",
    "/api/v1/pacs/traffic",
    "/api/v1/oidc",
    "/api/v1/health",
    "/api/v1/ready",
    "/api/v1/metrics",
)
"""Routes that show nothing of a patient, and all below them."""

SHOWN: Final = frozenset({200, 206, 304})
"""Answers that show something; 304 lets the browser show what it has."""

EACH: Final = "fetch"
"""Actions that begin with this leave a copy with somebody: each is recorded. The others are combined."""

LISTED: Final = "0"
"""The image whose thumbnail the worklist shows: the entry of the list stands for it."""


def action(route: str) -> str | None:
    """The action of an entry for a route that was read; None where it shows nothing of a patient."""
    if any(route == item or route.startswith((f"{item}/", f"{item}.")) for item in EXEMPT):
        return None
    return ACTIONS.get(route, f"see {route.removeprefix('/api/v1')}")


class Viewing:
    """Passes answers on, and records those that show something.

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
        """Record an answer, before its first byte is sent."""
        state = scope.get("state", {})
        person: Person | None = state.get("person")
        done = action(getattr(scope.get("route"), "path", "-"))
        if person is None or done is None:
            return
        parameters: dict[str, object] = dict(scope.get("path_params", {}))
        # What is in braces is a word of the route's own, as the output format is.
        done = done.format(**parameters) if done.startswith(EACH) else done
        if "subject" in state:
            subject = str(state["subject"])
        elif done in (SEE_IMAGES, SEE_THUMBNAILS):
            subject = str(parameters["study"])
        else:
            subject = "/".join(str(value) for value in parameters.values() if f"({value})" not in done)
        client = scope.get("client")
        entry = Entry(person.name, str(person.role), done, subject, client[0] if client else "")
        if done.startswith(EACH):
            self._here.recorder.add(entry)
            return
        listed = done == SEE_THUMBNAILS and str(parameters["image"]) == LISTED
        self._here.recorder.combine(entry, state.get("listed", ()), covered_by=LIST if listed else "")
