"""What the process of a server keeps of the memory that it had: glibc's malloc gives little of it back by itself.

Elsewhere than on Linux with glibc nothing is done here.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from typing import Final

ARENAS: Final = 1
"""Pools of malloc. Each thread gets one of its own otherwise, up to eight for each processor, and what is free in one
is no other's."""

_M_ARENA_MAX: Final = -8  # malloc.h


def limit_arenas() -> None:
    """Let all threads that begin after this share one pool."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def trim() -> None:
    """Give memory that is free back to the system: some milliseconds, so after work and not during it."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
