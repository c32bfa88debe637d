"""A log line and a count for each response, by the template of its route, never its path or query."""

from __future__ import annotations

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from osteon.clinic.server.audit.metrics import Metrics

_log = logging.getLogger("osteon.clinic.requests")


class Watch:
    """Counts and logs.

    Args:
        app: to wrap.
        metrics: that count.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            spent = perf_counter() - begun
            client, method = scope.get("client"), _method(scope["method"])
            self._metrics.answered(method, route(scope), status, spent)
            fields = {
                "method": method,
                "route": route(scope),
                "status": status,
                "ms": round(spent * 1000, 1),
                "client": client[0] if client else "-",
            }
            _log.info("request", extra={"fields": fields})


def route(scope: Scope) -> str:
    """The template of the route that a request went to; ``-`` where there is none."""
    return getattr(scope.get("route"), "path", "-")


def _method(method: str) -> str:
    """Unknown methods are counted as one, so that a client cannot invent labels."""
    return method if method in {"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"} else "other"
