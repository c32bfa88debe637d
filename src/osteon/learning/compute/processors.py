"""How many processors there are to share."""

from __future__ import annotations

import os


def usable_processors() -> int:
    """Processors that this process may use: fewer than the machine has where it is bound to some (``taskset``, a container)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1
