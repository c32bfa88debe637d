"""Runs the server until it is stopped."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from types import FrameType
from typing import Final

import uvicorn

from osteon.clinic.server.app import application, guarded
from osteon.clinic.server.context import Context
from osteon.clinic.server.limits.crowd import Crowd
from osteon.clinic.server.limits.protocol import header_timeout_protocol
from osteon.clinic.settings import Settings
from osteon.clinic.store.access import accounts, setup
from osteon.clinic.store.database import Database
from osteon.core.errors import OsteonError

HEADER_BYTES: Final = 32 * 1024
"""The largest request line and headers together."""

KEEP_ALIVE: Final = 15
"""Seconds that an idle connection stays open."""

GRACE: Final = 30
"""Seconds that requests under way have when the server ends."""


FILES: Final = 8192
"""Open files that a server should be able to have."""


class Server(uvicorn.Server):
    """A server that ends cleanly on the first signal and at once on the second.

    Args:
        context: opened.
        announce: called once requests are answered.
    """

    def __init__(self, context: Context, announce: Callable[[], None] | None = None) -> None:
        settings = context.settings
        crowd = Crowd(settings.connections, settings.each_connections, settings.behind_proxy)
        config = uvicorn.Config(
            guarded(application(context)),
            http=header_timeout_protocol(settings.patience, crowd),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.behind_proxy),
            forwarded_allow_ips=list(settings.behind_proxy),
            limit_concurrency=settings.connections,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
            h11_max_incomplete_event_size=HEADER_BYTES,
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
        )
        try:
            config.load()
        except (ssl.SSLError, OSError) as error:
            raise OsteonError(
                "the certificate or its key cannot be used",
                got=getattr(error, "reason", None) or error.strerror or type(error).__name__,
                hint="tls_cert is PEM with the whole chain, tls_key its key without a password.",
            ) from error
        super().__init__(config)
        self._context = context
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        _allow_files(self._context.settings.connections)
        await super().startup(sockets)
        if self._announce is not None:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the event streams, let the study in hand be read, and answer what is under way.

        The worker is told at once: requests that wait for studies further back in the queue must not hold it up.
        """
        self._context.hub.close()
        ending = asyncio.create_task(asyncio.to_thread(self._context.worker.stop))
        await super().shutdown(sockets)
        await ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal lets the work in hand be done. The second does not wait: the store survives that."""
        del frame
        if self.should_exit:
            os._exit(128 + sig)
        self.should_exit = True


def _allow_files(connections: int) -> None:
    """Let this process have as many open files as its connections and its work may need, where the system lets it.

    Connections that never speak are files too, and those that have not finished the handshake of TLS are not counted yet.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(FILES, 8 * connections)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def address(settings: Settings, taken: socket.socket) -> str:
    """What to type into a browser."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = settings.host if ":" not in settings.host else f"[{settings.host}]"
    return f"{'https' if settings.tls else 'http'}://{host}:{taken.getsockname()[1]}"


def first_token(settings: Settings, database: Database, *, issue: bool = True) -> str | None:
    """The one-time token, where nobody can administrate yet and the door does not stand open.

    Args:
        settings: of the server.
        database: of the store.
        issue: whether this server is the one to issue it: a further token would end the first.
    """
    if settings.open_access is not None or not issue:
        return None
    with database.session() as session:
        return None if accounts.any_administrator(session) else setup.issue(session)
