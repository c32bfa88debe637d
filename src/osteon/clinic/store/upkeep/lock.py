"""A file that one process at a time holds, or several together, until they end: however they end, the system lets go of it."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path


class FileLock:
    """A lock on a file.

    Args:
        file: made if need be; it holds the number of the process that has it, and stays where it is.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle: int | None = None

    def hold(self, *, shared: bool = False) -> bool:
        """Take the lock, unless another process (or another lock of this one) has it; whether it is held.

        Args:
            shared: hold it together with all others that do, and with none that does not.

        Raises:
            OSError: the file cannot be opened.
        """
        if self._handle is not None:
            return True
        handle = os.open(self._file, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        if not _lock(handle, shared=shared):
            os.close(handle)
            return False
        if shared:
            self._handle = handle
            return True
        with suppress(OSError):  # on a full disk
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode("ascii"))
        self._handle = handle
        return True

    def release(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def owner(self) -> str:
        """The number of the process that has it, as far as that can be told."""
        try:
            found = self._file.read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""
        return found if found.isdecimal() else ""


if sys.platform == "win32":

    def _lock(handle: int, *, shared: bool) -> bool:
        import msvcrt

        del shared  # there is no such lock: whoever holds it is alone

        try:
            os.lseek(handle, 1 << 20, os.SEEK_SET)  # beyond the content, which others may read
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        except OSError:
            return False
        return True

else:

    def _lock(handle: int, *, shared: bool) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as error:
            # Some file systems between machines have no such locks; those who share have one in their database.
            return shared and error.errno in {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
        return True
