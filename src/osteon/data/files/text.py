"""Reading text files of any usual encoding: UTF-8, UTF-16 and what Windows programs write."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError

WESTERN: Final = "Windows-1252"
"""Encoding assumed for files that are neither UTF-8 nor UTF-16; every byte is valid in it."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "UTF-8"),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
"""Byte order marks; those of UTF-32 first, as the little-endian one begins with UTF-16's."""


def decode(data: bytes) -> tuple[str, str]:
    """The text in some bytes without its byte order mark, and the name of its encoding.

    Text without a mark is UTF-16 where every second of its first bytes is 0 (western letters and digits), otherwise
    UTF-8, and ``WESTERN`` where it is not valid UTF-8.

    Raises:
        DataError: it has the mark of an encoding and is not valid in it.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, name), name
    head = data[:64]
    if len(head) > 1 and 0 in head:
        for name, zeros, letters in (("UTF-16-LE", head[1::2], head[::2]), ("UTF-16-BE", head[::2], head[1::2])):
            if not any(zeros) and all(letters):
                return _strict(data, name), name
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), WESTERN


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode("utf-8-sig" if encoding == "UTF-8" else encoding)
    except UnicodeDecodeError as error:
        raise DataError(f"the text has the byte order mark of {encoding}, but is not valid {encoding}") from error


def read_text(path: Path, name: str = "") -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    Args:
        path: the file.
        name: used in errors; the name of the file where empty.

    Raises:
        DataError: it cannot be opened or decoded.
    """
    called = name or path.name
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise DataError(f"cannot read {called}", got=type(error).__name__) from error
    except DataError as error:
        raise DataError(f"cannot read {called}: {error.problem}") from error
