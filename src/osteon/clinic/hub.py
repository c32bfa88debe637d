"""Distributes events to all subscribers, also to those of other servers on the same store."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Final

from osteon.clinic.events import Event

ROOM: Final = 256
"""Events that may wait for one listener."""

RESET: Final[Event] = {"kind": "reset"}
"""Tells a listener that it missed events and should ask anew."""


class _Listener:
    """A queue in the event loop of the one who listens."""

    def __init__(self, room: int) -> None:
        self._loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[Event | None] = asyncio.Queue(room)

    def offer(self, event: Event | None) -> None:
        """From any thread."""
        try:
            self._loop.call_soon_threadsafe(self._put, event)
        except RuntimeError:  # its loop was closed
            return

    def _put(self, event: Event | None) -> None:
        if self.queue.full() or event is None:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(event and RESET)
            return
        self.queue.put_nowait(event)


class Hub:
    """Hands events to listeners; ``publish`` may be called from any thread, and never waits.

    Args:
        room: events that may wait for one listener; one that is slower loses them and is told ``reset``.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._listeners: set[_Listener] = set()
        self._closed = False
        self.forward: Callable[[Event], None] | None = None
        """Takes each event to the other processes; it never waits."""

    def publish(self, event: Event) -> None:
        """Tell everybody, of this process and of others."""
        self.deliver(event)
        if self.forward is not None:
            self.forward(event)

    def deliver(self, event: Event) -> None:
        """Tell everybody of this process."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.offer(event)

    async def subscribe(self) -> AsyncGenerator[Event]:
        """All events from now on, until the hub is closed or the caller stops."""
        listener = _Listener(self._room)
        with self._lock:
            if self._closed:
                return
            self._listeners.add(listener)
        try:
            while (event := await listener.queue.get()) is not None:
                yield event
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def close(self) -> None:
        """End all subscriptions, so that the server can stop."""
        with self._lock:
            self._closed = True
            listeners = list(self._listeners)
        for listener in listeners:
            listener.offer(None)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)
