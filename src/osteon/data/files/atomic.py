"""Atomic writing of a file or of a folder of files."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from osteon.core.errors import DataError


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """A temporary file that replaces ``path`` at the end; if anything fails, ``path`` is unchanged.

    The temporary file is in the same folder, is written to disk before it is renamed, and is removed where writing fails.

    Raises:
        DataError: it cannot be written, for instance because the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.stem[:100]}-{secrets.token_hex(4)}{path.suffix}")
        new.touch(exist_ok=False)
    except OSError as error:
        raise _failed(path, error) from error
    try:
        yield new
        _settle(new)
        new.replace(path)
    except OSError as error:
        raise _failed(path, error) from error
    finally:
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
        raise _failed(folder, error) from error
    done = False
    try:
        yield new
        for path in sorted(new.iterdir()):
            path.replace(folder / path.name)
        done = True
    except OSError as error:
        raise _failed(folder, error) from error
    finally:
        shutil.rmtree(new, ignore_errors=True)
        if not done and not existed:
            shutil.rmtree(folder, ignore_errors=True)


def _settle(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _failed(path: Path, error: OSError) -> DataError:
    hint = "Free disk space, or choose another location." if error.errno == 28 else ""
    return DataError(f"cannot write {path}", got=error.strerror or type(error).__name__, hint=hint)
