"""Limits how much is decoded at the same time by the whole server: a small file may hold a very large image."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from osteon.core.errors import StoreError

PATIENCE: Final = 20.0
"""Seconds that a request waits for its turn."""

WAITING: Final = 16
"""Requests that may wait: each holds a thread, and others are to be answered meanwhile."""


class BusyError(StoreError):
    """Too much is asked for at once."""


class Budget:
    """A number of units (pixels, bytes) that may be in use at once; who comes first has the first turn.

    Args:
        units: in use at once. What needs more alone has its turn when nothing else is in use.
        waiting: how many may wait with a time limit.
    """

    def __init__(self, units: int, waiting: int = WAITING) -> None:
        self._units = units
        self._waiting = waiting
        self._used = 0
        self._turns: deque[object] = deque()
        self._changed = threading.Condition()

    @property
    def used(self) -> int:
        """Units that are in use."""
        return self._used

    @contextmanager
    def hold(self, units: int, patience: float | None = PATIENCE) -> Generator[None]:
        """Use some units for as long as the block lasts.

        Args:
            units: how many.
            patience: seconds to wait; None for any time.

        Raises:
            BusyError: the time ran out, or too many wait.
        """
        self.take(units, patience)
        try:
            yield
        finally:
            self.give(units)

    def take(self, units: int, patience: float | None = PATIENCE) -> None:
        """Use some units until they are given back.

        Raises:
            BusyError: the time ran out, or too many wait.
        """
        with self._changed:
            if patience is not None and len(self._turns) >= self._waiting:
                raise _busy()
            turn = object()
            self._turns.append(turn)
            try:
                if not self._changed.wait_for(lambda: self._turns[0] is turn and self._fits(units), patience):
                    raise _busy()
                self._used += units
            finally:
                self._turns.remove(turn)
                self._changed.notify_all()

    def give(self, units: int) -> None:
        """Give units back."""
        with self._changed:
            self._used -= units
            self._changed.notify_all()

    def _fits(self, units: int) -> bool:
        return self._used == 0 or self._used + units <= self._units


def _busy() -> BusyError:
    return BusyError("too many images are requested at once", hint="Try again in a moment.")
