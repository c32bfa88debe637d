"""Atomic writing of a file or of a folder of files."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError

FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, an exceeded quota, or the longest file that a file system allows."""

MAKE_ROOM: Final = "Free disk space, or choose another location."


@contextmanager
def replacing(path: Path, when_full: str = MAKE_ROOM) -> Generator[Path]:
    """A temporary file that replaces ``path`` at the end; if anything fails, ``path`` is unchanged.

    The temporary file is in the same folder, is written to disk before it is renamed, and is removed where writing fails. The
    folder is written to disk after it, so that a power failure leaves the one file or the other.

    Args:
        path: to write.
        when_full: what to do where the disk is full, for the error.

    Raises:
        DataError: it cannot be written, for instance because the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.stem[:100]}-{secrets.token_hex(4)}{path.suffix}")
        new.touch(exist_ok=False)
    except OSError as error:
        raise unwritten(path, error, when_full) from error
    try:
        yield new
        _sync(new)
        new.replace(path)
        if os.name == "posix":  # elsewhere folders cannot be opened
            _sync(path.parent)
    except OSError as error:
        raise unwritten(path, error, when_full) from error
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a file of UTF-8 text atomically.

    Raises:
        DataError: it cannot be written.
    """
    with replacing(path) as new:
        new.write_text(text, "utf-8")


@contextmanager
def filling(folder: Path) -> Generator[Path]:
    """A temporary folder whose content is moved into ``folder`` at the end; if anything fails, nothing is moved.

    Raises:
        DataError: it cannot be written.
    """
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    except OSError as error:
        raise unwritten(folder, error) from error
    done = False
    try:
        yield new
        for path in sorted(new.iterdir()):
            path.replace(folder / path.name)
        done = True
    except OSError as error:
        raise unwritten(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if not done and not existed:
            shutil.rmtree(folder, ignore_errors=True)


def unwritten(path: Path, error: OSError, when_full: str = MAKE_ROOM) -> DataError:
    """The error of a file or folder that cannot be written.

    Args:
        path: of it.
        error: of the system.
        when_full: what to do where the disk is full.
    """
    hint = when_full if error.errno in FULL else ""
    return DataError(f"cannot write {path}", got=error.strerror or type(error).__name__, hint=hint)


def _sync(path: Path) -> None:
    """Wait until a file, or the entries of a folder, are on the disk; not every file system supports it for folders."""
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
