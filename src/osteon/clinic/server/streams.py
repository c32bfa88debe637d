"""Streams of events end with what let them in: an account that is closed, a key that is revoked, a session that ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from osteon.clinic.events import Event
from osteon.clinic.server.access.access import Person, remains
from osteon.clinic.server.context import Context
from osteon.core.errors import StoreError

LOOK: Final = 20.0
"""Seconds after which it is looked at the latest whether a stream may go on, also where nobody said that it ends."""

_SOON: Final = 0.05


class Streams:
    """The streams that are open; ``look`` may be called from any thread.

    Args:
        tell: lets other servers look, too.
    """

    def __init__(self, tell: Callable[[], None] | None = None) -> None:
        self._tell = tell
        self._lock = Lock()
        self._open: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @contextmanager
    def opened(self) -> Generator[asyncio.Event]:
        """The event that is set when a stream should see whether it may go on."""
        one = asyncio.get_running_loop(), asyncio.Event()
        with self._lock:
            self._open.add(one)
        try:
            yield one[1]
        finally:
            with self._lock:
                self._open.discard(one)

    def look(self) -> None:
        """Let every stream see whether it may go on, here and on other servers: somebody was shut out."""
        self.look_here()
        if self._tell is not None:
            self._tell()

    def look_here(self) -> None:
        """As ``look``, on this server alone."""
        with self._lock:
            streams = list(self._open)
        for loop, event in streams:
            with suppress(RuntimeError):  # its loop was closed
                loop.call_soon_threadsafe(event.set)


async def while_allowed(here: Context, person: Person, events: AsyncGenerator[Event]) -> AsyncGenerator[Event | None]:
    """Events for as long as somebody may hear them, and None where they may not any more.

    To listen is not the user's doing and keeps no session alive.
    """
    clock = asyncio.get_running_loop().time
    with here.streams.opened() as shut_out:
        following: asyncio.Future[Event] = asyncio.ensure_future(anext(events))
        ending = asyncio.ensure_future(shut_out.wait())
        try:
            until = clock()
            while True:
                if ending.done() or clock() >= until:
                    shut_out.clear()
                    ending.cancel()
                    ending = asyncio.ensure_future(shut_out.wait())
                    left = await _left(here, person)
                    if left is None:
                        yield None
                        return
                    until = clock() + min(LOOK, left + _SOON)
                await asyncio.wait({following, ending}, timeout=until - clock(), return_when=asyncio.FIRST_COMPLETED)
                if following.done() and not ending.done():
                    try:
                        event = following.result()
                    except StopAsyncIteration:
                        return
                    yield event
                    following = asyncio.ensure_future(anext(events))
        finally:
            for task in (following, ending):
                task.cancel()
                with suppress(asyncio.CancelledError, StopAsyncIteration):
                    await task


async def _left(here: Context, person: Person) -> float | None:
    """Seconds for which a stream may go on; a database that does not answer ends it, and the browser asks anew."""
    try:
        return await run_in_threadpool(remains, here, person)
    except (SQLAlchemyError, StoreError):
        return None
