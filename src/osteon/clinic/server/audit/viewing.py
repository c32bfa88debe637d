"""Records who saw what: every answer that shows something of a patient is covered by an entry of the audit log.

It wraps the routes, so that a new one is covered without code of its own.

The images of a study leave one entry for the study, not one for each image: rights are given by study, so that is what was
accessed, and DICOM's own audit message summarises the accessed instances of a study likewise (PS3.15 section A.5.3.6). An entry
for each thumbnail buried what matters under fifty lines for each look at the worklist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osteon.clinic.server.access.access import Person
from osteon.clinic.server.context import Context
from osteon.clinic.store.audit.audit import Entry


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody does who reads a route.

    Attributes:
        words: a verb and a noun, as the entry says them.
        leaves_copy: whether a copy stays with somebody: each is recorded. The others are combined.
        of_study: whether the entry is about the study as a whole, whatever else the address names.
        parameter: part of the address that the words say in brackets, as the output format is; the entry's subject is
            made of the other parts. Empty where there is none.
    """

    words: str
    leaves_copy: bool = False
    of_study: bool = False
    parameter: str = ""


LIST: Final = Action("list studies")
SEE_IMAGES: Final = Action("see images", of_study=True)
SEE_THUMBNAILS: Final = Action("see thumbnails", of_study=True)
"""Small images, apart from those in full: who saw the first must not be taken for one who saw the second."""

SEARCH: Final = Action("list studies (DICOMweb)")
RETRIEVE: Final = Action("fetch original (DICOMweb)", leaves_copy=True)
HEADERS: Final = Action("fetch headers (DICOMweb)", leaves_copy=True)

ACTIONS: Final[dict[str, Action]] = {
    "/api/v1/studies": LIST,
    "/api/v1/studies/{study}": Action("see study"),
    "/api/v1/studies/{study}/images/{image}/pixels": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/thumbnail": SEE_THUMBNAILS,
    "/api/v1/studies/{study}/images/{image}/heat": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/heat.png": SEE_IMAGES,
    "/api/v1/studies/{study}/images/{image}/overlay.png": Action("fetch overlay (png)", leaves_copy=True),
    "/api/v1/studies/{study}/images/{image}/outputs/{form}": Action("fetch output", leaves_copy=True, parameter="form"),
    "/api/v1/studies/{study}/opinions": Action("see opinions"),
    "/api/v1/studies/{study}/marks": Action("see marks"),
    "/api/v1/studies/{study}/earlier": Action("see earlier studies"),
    "/api/v1/studies/{study}/annotations": Action("fetch annotations", leaves_copy=True),
    "/api/v1/studies/{study}/overlay.png": Action("fetch overlay (png)", leaves_copy=True),
    "/api/v1/studies/{study}/report.html": Action("fetch report (html)", leaves_copy=True),
    "/api/v1/studies/{study}/report.pdf": Action("fetch report (pdf)", leaves_copy=True),
    "/api/v1/studies/{study}/outputs/{form}": Action("fetch output", leaves_copy=True, parameter="form"),
    "/api/v1/studies/{study}/files/{position}": Action("fetch original", leaves_copy=True),
    "/api/v1/annotations": Action("fetch all annotations", leaves_copy=True),
    "/api/v1/projects": Action("list annotation projects"),
    "/api/v1/projects/{project}": Action("see annotation project"),
    "/api/v1/projects/{project}/progress": Action("see progress of annotation"),
    "/api/v1/projects/{project}/members": Action("see annotation members"),
    "/api/v1/projects/{project}/assignments": Action("see annotation assignments"),
    "/api/v1/projects/{project}/queue": Action("see own annotation queue"),
    "/api/v1/projects/{project}/adjudications": Action("see studies to be adjudicated"),
    "/api/v1/projects/{project}/items": Action("list studies of annotation project"),
    "/api/v1/projects/{project}/items/{item}": Action("see reads of study"),
    "/api/v1/projects/{project}/items/{item}/images/{image}/pixels": Action("see images (adjudication)"),
    "/api/v1/projects/{project}/items/{item}/images/{image}/thumbnail": Action("see thumbnails (adjudication)"),
    "/api/v1/projects/{project}/reads": Action("fetch reads of annotation project", leaves_copy=True),
    "/api/v1/projects/{project}/reads/{read}/report.dcm": Action("fetch report of a reader (dicom)", leaves_copy=True),
    "/api/v1/projects/{project}/agreement": Action("see agreement of readers"),
    "/api/v1/projects/{project}/agreement.html": Action("see agreement of readers"),
    "/api/v1/projects/{project}/snapshots": Action("list annotation snapshots"),
    "/api/v1/projects/{project}/snapshots/{snapshot}/file": Action("fetch annotation snapshot", leaves_copy=True),
    "/api/v1/projects/{project}/questions": Action("see questions of annotators"),
    "/api/v1/assignments/{assignment}": Action("annotate study"),
    "/api/v1/assignments/{assignment}/events": Action("fetch own annotation events", leaves_copy=True),
    "/api/v1/assignments/{assignment}/images/{image}/pixels": Action("see images (annotation)"),
    "/api/v1/assignments/{assignment}/images/{image}/thumbnail": Action("see thumbnails (annotation)"),
    "/api/v1/jobs/{job}": Action("see job"),
    "/api/v1/events": Action("follow studies"),
    "/api/v1/storage": Action("see storage"),
    "/api/v1/monitoring": Action("see monitoring"),
    "/api/v1/monitoring/report.html": Action("fetch monitoring report", leaves_copy=True),
    "/api/v1/pacs/quarantine": Action("see quarantine"),
    "/api/v1/pacs/deliveries": Action("see deliveries"),
    "/api/v1/pacs/pulls": Action("see fetched studies"),
    "/api/v1/pacs/pulls/{pull}": Action("see fetched studies"),
    "/dicomweb/studies": SEARCH,
    "/dicomweb/series": SEARCH,
    "/dicomweb/instances": SEARCH,
    "/dicomweb/studies/{study}/series": SEARCH,
    "/dicomweb/studies/{study}/instances": SEARCH,
    "/dicomweb/studies/{study}/series/{series}/instances": SEARCH,
    "/dicomweb/studies/{study}": RETRIEVE,
    "/dicomweb/studies/{study}/series/{series}": RETRIEVE,
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}": RETRIEVE,
    "/dicomweb/studies/{study}/metadata": HEADERS,
    "/dicomweb/studies/{study}/series/{series}/metadata": HEADERS,
    "/dicomweb/studies/{study}/series/{series}/instances/{instance}/metadata": HEADERS,
}
"""The actions of the entries. A route that is missing here and shows something of a study is recorded by its address."""

EXEMPT: Final = (
    "/api/v1/session",
    "/api/v1/account",
    "/api/v1/users",
    "/api/v1/keys",
    "/api/v1/audit",  # which says so itself
    "/api/v1/bundles",
    "/api/v1/registry",
    "/api/v1/label-schemas",
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

LISTED: Final = "0"
"""The image whose thumbnail the worklist shows: the entry of the list stands for it."""


def action(route: str) -> Action | None:
    """The action of an entry for a route that was read; None where it shows nothing of a patient."""
    if any(route == item or route.startswith((f"{item}/", f"{item}.")) for item in EXEMPT):
        return None
    return ACTIONS.get(route) or Action(f"see {route.removeprefix('/api/v1')}")


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
        words = f"{done.words} ({parameters[done.parameter]})" if done.parameter else done.words
        if "subject" in state:
            subject = str(state["subject"])
        elif done.of_study:
            subject = str(parameters["study"])
        else:
            subject = "/".join(str(value) for name, value in parameters.items() if name != done.parameter)
        client = scope.get("client")
        entry = Entry(person.name, str(person.role), words, subject, client[0] if client else "")
        if done.leaves_copy:
            self._here.recorder.add(entry)
            return
        listed = done == SEE_THUMBNAILS and str(parameters["image"]) == LISTED
        self._here.recorder.combine(entry, state.get("listed", ()), covered_by=LIST.words if listed else "")
