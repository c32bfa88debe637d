"""The files of the store, named by their content, and the secret that pseudonyms are made with.

folder/
  files/ab/abcdef...   an original, named by its SHA-256
  files/new/           drafts; what a killed process left is removed at the next start
  spool/               what is only passing through, and is removed likewise
  incoming/            what was received over DICOM and no study has yet, see ``incoming``
  quarantine/          what was received and no study may have
  key                  secret of this store, readable by its owner only
  lock                 held by the server that uses the store; with PostgreSQL by all of them together
  reserve              room on the disk for deleting, see ``space``
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from osteon.clinic.store.upkeep.lock import FileLock
from osteon.clinic.store.upkeep.space import FULL, NoSpaceError
from osteon.core.errors import StoreError

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_CHUNK: Final = 1 << 20
_LETTERS: Final = 13
"""Of a pseudonym: 65 bits, which do not collide."""

SHORT: Final = re.compile(r"P-[A-Z2-7]{6}")
"""Pseudonyms that stores gave before: the beginning of those that they give now."""


class Files:
    """The originals of a store; safe to use from several threads at once.

    Args:
        folder: of the store; made if need be.

    Raises:
        StoreError: the folder cannot be made or written to.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._files = self.folder / "files"
        self._drafts = self._files / "new"
        self.spool = self.folder / "spool"
        """For temporary files: it lies on a disk, which ``/tmp`` often does not."""
        self.lock = threading.Lock()
        """Part of ``osteon.clinic.store.fleet.exclusive``, which is what to use."""
        self._held = FileLock(self.folder / "lock")
        with self._faults():
            self._drafts.mkdir(parents=True, exist_ok=True)
            self.spool.mkdir(exist_ok=True)
            self._secret = self._read_secret()

    def put(self, data: bytes) -> str:
        """Keep a file; when this returns it survives a loss of power.

        Returns:
            Its SHA-256.

        Raises:
            StoreError: it cannot be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        with self._faults():
            if not path.exists():
                self._draft(io.BytesIO(data), path)
            settle_folder(path.parent)
        return digest

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        """Keep a file without holding all of it in memory.

        Returns:
            Its SHA-256 and its size in bytes.

        Raises:
            StoreError: it cannot be written.
        """
        hashed, size = hashlib.sha256(), 0
        while block := source.read(_CHUNK):
            hashed.update(block)
            size += len(block)
        digest = hashed.hexdigest()
        path = self.path(digest)
        with self._faults():
            if not path.exists():
                source.seek(0)
                self._draft(source, path)
            settle_folder(path.parent)
        return digest, size

    def path(self, digest: str) -> Path:
        """Where a file lies.

        Raises:
            ValueError: this is no digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise ValueError("expected 64 hexadecimal digits")
        return self._files / digest[:2] / digest

    def read(self, digest: str) -> bytes:
        """The content of a file.

        Raises:
            StoreError: it is not there.
        """
        with self._faults():
            return self.path(digest).read_bytes()

    def remove(self, digest: str) -> None:
        """Remove a file; it is no error if it is not there.

        Raises:
            StoreError: it cannot be removed.
        """
        with self._faults():
            self.path(digest).unlink(missing_ok=True)

    def age(self, digest: str) -> float:
        """Seconds since a file was written; 0 if it is not there."""
        try:
            return max(0.0, time.time() - self.path(digest).stat().st_mtime)
        except FileNotFoundError:
            return 0.0

    def digests(self) -> Iterator[list[str]]:
        """All files, folder by folder."""
        for path in sorted(self._files.iterdir()):
            if path.is_dir() and len(path.name) == 2:
                yield [file.name for file in path.iterdir() if _DIGEST.fullmatch(file.name)]

    def pseudonym(self, patient: str) -> str:
        """A name for a patient that does not tell who it is: ``P-7K3QXMB4TZW2A``.

        It is a keyed hash (HMAC-SHA-256) of the patient's number: the same patient has the same pseudonym in this store
        and another one in any other, and nobody without the key can find out by trying numbers.

        Args:
            patient: PatientID; not empty.
        """
        digest = hmac.new(self._secret, patient.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
        return f"P-{base64.b32encode(digest).decode('ascii')[:_LETTERS]}"

    def derived(self, purpose: str) -> bytes:
        """A secret of this store for one purpose; it tells nothing of the others, nor of the pseudonyms."""
        return hmac.new(self._secret, f"osteon {purpose}".encode(), hashlib.sha256).digest()

    def hashed(self, words: str) -> str:
        """A keyed hash, hexadecimal; unlike any pseudonym, also of the same words."""
        return hmac.new(self._secret, b"mark:" + words.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def hold(self, *, shared: bool = False) -> bool:
        """Whether no other process uses this store; it is held until the end of this process, or ``release``.

        Args:
            shared: whether others may that share it, too.

        Raises:
            StoreError: the folder cannot be used.
        """
        with self._faults():
            return self._held.hold(shared=shared)

    def there(self, digest: str) -> bool:
        """Whether a file is there now; it is opened, since a mere look may be answered from what this machine remembers."""
        try:
            os.close(os.open(self.path(digest), os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)))
        except OSError:
            return False
        return True

    def owner(self) -> str:
        """The number of the process that holds the store, as far as that can be told."""
        return self._held.owner()

    def release(self) -> None:
        """Let other processes hold the store."""
        self._held.release()

    def clean(self, age: float = 0.0) -> None:
        """Remove drafts and temporary files that a killed process left.

        Args:
            age: seconds; younger ones stay. Only who has the store for itself may remove all.
        """
        for left in (*self._drafts.iterdir(), *self.spool.iterdir()):
            with suppress(OSError):
                if age and time.time() - left.stat().st_mtime < age:
                    continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                with suppress(OSError):
                    left.unlink()

    def _draft(self, source: BinaryIO, path: Path) -> None:
        """Write a file aside, then move it where it belongs; what cannot be written whole leaves nothing."""
        draft = self._drafts / secrets.token_hex(16)
        try:
            with draft.open("xb") as stream:
                shutil.copyfileobj(source, stream, _CHUNK)
                settle(stream)
            self._move(draft, path)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise

    def _move(self, draft: Path, path: Path) -> None:
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            settle_folder(self._files)
        draft.replace(path)

    def _read_secret(self) -> bytes:
        path = self.folder / "key"
        try:
            found = path.read_bytes()
        except FileNotFoundError:
            draft = self._drafts / secrets.token_hex(16)
            with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as stream:
                stream.write(secrets.token_bytes(32))
                settle(stream)
            with suppress(FileExistsError):  # another process was faster
                os.link(draft, path)
            draft.unlink()
            settle_folder(self.folder)
            found = path.read_bytes()
        if len(found) < 32:
            raise StoreError("the secret of the store is damaged", expected="32 bytes", got=f"{len(found)}", hint=_KEY)
        return found

    @contextmanager
    def _faults(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in FULL:
                raise NoSpaceError(
                    "the disk of the store is full", hint="Delete studies, or free disk space."
                ) from error
            raise StoreError(
                "the folder of the store cannot be used", got=error.strerror or type(error).__name__
            ) from error


_KEY: Final = "Restore the file named key from a backup: pseudonyms depend on it."


def settle(stream: BinaryIO) -> None:
    """Wait until what was written is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def settle_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk; not every system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
