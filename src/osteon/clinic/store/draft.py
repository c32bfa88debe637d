"""An instance that is being received: a file that is written as it comes, in bounded memory."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from osteon.clinic.store.files import settle
from osteon.clinic.store.upkeep.space import FULL, NoSpaceError
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError, StoreError


class Draft:
    """An instance that is being received: written as it comes, in bounded memory.

    Where it cannot be written on, what still comes is let through and ``failure`` says why.

    Args:
        path: of its file.
        most: bytes that it may have.
    """

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.failure: OsteonError | None = None
        self._most = most
        self._size = 0
        self._hash = hashlib.sha256()
        self._stream: BinaryIO | None = None
        try:
            self._stream = path.open("xb")
        except OSError as error:
            self._fail(file_fault(error))

    @property
    def name(self) -> str:
        """The path of its file."""
        return str(self.path)

    @property
    def file(self) -> Draft:
        """Itself: what writes to a temporary file flushes that."""
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of what was written."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Add bytes; it never raises."""
        if self.failure is None and self._stream is not None:
            self._size += len(data)
            if self._size > self._most:
                self._fail(InputError(FaultCode.FILE_TOO_LARGE, {"bytes": self._size, "limit": self._most}))
            else:
                self._hash.update(data)
                try:
                    self._stream.write(data)
                except OSError as error:
                    self._fail(file_fault(error))
        return len(data)

    def flush(self) -> None:
        """Nothing: it is written out when all has come."""

    def flush_out(self) -> None:
        """Write out what is still in memory, so that the file can be read.

        Raises:
            StoreError: it cannot be written.
        """
        if self.failure is None and self._stream is not None:
            try:
                self._stream.flush()
            except OSError as error:
                self._fail(file_fault(error))
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        """Stop writing; the file stays."""
        if self._stream is not None:
            with suppress(OSError):
                self._stream.close()

    def settle(self) -> None:
        """Wait until it is on the disk.

        Raises:
            InputError: it was too large.
            StoreError: it could not be written.
        """
        if self.failure is None and self._stream is not None:
            try:
                settle(self._stream)
                self._stream.close()
            except OSError as error:
                self._fail(file_fault(error))
        if self.failure is not None:
            raise self.failure

    def discard(self) -> None:
        """Remove it; it is no error if it is not there."""
        self.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _fail(self, error: OsteonError) -> None:
        self.failure = error
        self.discard()  # the others need the room


def file_fault(error: OSError) -> StoreError:
    """What an error of a file of the store means."""
    if error.errno in FULL:
        return NoSpaceError("the disk of the store is full", hint="Delete studies, or free disk space.")
    return StoreError("the folder of the store cannot be used", got=error.strerror or type(error).__name__)
