"""Instances that were received and no study has yet, and those that are held back: files on the disk, whatever happens.

folder/
  incoming/new/    drafts; what a killed process left is removed at the next start
  incoming/        whole instances: what is acknowledged lies here until its study has it
  incoming/PROCESS/  both, of one of several processes that share the store; what an ended one left is another's
  quarantine/      instances that no study may have, see ``Reason``

The name of a file says when it came and from whom, so that nothing but the file has to be written before it is acknowledged.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from osteon.clinic.store.draft import Draft, file_fault
from osteon.clinic.store.files import settle_folder
from osteon.core.errors import StoreError

_NAME: Final = re.compile(r"(\d{20})\.([A-Za-z0-9_-]*)\.([0-9a-f]{16})\.dcm")
_LONGEST_SENDER: Final = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """An instance that lies here.

    Attributes:
        path: of its file.
        sender: AE title, or ``key:NAME``.
        received: nanoseconds since 1970.
    """

    path: Path
    sender: str
    received: int

    @property
    def name(self) -> str:
        """Its name, which is its own for ever."""
        return self.path.name


class Incoming:
    """The folders of a store for what was received; safe to use from several threads at once.

    Args:
        folder: of the store; made if need be.
        process: whose instances these are, where several share the store.

    Raises:
        StoreError: a folder cannot be made.
    """

    def __init__(self, folder: Path, process: str = "") -> None:
        self._all = folder / "incoming"
        self._whole = self._all / process if process else self._all
        self._drafts = self._whole / "new"
        self._quarantine = folder / "quarantine"
        try:
            self._drafts.mkdir(parents=True, exist_ok=True)
            self._quarantine.mkdir(exist_ok=True)
        except OSError as error:
            raise file_fault(error) from error

    def draft(self, most: int) -> Draft:
        """Begin to receive an instance of at most so many bytes."""
        with suppress(OSError):  # another process may have thought that this one had ended; what is wrong is told below
            self._drafts.mkdir(parents=True, exist_ok=True)
        return Draft(self._drafts / f"{secrets.token_hex(16)}.dcm", most)

    def keep(self, draft: Draft, sender: str) -> Entry:
        """Keep a draft that is whole; when this returns it survives a loss of power.

        Raises:
            InputError: it was too large.
            StoreError: it cannot be written.
        """
        draft.settle()
        moment = time.time_ns()
        coded = base64.urlsafe_b64encode(sender.encode("utf-8")[:_LONGEST_SENDER]).decode("ascii").rstrip("=")
        path = self._whole / f"{moment:020d}.{coded}.{secrets.token_hex(8)}.dcm"
        try:
            draft.path.rename(path)
            settle_folder(self._whole)
        except OSError as error:
            draft.discard()
            raise file_fault(error) from error
        return Entry(path, sender, moment)

    def entries(self) -> Iterator[Entry]:
        """All instances that no study has yet, in the order in which they came."""
        for path in sorted(self._whole.glob("*.dcm")):
            entry = _entry(path)
            if entry is not None:
                yield entry

    def adopt(self, alive: Collection[str]) -> Iterator[Entry]:
        """Take over the instances that processes left which have ended, and those of a time when there was one process.

        Args:
            alive: the processes that live.
        """
        left = [self._all] if self._all != self._whole else []
        left += [one for one in self._all.iterdir() if one.is_dir() and one.name != "new" and one.name not in alive]
        for folder in left:
            if folder == self._whole:
                continue
            for path in sorted(folder.glob("*.dcm")):
                with suppress(OSError):  # another process was faster
                    entry = _entry(path.rename(self._whole / path.name))
                    if entry is not None:
                        yield entry
            if folder != self._all:
                shutil.rmtree(folder / "new", ignore_errors=True)
                with suppress(OSError):
                    folder.rmdir()

    def leave(self) -> None:
        """Remove the folder of this process, where nothing is left in it."""
        if self._whole != self._all:
            self.clean()
            with suppress(OSError):
                self._drafts.rmdir()
                self._whole.rmdir()

    def remove(self, entry: Entry) -> None:
        """Remove an instance that its study has."""
        with suppress(OSError):
            entry.path.unlink(missing_ok=True)

    def hold(self, entry: Entry) -> Path:
        """Move an instance to the quarantine; returns where it lies.

        Raises:
            StoreError: it cannot be moved.
        """
        return self._moved(entry.path, self._quarantine)

    def free(self, name: str) -> Entry:
        """Move an instance back from the quarantine.

        Raises:
            StoreError: it is not there.
        """
        entry = _entry(self._moved(self.held(name), self._whole))
        if entry is None:
            raise StoreError("the name of the file in the quarantine is not one of this store", got=name[:200])
        return entry

    def held(self, name: str) -> Path:
        """Where an instance of the quarantine lies.

        Raises:
            StoreError: this is no name of one.
        """
        if not _NAME.fullmatch(name):
            raise StoreError("the name of the file in the quarantine is not one of this store")
        return self._quarantine / name

    def in_quarantine(self) -> set[str]:
        """The names of all files there."""
        return {path.name for path in self._quarantine.glob("*.dcm")}

    def clean(self) -> None:
        """Remove drafts that a killed process left; only for who holds the store."""
        for left in self._drafts.iterdir():
            with suppress(OSError):
                left.unlink()

    def _moved(self, source: Path, folder: Path) -> Path:
        target = folder / source.name
        try:
            if source.exists() or not target.exists():
                source.rename(target)
            settle_folder(folder)
            settle_folder(source.parent)
        except OSError as error:
            raise file_fault(error) from error
        return target


def _entry(path: Path) -> Entry | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    moment, coded, _ = found.groups()
    try:
        sender = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        sender = ""
    return Entry(path, sender, int(moment))


def same_data_set(first: Path, second: Path) -> bool:
    """Whether two DICOM files hold the same data set, byte for byte, in the same transfer syntax.

    What stands before the data set (preamble and file meta information) says who wrote the file, and not what it is.
    """
    with first.open("rb") as one, second.open("rb") as other:
        if _skip_meta(one) != _skip_meta(other):
            return False
        if os.fstat(one.fileno()).st_size - one.tell() != os.fstat(other.fileno()).st_size - other.tell():
            return False
        while True:
            block, beside = one.read(1 << 20), other.read(1 << 20)
            if block != beside:
                return False
            if not block:
                return True


_SYNTAX: Final = b"\x02\x00\x10\x00UI"


def _skip_meta(stream: BinaryIO) -> bytes:
    """Move to the data set; the transfer syntax, empty where none is stated (PS3.10 section 7.1)."""
    head = stream.read(144)
    if head[128:140] != b"DICM\x02\x00\x00\x00UL\x04\x00":
        stream.seek(0)
        return b""
    length = int.from_bytes(head[140:144], "little")
    meta = stream.read(min(length, 1 << 16))
    at = meta.find(_SYNTAX)
    if at < 0:
        return b""
    size = int.from_bytes(meta[at + 6 : at + 8], "little")
    return meta[at + 8 : at + 8 + size].rstrip(b"\0 ")
