"""Threads that run inference yield to those that answer requests, so that pages stay quick meanwhile.

Linux counts niceness by thread, and a thread that is started gets that of the one which starts it; other systems count by
process, where nothing is changed.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, TypeVar

NICENESS: Final = 10
"""How much lower the priority of the threads is."""

TURN: Final = 0.0005
"""Seconds after which a thread that computes lets another have the interpreter while images are read: a tenth of the usual 5 ms.

A request gives the interpreter up at each statement to the database, and each time would wait that long for it. With 5 ms the
median of the page's requests was three times as long (``benchmarks/pacs.py --only queue``)."""

_T = TypeVar("_T")


def lower_priority() -> None:
    """Give this thread, and those that it starts from here on, less of the processor."""
    if sys.platform == "linux":
        own = threading.get_native_id()
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, own, min(19, os.getpriority(os.PRIO_PROCESS, own) + NICENESS))


class ShortTurns:
    """Lets threads that answer requests have the interpreter soon, as long as any block of it is open in the process.

    Not always: receiving takes two threads for each association, which it costs a tenth more of the processor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._usual = sys.getswitchinterval()

    def __enter__(self) -> None:
        with self._lock:
            if not self._open:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(TURN)
            self._open += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open -= 1
            if not self._open:
                sys.setswitchinterval(self._usual)


SHORT_TURNS: Final = ShortTurns()
"""That of this process: the interpreter has one interval for all threads."""


def made_lowered(make: Callable[[], _T]) -> _T:
    """Make something whose own threads are to have a lower priority.

    Raises:
        Exception: what ``make`` raises.
    """
    with ThreadPoolExecutor(1, initializer=lower_priority) as pool:
        return pool.submit(make).result()
