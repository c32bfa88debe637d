"""Room on the disk: what is kept free, and what still works where nothing is.

A file named ``reserve`` takes some room of its own. Where the disk is full it is removed, so that logging in, looking and
above all deleting still find room; it is made again once there is enough. Images are not taken in and not read while less
is free than is needed: they wait.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.errors import StoreError

NEEDED: Final = 64 << 20
"""Bytes that must be free for images to be taken in, on a disk of an ordinary size."""

RESERVE: Final = 16 << 20
"""Bytes of the reserve, likewise."""

_SMALL: Final = 1 << 20
_NEEDED_SHARE: Final = 20
_RESERVE_SHARE: Final = 40
_LEAST_SHARE: Final = 4

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of errors that say that there is no room."""

_log = logging.getLogger("osteon.clinic.store")


class NoSpaceError(StoreError):
    """There is no room on the disk."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is.

    Attributes:
        total: bytes of the disk.
        free: bytes.
        needed: bytes that must be free.
        enough: whether they are.
    """

    total: int
    free: int
    needed: int
    enough: bool


class Space:
    """Watches the disk of a store; safe to use from several threads at once.

    Args:
        folder: of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserve = folder / "reserve"
        self._lock = threading.Lock()
        self._told = True

    def check(self) -> Room:
        """Look how much room there is, and give the reserve up or make it again."""
        with self._lock:
            usage = shutil.disk_usage(self._folder)
            needed = max(_LEAST_SHARE * _SMALL, min(NEEDED, usage.total // _NEEDED_SHARE))
            size = max(_SMALL, min(RESERVE, usage.total // _RESERVE_SHARE))
            there = self._there(size)
            if there and usage.free < size // 4:
                self._drop()
                there = False
            elif not there and usage.free >= needed + size:
                there = self._make(size)
            enough = there and usage.free >= needed
            if enough != self._told:
                self._told = enough
                state = "there is room on the disk again" if enough else "the disk of the store is full: images wait"
                _log.warning(state, extra={"fields": {"free": usage.free, "needed": needed}})
            return Room(usage.total, usage.free, needed, enough)

    def require(self) -> None:
        """Refuse what needs room where there is too little.

        Raises:
            NoSpaceError: there is.
        """
        room = self.check()
        if not room.enough:
            raise NoSpaceError(
                "the disk of the store is full",
                expected=f"at least {room.needed >> 20:,} MiB that are free",
                got=f"{room.free >> 20:,} MiB",
                hint="Delete studies, or make room on the disk; what waits is read by itself then.",
            )

    def release(self) -> None:
        """Give the reserve up at once: something found no room."""
        with self._lock:
            self._drop()

    def _there(self, size: int) -> bool:
        try:
            found = self._reserve.stat()
        except OSError:
            return False
        return found.st_size >= size

    def _drop(self) -> None:
        try:
            self._reserve.unlink(missing_ok=True)
        except OSError as error:
            _log.error("the reserve file cannot be released: %s", type(error).__name__)

    def _make(self, size: int) -> bool:
        """Take the room for the reserve, really and not only by its name."""
        try:
            with self._reserve.open("wb") as stream:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(stream.fileno(), 0, size)
                else:
                    stream.write(b"\0" * size)
        except OSError:
            self._drop()
            return False
        return True
