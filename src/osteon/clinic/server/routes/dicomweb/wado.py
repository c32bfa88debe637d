"""WADO-RS: whole instances as they were received, and their headers (PS3.18 section 10.4)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from starlette.responses import StreamingResponse

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, about, needs
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.dicomweb.headers import kept
from osteon.clinic.server.routes.dicomweb.stow import JSON
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.store.pacs.holdings import Holding, holdings
from osteon.clinic.store.pacs.matching import Keys

router: Final = api_router(prefix="/dicomweb", tags=["dicomweb"])

_CHUNK: Final = 1 << 18
_FILES: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"multipart/related": {}}}, **refusals(404, 406)}
_HEADERS: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {JSON: {}}}, **refusals(404)}
_TAKEN: Final = ("multipart/related", "application/dicom", "multipart/*", "application/*", "*/*")

Reader = Annotated[Person, Depends(needs(Role.READER))]


@router.get("/studies/{study}", response_class=Response, responses=_FILES)
def retrieve_study(request: Request, study: str, person: Reader) -> Response:
    """All instances of a study, in the transfer syntaxes in which they were received."""
    del person
    return _files(request, Keys((study,)))


@router.get("/studies/{study}/series/{series}", response_class=Response, responses=_FILES)
def retrieve_series(request: Request, study: str, series: str, person: Reader) -> Response:
    """All instances of a series."""
    del person
    return _files(request, Keys((study,), (series,)))


@router.get("/studies/{study}/series/{series}/instances/{instance}", response_class=Response, responses=_FILES)
def retrieve_instance(request: Request, study: str, series: str, instance: str, person: Reader) -> Response:
    """One instance."""
    del person
    return _files(request, Keys((study,), (series,), (instance,)))


@router.get("/studies/{study}/metadata", response_class=Response, responses=_HEADERS)
def study_metadata(request: Request, study: str, person: Reader) -> Response:
    """The headers of all instances of a study."""
    del person
    return _metadata(request, Keys((study,)))


@router.get("/studies/{study}/series/{series}/metadata", response_class=Response, responses=_HEADERS)
def series_metadata(request: Request, study: str, series: str, person: Reader) -> Response:
    """The headers of all instances of a series."""
    del person
    return _metadata(request, Keys((study,), (series,)))


@router.get(
    "/studies/{study}/series/{series}/instances/{instance}/metadata", response_class=Response, responses=_HEADERS
)
def instance_metadata(request: Request, study: str, series: str, instance: str, person: Reader) -> Response:
    """The header of an instance."""
    del person
    return _metadata(request, Keys((study,), (series,), (instance,)))


def _files(request: Request, keys: Keys) -> Response:
    accept = request.headers.get("accept", "*/*").lower()
    if not any(kind in accept for kind in _TAKEN):
        raise ProblemError(
            406, "Instances are given as multipart/related", 'Accept: multipart/related; type="application/dicom".'
        )
    found = _found(request, keys)
    files = context(request).files
    paths = [files.path(instance.digest) for holding in found for instance in holding.instances]
    boundary = secrets.token_hex(16)
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return StreamingResponse(_body(paths, boundary), media_type=kind)


def _metadata(request: Request, keys: Keys) -> Response:
    found = _found(request, keys)
    files = context(request).files
    headers = [kept(files.path(instance.digest)) for holding in found for instance in holding.instances]
    return Response(json.dumps(headers), media_type=JSON)


def _found(request: Request, keys: Keys) -> Sequence[Holding]:
    with context(request).database.session() as session:
        found = list(holdings(session, keys))
    if not found:
        raise missing("instance" if keys.instances else "series" if keys.series else "study")
    about(request, tuple(holding.study for holding in found))
    return found


def _body(paths: Sequence[Path], boundary: str) -> Iterator[bytes]:
    for path in paths:
        yield f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii")
        with path.open("rb") as stream:
            while block := stream.read(_CHUNK):
                yield block
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode("ascii")
