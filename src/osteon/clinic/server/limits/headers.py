"""Security headers of all responses: content policy, framing, caching."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""No request to any other host, no inline script or style."""

HEADERS: Final = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)

HSTS: Final = "max-age=31536000"
"""Browsers that have seen TLS once ask for it for a year."""


IDLE: Final = "X-Osteon-Idle-Left"
"""Seconds, rounded down, after which the session ends if its user does nothing: the page locks itself then."""

API: Final = "/api/"


class Headers:
    """Adds them, and lets nothing of the API be kept: what a browser keeps outlives the session.

    Args:
        app: to wrap.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS:
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", HSTS)
                if scope["path"].startswith(API):
                    headers["Cache-Control"] = "no-store"
                headers.setdefault("Cache-Control", "no-store")
                left = scope.get("state", {}).get("idle_left")
                if left is not None:
                    headers[IDLE] = str(int(left))
            await send(message)

        await self._app(scope, receive, with_headers)
