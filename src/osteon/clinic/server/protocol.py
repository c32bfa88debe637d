"""HTTP connections that do not wait for ever: whoever is slow with the headers of a request is cut off (slow loris)."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


def patient(seconds: float) -> type[asyncio.Protocol]:
    """A protocol for uvicorn in which the headers of each request must be there after some time.

    uvicorn itself only limits how long a connection may be idle between two requests.

    Args:
        seconds: from the first byte, or from the connection on.
    """

    class Patient(H11Protocol):
        """Cuts slow connections off."""

        _limit: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._arm()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
                self._arm()
            else:
                self._disarm()

        def connection_lost(self, exc: Exception | None) -> None:
            self._disarm()
            super().connection_lost(exc)

        def _arm(self) -> None:
            """Start to wait, unless one waits already: each further byte must not buy more time."""
            if self._limit is None:
                self._limit = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

        def _disarm(self) -> None:
            if self._limit is not None:
                self._limit.cancel()
                self._limit = None

    return Patient
