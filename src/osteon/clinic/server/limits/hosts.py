"""Checks the Host header, and TLS behind a proxy.

A page on another site can let its own name point to 127.0.0.1 and then speak to this server as if it were itself (DNS
rebinding): the name in the Host header gives it away.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers as RequestHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from osteon.clinic.server.problems import answer
from osteon.clinic.settings import Settings, is_loopback

DIRECT: Final = frozenset({"/api/v1/health", "/api/v1/ready", "/api/v1/metrics"})
"""What monitors on this machine may ask without the proxy."""


class Hosts:
    """Refuses unknown host names, and, behind a proxy, requests that did not come over TLS.

    Args:
        app: to wrap.
        settings: of the server.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {name.lower() for name in settings.hosts}
        if settings.public_url:
            self._names.add((urlsplit(settings.public_url).hostname or "").lower())
        self._any = not settings.loopback and not self._names
        self._proxied = bool(settings.behind_proxy)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            host = _name(RequestHeaders(scope=scope).get("host", ""))
            if not (self._any or is_loopback(host) or host in self._names):
                detail = "Add it to the setting hosts if it is correct."
                await answer(scope["path"], 421, "Unknown host name", detail)(scope, receive, send)
                return
            if self._proxied and scope["scheme"] != "https" and not is_direct(scope):
                detail = "The proxy must send X-Forwarded-Proto: https, from an address in the setting behind_proxy."
                await answer(scope["path"], 403, "This server is reached through its proxy, with TLS", detail)(
                    scope, receive, send
                )
                return
        await self._app(scope, receive, send)


def is_direct(scope: Scope) -> bool:
    """Whether a monitor on this machine asks for what it may."""
    client = scope.get("client")
    return scope["path"] in DIRECT and scope["scheme"] == "http" and client is not None and is_loopback(client[0])


def _name(host: str) -> str:
    """The name of a Host header without the port."""
    if host.startswith("["):
        return host[1 : host.find("]")].lower()
    return host.partition(":")[0].rstrip(".").lower()
