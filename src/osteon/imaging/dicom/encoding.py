"""The encoding of a DICOM data set by its first bytes: what the file states may be wrong or missing."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.imaging.limits import Limits
from osteon.imaging.sniff import VALUE_REPRESENTATIONS

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"

MAX_HEADER: Final = 64 * 2**20
"""Bytes that the elements before Pixel Data may take in a deflated data set; what is larger is a bomb."""
MAX_READS: Final = 200_000
"""Elements and items of sequences, about, that are parsed: eight bytes of a file can cost a kilobyte of memory."""

_HIGHEST_GROUP: Final = 0x0054
"""The highest group that a data set starts with, in practice."""
_LONGEST_FIRST: Final = 1 << 16
"""Bytes that the first element of a data set stays below, in practice."""
_CHUNK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Encoding:
    """How elements are written.

    Attributes:
        implicit: whether they are without value representation.
        little: whether the lowest byte of a number comes first.
    """

    implicit: bool
    little: bool


def tell_encoding(head: bytes) -> Encoding | None:
    """The encoding of a data set by the first 8 bytes of its first element; None where they begin no data set."""
    if len(head) < 8:
        return None
    little = int.from_bytes(head[:2], "little") <= int.from_bytes(head[:2], "big")
    order = "little" if little else "big"
    group = int.from_bytes(head[:2], order)
    if group > _HIGHEST_GROUP or group % 2:
        return None
    if head[4:6] in VALUE_REPRESENTATIONS:
        return Encoding(implicit=False, little=little)
    length = int.from_bytes(head[4:8], order)
    return Encoding(implicit=True, little=little) if length < _LONGEST_FIRST or length == 0xFFFFFFFF else None


def stated_encoding(syntax: str) -> Encoding:
    """The encoding that a transfer syntax states (PS3.5 annex A): compressed pixels come with explicit VR."""
    return Encoding(implicit=syntax == IMPLICIT, little=syntax != BIG_ENDIAN)


class Metered(io.RawIOBase):
    """A stream from which a parser may read only so often.

    Args:
        source: is read.
    """

    def __init__(self, source: BinaryIO) -> None:
        super().__init__()
        self._source, self._left = source, MAX_READS

    def read(self, size: int = -1, /) -> bytes:
        """As of the source.

        Raises:
            InputError: it was read too often.
        """
        self._left -= 1
        if self._left < 0:
            raise InputError(FaultCode.TOO_MANY_ELEMENTS, {"limit": MAX_READS // 2})
        return self._source.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As of the source."""
        return self._source.seek(offset, whence)

    def tell(self) -> int:
        """As of the source."""
        return self._source.tell()


class Inflating(io.RawIOBase):
    """A deflated data set, inflated as far as it is read and no further than a limit.

    Args:
        source: stands where the deflated bytes begin.
        limits: what it may ask for.
        wbits: as for zlib.
    """

    def __init__(self, source: BinaryIO, limits: Limits, wbits: int = -zlib.MAX_WBITS) -> None:
        super().__init__()
        self._source, self._inflater = source, zlib.decompressobj(wbits)
        self._plain, self._at = bytearray(), 0
        self._limit = min(MAX_HEADER, limits.max_bytes)

    def allow(self, more: int) -> None:
        """Let ``more`` bytes be read from here on, and no others."""
        self._limit = self._at + more

    def read(self, size: int = -1, /) -> bytes:
        """Bytes from here on; fewer than asked for where there are no more, or where no more are allowed."""
        end = self._limit if size < 0 else self._at + size
        self._inflate(end)
        found = bytes(self._plain[self._at : end])
        self._at += len(found)
        return found

    def _inflate(self, end: int) -> None:
        if end > self._limit:
            end = self._limit + 1
        while len(self._plain) < end and not self._inflater.eof:
            packed = self._inflater.unconsumed_tail or self._source.read(_CHUNK)
            if not packed:
                return
            self._plain += self._inflater.decompress(packed, min(end - len(self._plain), 1 << 20))
        if len(self._plain) > self._limit:
            raise InputError(FaultCode.DEFLATED_TOO_LARGE, {"limit": self._limit})

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move to a place; from the start or from here only."""
        self._at = max(0, offset if whence == 0 else self._at + offset)
        return self._at

    def tell(self) -> int:
        """Where the next byte comes from."""
        return self._at


def inflate(source: BinaryIO, limits: Limits) -> Inflating | None:
    """A deflated data set from where ``source`` stands, with or without zlib's or gzip's header; None where it is none.

    PS3.5 section A.5 wants no header, and some writers write one.
    """
    begin = source.tell()
    for wbits in (-zlib.MAX_WBITS, 32 + zlib.MAX_WBITS):
        source.seek(begin)
        plain = Inflating(source, limits, wbits)
        try:
            head = plain.read(8)
        except zlib.error:
            continue
        if tell_encoding(head) is not None:
            plain.seek(0)
            return plain
    source.seek(begin)
    return None
