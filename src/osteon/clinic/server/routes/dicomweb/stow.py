"""STOW-RS: instances are stored as over DICOM, on the disk before they are acknowledged (PS3.18 section 10.5)."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from osteon.clinic.dicom.receive.facts import Facts
from osteon.clinic.dicom.receive.receiver import CANNOT_UNDERSTAND, MISMATCH, OUT_OF_RESOURCES, SUCCESS
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.multipart import MultipartError, Parts, Write, boundary_of
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.draft import Draft

router: Final = api_router(prefix="/dicomweb", tags=["dicomweb"])

JSON: Final = "application/dicom+json"
_LATER: Final = 30
_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {"multipart/related": {"schema": {"type": "string", "format": "binary"}}},
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "All are kept.", "content": {JSON: {}}},
    202: {"description": "Some are not; FailedSOPSequence says which.", "content": {JSON: {}}},
    **refusals(400, 415, 503),
}

Reader = Annotated[Person, Depends(needs(Role.READER))]


@router.post("/studies", response_class=Response, responses=_ANSWERS, openapi_extra={"requestBody": _BODY})
async def store_instances(request: Request, person: Reader) -> Response:
    """Store instances of any study. Where none is kept the answer is 409, with FailedSOPSequence."""
    return await _store(request, person, "")


@router.post("/studies/{study}", response_class=Response, responses=_ANSWERS, openapi_extra={"requestBody": _BODY})
async def store_study_instances(request: Request, study: str, person: Reader) -> Response:
    """Store instances of one study; those of another are refused."""
    return await _store(request, person, study)


class _Storing:
    """Keeps the parts of one request, each as it is whole."""

    def __init__(self, here: Context, sender: str, study: str) -> None:
        self._here = here
        self._sender = sender
        self._study = study
        self._draft: Draft | None = None
        self.outcomes: list[tuple[int, Facts]] = []

    def begin(self, headers: dict[str, str]) -> Write:
        """The next part."""
        kind = headers.get("content-type", "application/dicom").partition(";")[0].strip().lower()
        if kind != "application/dicom":
            self.outcomes.append((CANNOT_UNDERSTAND, Facts()))
            return len
        if len(self.outcomes) >= self._here.settings.files_per_upload:
            raise MultipartError(
                "there are too many instances in one request",
                expected=f"at most {self._here.settings.files_per_upload}",
            )
        self._draft = self._here.node.incoming.draft(self._here.settings.dicom.instance_bytes)
        return self._draft.write

    def end(self) -> None:
        """A part is whole."""
        draft, self._draft = self._draft, None
        if draft is not None:
            self.outcomes.append(self._here.node.receiver.keep(draft, self._sender, study=self._study))

    def discard(self) -> None:
        """Remove what is not whole."""
        if self._draft is not None:
            self._draft.discard()


async def _store(request: Request, person: Person, study: str) -> Response:
    here = context(request)
    here.claim.require()
    here.space.require()  # before anything comes in
    try:
        boundary = boundary_of(request.headers.get("content-type", ""))
    except MultipartError as error:
        raise ProblemError(415, "Instances are sent as multipart/related", error.expected) from error
    storing = _Storing(here, person.name, study)
    parts = Parts(boundary, storing.begin, storing.end)
    try:
        async for block in request.stream():
            await run_in_threadpool(parts.feed, block)
        parts.close()
    except MultipartError as error:
        if not storing.outcomes:
            raise ProblemError(400, "The request is not valid", str(error)) from error
        # What was kept before is kept, and has to be told.
        storing.outcomes.append((CANNOT_UNDERSTAND, Facts()))
    finally:
        storing.discard()
    if not storing.outcomes:
        raise ProblemError(400, "There is no instance in the request")
    note(request, "send instances")
    statuses = {status for status, _ in storing.outcomes}
    if statuses == {OUT_OF_RESOURCES}:
        raise ProblemError(503, "The disk is full", headers={"Retry-After": str(_LATER)})
    status = 200 if statuses == {SUCCESS} else 202 if SUCCESS in statuses else 409
    return Response(json.dumps(_told(request, storing.outcomes)), status, media_type=JSON)


def _told(request: Request, outcomes: list[tuple[int, Facts]]) -> dict[str, Any]:
    """The Store Instances Response Module (PS3.18 annex I)."""
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    root = str(request.base_url).rstrip("/")
    for status, facts in outcomes:
        item: dict[str, Any] = {
            "00081150": {"vr": "UI", "Value": [facts.sop_class]},
            "00081155": {"vr": "UI", "Value": [facts.instance]},
        }
        if status == SUCCESS:
            url = f"{root}/dicomweb/studies/{facts.study}"
            done.append({**item, "00081190": {"vr": "UR", "Value": [url]}})
        else:
            failed.append({**item, "00081197": {"vr": "US", "Value": [_reason(status)]}})
    answer: dict[str, Any] = {}
    if done:
        answer["00081199"] = {"vr": "SQ", "Value": done}
    if failed:
        answer["00081198"] = {"vr": "SQ", "Value": failed}
    return answer


def _reason(status: int) -> int:
    """The failure reason for a status of C-STORE: those that PS3.18 table I.2-2 has not are 'cannot understand'."""
    return status if status in {OUT_OF_RESOURCES, MISMATCH, CANNOT_UNDERSTAND} else CANNOT_UNDERSTAND
