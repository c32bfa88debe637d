"""Reads multipart/related as it comes in, in bounded memory (RFC 2046 section 5.1, RFC 2387)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from osteon.core.errors import OsteonError

HEADERS: Final = 8192
"""Bytes that the headers of a part may have."""

_BOUNDARY: Final = re.compile(r';\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)


class MultipartError(OsteonError):
    """A body that is not what it says."""


Write = Callable[[bytes], object]


def boundary_of(content_type: str) -> bytes:
    """The boundary that a header Content-Type states.

    Raises:
        MultipartError: it is not multipart/related, or states none.
    """
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/related") or found is None:
        raise MultipartError(
            "this is not multipart/related", expected='multipart/related; type="application/dicom"; boundary=...'
        )
    return (found.group(1) or found.group(2)).encode("latin-1", "replace")


class Parts:
    """Splits a body into its parts.

    Args:
        boundary: between them.
        begin: called with the headers of a part (names in small letters); returns what its content is written to.
        end: called when a part is whole.
    """

    def __init__(self, boundary: bytes, begin: Callable[[dict[str, str]], Write], end: Callable[[], object]) -> None:
        self._delimiter = b"\r\n--" + boundary
        self._begin = begin
        self._end = end
        self._buffer = bytearray(b"\r\n")  # the first delimiter may stand at the very beginning
        self._state = self._preamble
        self._write: Write = _nowhere
        self._done = False

    def feed(self, data: bytes) -> None:
        """The next bytes.

        Raises:
            MultipartError: the body is not what it says.
        """
        self._buffer += data
        while not self._done and self._state():
            pass
        if self._done:
            self._buffer.clear()

    def close(self) -> None:
        """There are no more bytes.

        Raises:
            MultipartError: the body is not whole.
        """
        if not self._done:
            raise MultipartError("the request is cut short", expected="a closing boundary")

    def _preamble(self) -> bool:
        return self._to_delimiter(_nowhere)

    def _body(self) -> bool:
        if not self._to_delimiter(self._write):
            return False
        self._end()
        return True

    def _to_delimiter(self, write: Write) -> bool:
        at = self._buffer.find(self._delimiter)
        if at < 0:
            ready = len(self._buffer) - len(self._delimiter)
            if ready > 0:
                write(bytes(self._buffer[:ready]))
                del self._buffer[:ready]
            return False
        if at:
            write(bytes(self._buffer[:at]))
        del self._buffer[: at + len(self._delimiter)]
        self._state = self._after
        return True

    def _after(self) -> bool:
        """After a delimiter: the end, or another part."""
        if len(self._buffer) < 2:
            return False
        if self._buffer.startswith(b"--"):
            self._done = True
            return False
        line = self._buffer.find(b"\r\n")
        if line < 0:
            self._bounded()
            return False
        if self._buffer[:line].strip():
            raise MultipartError("the request is not valid", expected="an end of line after each boundary")
        del self._buffer[:line]
        self._state = self._headers
        return True

    def _headers(self) -> bool:
        at = self._buffer.find(b"\r\n\r\n")
        if at < 0:
            self._bounded()
            return False
        lines = bytes(self._buffer[:at]).decode("latin-1").split("\r\n")
        del self._buffer[: at + 4]
        pairs = (line.partition(":") for line in lines if ":" in line)
        self._write = self._begin({name.strip().lower(): value.strip() for name, _, value in pairs})
        self._state = self._body
        return True

    def _bounded(self) -> None:
        if len(self._buffer) > HEADERS:
            raise MultipartError("the headers of a part are too long", expected=f"at most {HEADERS:,} bytes")


def _nowhere(_data: bytes) -> None:
    """What nobody wants."""
