"""Limits for each client: rate, size and speed of requests. Enforced while a request streams in."""

from __future__ import annotations

import asyncio
from collections import Counter
from math import ceil
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osteon.clinic.server.access.throttle import Buckets, network
from osteon.clinic.server.limits.hosts import is_direct
from osteon.clinic.server.problems import answer
from osteon.clinic.settings import Settings

STOW: Final = "/dicomweb/studies"
"""The route of uploads over DICOMweb, and all below it."""

UPLOADS: Final = ("POST", "/api/v1/studies")
"""The route of uploads."""

SMALL: Final = 64 * 1024
"""The largest body of any other request, bytes."""

SLOWEST: Final = 16 * 1024
"""Bytes a second that a request must bring on average, once it takes longer than two parts may."""

SOON: Final = 2
"""Seconds after which a client may upload again."""


class Limits:
    """Refuses what is too often (429), too large (413) or too slow (408).

    Args:
        app: to wrap.
        settings: of the server.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._buckets = Buckets(settings.rate, settings.burst)
        self._uploads: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refused(scope)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        who = _client(scope)
        self._requests[who] += 1
        try:
            await self._pass(scope, receive, send, who)
        finally:
            _less(self._requests, who)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, who: str) -> None:
        if not _is_upload(scope):
            await _Body(scope, receive, SMALL, self._settings.patience).through(self._app, send)
            return
        body = _Body(scope, receive, self._settings.upload_bytes, self._settings.patience)
        self._uploads[who] += 1
        counted = True

        async def until_complete() -> Message:
            """The upload counts until all of it has come in; reading takes longer."""
            nonlocal counted
            message = await body.receive()
            if counted and body.complete:
                counted = False
                _less(self._uploads, who)
            return message

        try:
            await body.through(self._app, send, until_complete)
        finally:
            if counted:
                _less(self._uploads, who)

    def _refused(self, scope: Scope) -> Response | None:
        who, settings = _client(scope), self._settings
        direct = is_direct(scope)
        wait = 0.0 if direct else self._buckets.take(who)
        if wait:
            return answer(scope["path"], 429, "Too many requests", headers={"Retry-After": str(ceil(wait))})
        if not direct and self._requests[who] >= settings.each_connections:
            return answer(scope["path"], 429, "Too many requests at once", headers={"Retry-After": str(SOON)})
        upload = _is_upload(scope)
        if upload and (self._uploads.total() >= settings.uploads or self._uploads[who] >= settings.each_uploads):
            headers = {"Retry-After": str(SOON), "Connection": "close"}
            return answer(scope["path"], 429, "Too many uploads at once", headers=headers)
        length = Headers(scope=scope).get("content-length", "0")
        limit = settings.upload_bytes if upload else SMALL
        return _too_large(scope, limit) if not length.isdecimal() or int(length) > limit else None


class _Body:
    """The body of one request, counted while it comes in.

    Args:
        scope: of the request.
        receive: gives the next part.
        limit: bytes.
        patience: seconds between two parts.
    """

    def __init__(self, scope: Scope, receive: Receive, limit: int, patience: float) -> None:
        self._scope = scope
        self._receive = receive
        self._limit = limit
        self._patience = patience
        self._begun = monotonic()
        self._bytes = 0
        self._refusal: Response | None = None
        self.complete = False

    async def receive(self) -> Message:
        """The next part; once the request is refused the application sees a closed connection."""
        if self._refusal is not None:
            return {"type": "http.disconnect"}
        if self.complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._patience)
        except TimeoutError:
            return self._refuse(_too_slow(self._scope))
        self._bytes += len(message.get("body", b""))
        self.complete = not message.get("more_body", False)
        spent = monotonic() - self._begun
        if self._bytes > self._limit:
            return self._refuse(_too_large(self._scope, self._limit))
        if not self.complete and spent > 2 * self._patience and self._bytes < spent * SLOWEST:
            return self._refuse(_too_slow(self._scope))
        return message

    async def through(self, app: ASGIApp, send: Send, receive: Receive | None = None) -> None:
        """Run the application; where the body was refused its own answer is replaced."""
        started = False

        async def unless_refused(message: Message) -> None:
            nonlocal started
            if self._refusal is None or started:
                started = True
                await send(message)

        await app(self._scope, receive or self.receive, unless_refused)
        if self._refusal is not None and not started:
            await self._refusal(self._scope, self._receive, send)

    def _refuse(self, refusal: Response) -> Message:
        self._refusal = refusal
        return {"type": "http.disconnect"}


def _is_upload(scope: Scope) -> bool:
    stow = scope["method"] == "POST" and (scope["path"] == STOW or scope["path"].startswith(f"{STOW}/"))
    return stow or (scope["method"], scope["path"]) == UPLOADS


def _client(scope: Scope) -> str:
    """What counts as one client."""
    client = scope.get("client")
    return network(client[0] if client else "")


def _less(counts: Counter[str], who: str) -> None:
    """Count one less, and forget clients without any."""
    counts[who] -= 1
    if counts[who] <= 0:
        del counts[who]


def _too_large(scope: Scope, limit: int) -> Response:
    return answer(
        scope["path"], 413, "The request is too large", f"At most {limit:,} bytes.", headers={"Connection": "close"}
    )


def _too_slow(scope: Scope) -> Response:
    return answer(scope["path"], 408, "The request took too long", headers={"Connection": "close"})
