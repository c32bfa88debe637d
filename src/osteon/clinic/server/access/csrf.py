"""Requests that change something must come from the reading room's own page, or from a program with a key.

Two locks: the browser's own word on where a request comes from (Sec-Fetch-Site, Origin), and a token bound to the
session in a header that other sites can neither read nor send.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from osteon.clinic.server.problems import ProblemError

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER: Final = "x-csrf-token"


def csrf_token(cookie: str) -> str:
    """The token that goes with a session; it tells nothing of the cookie that it is made from."""
    return hmac.new(cookie.encode(), b"osteon csrf", hashlib.sha256).hexdigest()


def check_origin(request: HTTPConnection) -> None:
    """Refuse what another site's page sends through somebody's browser; programs send none of these headers.

    Raises:
        ProblemError: the browser says that the request comes from elsewhere.
    """
    if request.scope["method"] in SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = origin is None or (origin != "null" and urlsplit(origin).netloc == request.headers.get("host", ""))
    if site not in {None, "same-origin", "none"} or not own:
        raise ProblemError(403, "This request comes from another site")


def check_token(request: HTTPConnection, cookie: str) -> None:
    """Refuse a change that does not carry the token of its session.

    Raises:
        ProblemError: the token is missing or another session's.
    """
    if request.scope["method"] in SAFE:
        return
    given = request.headers.get(HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_token(cookie).encode()):
        raise ProblemError(403, "The CSRF token is missing or wrong", "Send the header X-CSRF-Token from GET /session.")
