"""Tells pages that there is traffic, at most once in a moment: a thousand images are not a thousand events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

MOMENT: Final = 1.0
"""Seconds between two events."""


class Pulse:
    """Calls ``tell`` soon after ``beat``; ``beat`` may be called from any thread, and never waits.

    Args:
        tell: is called from a thread of its own, or from that which beats.
        moment: seconds between two calls at least.
    """

    def __init__(self, tell: Callable[[], None], moment: float = MOMENT) -> None:
        self._tell = tell
        self._moment = moment
        self._lock = threading.Lock()
        self._last = -moment
        self._waits = False

    def beat(self) -> None:
        """Say that something happened."""
        with self._lock:
            if self._waits:
                return
            pause = self._last + self._moment - monotonic()
            if pause > 0:
                self._waits = True
                timer = threading.Timer(pause, self._late)
                timer.daemon = True
                timer.start()
                return
            self._last = monotonic()
        self._tell()

    def _late(self) -> None:
        with self._lock:
            self._waits, self._last = False, monotonic()
        self._tell()
