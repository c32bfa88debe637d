"""HTTP connections with timeouts, counted: slow headers (Slowloris) and answers that are not taken end the connection."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from osteon.clinic.server.limits.crowd import Crowd

SLOWEST: Final = 4 * 1024
"""Bytes a second that a client must take of an answer."""


def header_timeout_protocol(seconds: float, crowd: Crowd) -> type[asyncio.Protocol]:
    """A protocol for uvicorn in which the headers of each request must be there after some time.

    uvicorn itself only limits how long a connection may be idle between two requests.

    Args:
        seconds: from the first byte, or from the connection on; and between two looks at how much of an answer was taken.
        crowd: counts the connections.
    """

    class HeaderTimeoutProtocol(H11Protocol):
        """Closes slow connections."""

        _limit: asyncio.TimerHandle | None = None
        _taking: asyncio.TimerHandle | None = None

        @property
        def idle(self) -> bool:
            """Whether no request is under way."""
            return self.cycle is None or self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]

        def drop(self) -> None:
            """Close without waiting for the other side."""
            self.transport.abort()

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._arm()
            if not crowd.join(self, self.client[0] if self.client else ""):
                self.drop()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self._arm()
            else:
                self._disarm()
                crowd.busy(self)

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            self._untime()
            crowd.leave(self)
            super().connection_lost(exc)

        def pause_writing(self) -> None:
            super().pause_writing()
            self._time(self.transport.get_write_buffer_size())

        def resume_writing(self) -> None:
            super().resume_writing()
            self._untime()

        def _arm(self) -> None:
            """Start to wait, unless one waits already: each further byte must not buy more time."""
            if self._limit is None:
                self._limit = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def _disarm(self) -> None:
            if self._limit is not None:
                self._limit.cancel()
                self._limit = None

        def _time(self, size: int) -> None:
            """See after a while how much of what waits to be sent was taken."""
            self._untime()
            self._taking = self.loop.call_later(seconds, self._see_taken, size)

        def _untime(self) -> None:
            if self._taking is not None:
                self._taking.cancel()
                self._taking = None

        def _see_taken(self, size: int) -> None:
            left = self.transport.get_write_buffer_size()
            if size - left < seconds * SLOWEST:
                self.drop()
            else:
                self._time(left)

    return HeaderTimeoutProtocol
