"""A background thread that works whenever it is woken."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Final

FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""Unexpected errors of what another system answers: that request has failed, and the others are gone on with."""


class Background(ABC):
    """Starts, wakes and ends a thread; what it does is ``_work``, which returns once ``_stopping`` is set.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def stop(self, timeout: float = 5.0) -> None:
        """End; what was not done is gone on with at the next start."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    @abstractmethod
    def _work(self) -> None:
        """What the thread does."""
