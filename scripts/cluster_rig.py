"""A PostgreSQL server, servers and workers of one reading room as processes on this machine, for faults and benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Self

import httpx

from orthanc import free_port

PATIENCE: Final = 600.0
"""Seconds that a process may take to start, on a busy machine."""

PROGRAMS: Final = "/usr/lib/postgresql"


class RigError(Exception):
    """Something did not start or end as expected."""


class Postgres:
    """A PostgreSQL server of its own, on a socket in its folder.

    Args:
        folder: empty; its path must be short, since a socket lies in it.
        options: further ones, as ``("max_connections=500",)``.

    Attributes:
        url: of its database ``postgres``.

    Raises:
        RigError: its programs, or the user that it needs where this one is root, are not there.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        found = shutil.which("initdb")
        programs = [Path(found).parent] if found else sorted(Path(PROGRAMS).glob("*/bin"), reverse=True)
        if not programs:
            raise RigError("initdb and pg_ctl are not there: install Debian's postgresql")
        self._programs, self._folder = programs[0], folder
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        if self._user is not None:
            pwd.getpwnam(self._user)
            shutil.chown(folder, self._user)
        given = ["listen_addresses=", "fsync=off", "full_page_writes=off", "max_connections=300", *options]
        self._options = f"-k {folder} " + " ".join(f"-c {option}" for option in given)
        self.url = f"postgresql+psycopg://osteon@/postgres?host={folder}"

    def __enter__(self) -> Self:
        """Make and start it."""
        data = f"{self._folder}/data"
        self._run("initdb", "-D", data, "-A", "trust", "-U", "osteon", "-E", "UTF8", "--no-sync")
        self._run("pg_ctl", "-D", data, "-o", self._options, "-l", f"{self._folder}/log", "-w", "start")
        return self

    def __exit__(self, *_: object) -> None:
        """End it at once."""
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        subprocess.run(command, user=self._user, cwd=self._folder, check=True, stdout=subprocess.DEVNULL, timeout=60)


class Part:
    """A server or a worker as a process; it can be killed and started again.

    Args:
        name: of it, and of its log.
        folder: of its log.
        command: after ``osteon``.
        port: on which it says that it lives.
        health: the route of that.
    """

    def __init__(self, name: str, folder: Path, command: Sequence[str], port: int, health: str) -> None:
        self.name = name
        self.url = f"http://127.0.0.1:{port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._command = [sys.executable, "-m", "osteon.cli", *command]
        self._health = self.url + health
        self._log = folder / f"{name}.log"

    @classmethod
    def server(cls, name: str, folder: Path, url: str, **settings: Any) -> Self:
        """One that answers; it reads where ``jobs`` is above 0."""
        port = free_port()
        command = ["serve", "--database", url, "--store", str(folder / "store"), "--port", str(port)]
        chosen = {"rate": 0, "burst": 10_000, "jobs": 0, "threads": 1, **settings}
        command += [word for key, value in chosen.items() for word in ("--set", f"{key}={value}")]
        return cls(name, folder, command, port, "/api/v1/health")

    @classmethod
    def worker(cls, name: str, folder: Path, url: str, *, drain: float = 20.0, **settings: Any) -> Self:
        """One that only reads."""
        port = free_port()
        command = ["worker", "--database", url, "--data", str(folder / "store"), "--health-port", str(port)]
        chosen = {"jobs": 1, "threads": 1, **settings}
        command += [word for key, value in chosen.items() for word in ("--set", f"{key}={value}")]
        return cls(name, folder, [*command, "--drain", f"{drain:g}"], port, "/health")

    @property
    def ready(self) -> bool:
        """Whether it says that it lives."""
        if self.process is None or self.process.poll() is not None:
            return False
        try:
            return httpx.get(self._health, timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    def start(self) -> None:
        """Start it; ``wait`` waits until it works."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)

    def wait(self) -> None:
        """Wait until it says that it lives.

        Raises:
            RigError: it ended, or does not say so in time.
        """
        end = time.monotonic() + PATIENCE
        while not self.ready:
            if self.process is None or self.process.poll() is not None or time.monotonic() > end:
                raise RigError(f"{self.name} did not start:\n{self._log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """End it as a loss of power does, as far as a process can."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(60)

    def end(self, seconds: float = 90.0) -> int:
        """End it cleanly; its exit code, or -9 where it did not in time."""
        self.send(signal.SIGTERM)
        if self.process is None:
            return 0
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9
