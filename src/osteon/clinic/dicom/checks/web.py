"""Steps of tests over HTTP, after the connection: the answer of a DICOMweb service, or of the receiver of a webhook."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import httpx

from osteon.clinic.dicom.checks.outcome import CheckError, Deadline
from osteon.core.codes.check import CheckCause

_REFUSED: Final = (401, 403)
_NOT_FOUND: Final = (404, 405, 501)
_ERROR, _REDIRECT, _FAILING = 400, 300, 500

Post = Callable[[float], httpx.Response]
"""Sends a request that may take so many seconds."""


def empty_request(boundary: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a STOW-RS request without an object: it is answered, and stores nothing."""
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return {"Content-Type": kind}, f"--{boundary}--\r\n".encode("ascii")


def stow(post: Post) -> Callable[[Deadline], None]:
    """The step that sees whether a service takes STOW-RS: an empty request may be refused as such."""
    return _step(post, lambda status: status < _FAILING)


def notice(post: Post) -> Callable[[Deadline], None]:
    """The step that sees whether a receiver takes notices."""
    return _step(post, lambda status: status < _REDIRECT)


def _step(post: Post, accepted: Callable[[int], bool]) -> Callable[[Deadline], None]:
    def attempt(deadline: Deadline) -> None:
        status = _status(lambda: post(deadline.left))
        detail = f"HTTP status {status}"
        if status in _REFUSED:
            raise CheckError(CheckCause.UNAUTHORISED, detail)
        if status in _NOT_FOUND:
            raise CheckError(CheckCause.NOT_FOUND, detail)
        if _REDIRECT <= status < _ERROR:
            raise CheckError(CheckCause.REDIRECTED, detail)
        if status >= _FAILING:
            raise CheckError(CheckCause.FAILING, detail)
        if not accepted(status):
            raise CheckError(CheckCause.STATUS, detail)

    return attempt


def _status(ask: Callable[[], Any]) -> int:
    try:
        return int(ask().status_code)
    except httpx.TimeoutException as error:
        raise CheckError(CheckCause.TIMEOUT) from error
    except (httpx.HTTPError, OSError) as error:
        raise CheckError(CheckCause.NO_HTTP, type(error).__name__) from error
