"""Errors as problem documents (RFC 9457): what went wrong, what was expected, what to do; never what was sent.

The answers to ``OsteonError`` follow its tree in ``core/errors.py``.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from osteon.clinic.reading.budget import BusyError
from osteon.clinic.server.schemas.problem import MEDIA_TYPE
from osteon.clinic.store.access.accounts import AccountError
from osteon.clinic.store.annotation.projects import ProjectError
from osteon.clinic.store.database import is_full, is_gone, is_transient
from osteon.clinic.store.refused import RefusedError
from osteon.clinic.store.registry.registry import RegistryError
from osteon.clinic.store.studies.admit import FullError
from osteon.clinic.store.upkeep.space import FULL, NoSpaceError
from osteon.core.errors import BundleError, DataError, InputError, OsteonError, PeerError, RecipeError, StoreError

STATUS: Final[Mapping[type[OsteonError], tuple[int, str]]] = {
    OsteonError: (400, "The request cannot be processed"),
    InputError: (422, "The image cannot be read"),
    DataError: (422, "The data are not valid"),
    BundleError: (500, "The bundle cannot be used"),
    RecipeError: (422, "The recipe is not valid"),
    PeerError: (502, "Another system did not respond correctly"),
    StoreError: (503, "The store is not available"),
    FullError: (429, "The queue is full"),
    NoSpaceError: (503, "The disk is full"),
    BusyError: (503, "Too many images are requested at once"),
    RefusedError: (422, "The request is not valid"),
    AccountError: (409, "The account cannot be saved"),
    RegistryError: (409, "The registry cannot be changed like this"),
    ProjectError: (409, "The project does not allow this now"),
}
"""The status and title for each class of error; of several that fit the most special one counts."""

AGAIN: Final = {FullError: 5, BusyError: 2, NoSpaceError: 30, StoreError: 5}
"""Seconds after which to try again, more or less; of several classes that fit the most special one counts."""

LATER: Final = 5
"""Seconds after which a full queue has room again, more or less."""

_log = logging.getLogger("osteon.clinic.problems")


class ProblemError(Exception):
    """An error that a route answers with.

    Args:
        status: of HTTP.
        title: the kind of error, in a few words.
        detail: this case.
        headers: of the response.
        extra: further members of the document.
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})
        super().__init__(title)


def missing(noun: str) -> ProblemError:
    """The error where something does not exist, e.g. ``missing("study")``."""
    return ProblemError(404, f"There is no such {noun}")


def document(error: OsteonError) -> dict[str, Any]:
    """An error of Osteon as a problem document."""
    status, title = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    fields = {"expected": error.expected, "got": error.got, "hint": error.hint}
    stated = {key: value for key, value in fields.items() if value}
    kind = f"urn:osteon:problem:{type(error).__name__.removesuffix('Error').lower()}"
    code = {"code": error.code.value} if isinstance(error, InputError) else {}
    return {"type": kind, "title": title, "status": status, "detail": error.problem, **stated, **code}


def answer(
    instance: str,
    status: int,
    title: str = "",
    detail: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The response of an error: all have this form, whether a route, the checks before it or a fault causes them.

    Args:
        instance: the path of the request, without the query, which may name a patient.
        status: of HTTP.
        title: the kind of error, in a few words; empty for that of the status.
        detail: this case.
        headers: of the response.
        extra: further members of the document, and ``type`` where the error has one of its own.
    """
    content: dict[str, Any] = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status}
    if detail:
        content["detail"] = detail
    return JSONResponse(
        {**content, "instance": instance, **(extra or {})}, status, headers=headers, media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Turn every error of an application into a problem document."""
    app.add_exception_handler(OsteonError, _osteon)
    app.add_exception_handler(SQLAlchemyError, _database)
    app.add_exception_handler(OSError, _disk)
    app.add_exception_handler(ProblemError, _refusal)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unexpected)


def _osteon(request: Request, error: Exception) -> Response:
    if not isinstance(error, OsteonError):
        raise error
    content = document(error)
    after = next((AGAIN[kind] for kind in type(error).__mro__ if kind in AGAIN), None)
    headers = None if after is None or content["status"] not in {429, 503} else {"Retry-After": str(after)}
    return answer(request.url.path, content["status"], headers=headers, extra=content)


def _database(request: Request, error: Exception) -> Response:
    """A database that is locked, full, down or busy: later it perhaps is not. Or what was found is deleted by now."""
    if isinstance(error, SQLAlchemyError) and is_gone(error):
        return answer(request.url.path, 404, "It was deleted meanwhile", "Load what is there now, and try again.")
    if not isinstance(error, SQLAlchemyError) or not is_transient(error):
        raise error
    _log.warning("the database cannot be used", extra={"fields": {"error": type(error).__name__}})
    headers = {"Retry-After": str(LATER)}
    title = "The disk is full" if is_full(error) else "The database is not available"
    return answer(request.url.path, 503, title, "Try again in a moment.", headers=headers)


def _disk(request: Request, error: Exception) -> Response:
    """A disk without room."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        raise error
    headers = {"Retry-After": str(AGAIN[NoSpaceError])}
    return answer(request.url.path, 503, "The disk is full", "Delete studies, or free disk space.", headers=headers)


def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer(request.url.path, error.status, error.title, error.detail, headers=error.headers, extra=error.extra)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    detail = "" if error.detail == phrase else str(error.detail)
    return answer(request.url.path, error.status_code, phrase, detail, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    """Names the invalid field and the reason; not its value, which may be a password or a patient's."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [{"field": _whole(".".join(map(str, item["loc"]))), "problem": item["msg"]} for item in error.errors()]
    return answer(request.url.path, 422, "The request is not valid", extra={"errors": errors})


def _whole(text: str) -> str:
    """Text without lone surrogates, which no response can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _gone(request: Request, _error: Exception) -> Response:
    """A client that closed the connection during its request: nobody reads this."""
    return answer(request.url.path, 400, "The request was cut short")


def _unexpected(request: Request, error: Exception) -> Response:
    """A defect of Osteon: the log has the position in the code under the number that the client is given."""
    incident = secrets.token_hex(4)
    route = getattr(request.scope.get("route"), "path", "-")
    _log.error("incident %s", incident, extra={"fields": {"incident": incident, "route": route}}, exc_info=error)
    detail = f"The log has the details under incident {incident}."
    return answer(request.url.path, 500, "Internal error", detail, extra={"incident": incident})
