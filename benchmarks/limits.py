"""Runs a program with as much processor and memory as a small machine has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEBIBYTE: Final = 1 << 20
_MEMORY: Final = Path("/sys/fs/cgroup/memory")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use.

    Attributes:
        processors: that it runs on.
        memory: MiB.
    """

    processors: int
    memory: int

    @contextmanager
    def applied(self) -> Iterator[tuple[list[str], str]]:
        """Yield what goes before the command to be limited, and what the limits are, in words.

        The processors are pinned with ``taskset``. Memory is limited by a cgroup (version 1) of its own below this
        process's, where one can be made: whoever needs more is killed. Elsewhere ``prlimit`` limits what the program may
        write to (RLIMIT_DATA), which is never less than what it holds of it, so that it is the stricter limit.

        Raises:
            RuntimeError: this machine has fewer processors.
        """
        available = sorted(os.sched_getaffinity(0))
        if len(available) < self.processors:
            raise RuntimeError(f"expected {self.processors} processors, this machine has {len(available)}")
        pinned = ["taskset", "--cpu-list", ",".join(map(str, available[: self.processors]))]
        group = _group()
        if group is None:
            words = f"{self.processors} processors (taskset), {self.memory:,} MiB (RLIMIT_DATA)"
            yield [*pinned, "prlimit", f"--data={self.memory * MEBIBYTE}"], words
            return
        group.mkdir()
        try:
            (group / "memory.limit_in_bytes").write_text(str(self.memory * MEBIBYTE))
            enter = ["sh", "-c", f'echo $$ > "{group}/cgroup.procs" && exec "$@"', "sh"]
            yield [*enter, *pinned], f"{self.processors} processors (taskset), {self.memory:,} MiB (cgroup)"
        finally:
            group.rmdir()


def _group() -> Path | None:
    """Where a cgroup for memory can be made; None where that is not possible."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "memory" and os.access(parent := _MEMORY / path.lstrip("/"), os.W_OK):
            return parent / f"osteon-{os.getpid()}"
    return None
