"""A file of a source: on this machine's file system, or within something else."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from osteon.core.errors import DataError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

LARGEST: Final = 1 << 30
"""Bytes of a member: more is no radiograph, and would fill the disk."""


class Place(StrEnum):
    """Where the bytes of a file are."""

    FILE = "file"
    """A file of its own."""
    URL = "url"
    """A file that ``fsspec`` reaches."""
    TAR = "tar"
    """A stretch of a tar file that is not compressed as a whole."""
    ZIP = "zip"
    """A member of a zip file."""
    UNLISTED = "unlisted"
    """A container whose members, or the rest of them, cannot be found."""


@dataclass(frozen=True, slots=True)
class Item:
    """A file of a source; small, and good for another process on a machine that sees the source.

    Attributes:
        name: for people: the path, or that of the container, ``!`` and the member.
        place: where its bytes are.
        location: path or URL of the file, or of its container.
        member: its name within the container; empty where there is none.
        offset: of the first byte within a tar file.
        size: bytes.
        state: changes with the content: time of change, checksum or entity tag, as far as its place states one.
    """

    name: str
    place: Place
    location: str
    member: str = ""
    offset: int = 0
    size: int = 0
    state: str = ""

    @property
    def folder(self) -> str:
        """The folder that it lies in, within its container if it has one."""
        inner = (self.member or self.location).replace("\\", "/").rpartition("/")[0]
        return f"{self.location}!{inner}" if self.member else inner

    def copy_to(self, path: Path) -> None:
        """Write its bytes to a file.

        Raises:
            DataError: it is not to be had, or too large.
            OSError: it cannot be read, or the file not written.
        """
        if self.size > LARGEST:
            raise DataError(
                "a member is too large", expected=f"at most {LARGEST >> 20} MiB", got=f"{self.size >> 20} MiB"
            )
        with path.open("wb") as out:
            if self.place is Place.ZIP:
                self._unzip(out)
                return
            with opened(self.location) as stream:
                stream.seek(self.offset)
                _copy(stream, out, self.size)

    def _unzip(self, out: BinaryIO) -> None:
        try:
            with (
                opened(self.location) as stream,
                zipfile.ZipFile(stream) as archive,
                archive.open(self.member) as member,
            ):
                _copy(cast("BinaryIO", member), out, self.size)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, KeyError, EOFError) as error:
            # RuntimeError: a member with a password.
            raise DataError("a member of a zip file cannot be unpacked", got=type(error).__name__) from error


def opened(location: str) -> AbstractContextManager[BinaryIO]:
    """A file or URL, open for reading from anywhere within it.

    Raises:
        DataError: ``fsspec``, or what it needs for this kind of URL, is not installed.
        OSError: it cannot be opened.
    """
    if "://" not in location:
        return Path(location).open("rb")
    system, path = file_system(location)
    return cast("AbstractContextManager[BinaryIO]", system.open(path, "rb"))


def file_system(url: str) -> tuple[Any, str]:
    """What reaches a URL, and the path that it has there.

    Raises:
        DataError: ``fsspec``, or what it needs for this kind of URL, is not installed, or it knows no such kind.
    """
    try:
        from fsspec.core import url_to_fs  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

        system, path = cast("tuple[Any, str]", url_to_fs(url))
    except ImportError as error:
        raise DataError(
            f"{url.partition('://')[0]}:// needs a further package", hint=f"{str(error).split(chr(10), 1)[0]}"
        ) from error
    except ValueError as error:
        raise DataError(f"there is no way to reach {url.partition('://')[0]}://", got=str(error)) from error
    return system, path


def _copy(source: BinaryIO, out: BinaryIO, size: int) -> None:
    left = size
    while left:
        block = source.read(min(left, 1 << 20))
        if not block:
            raise DataError("a file is shorter than was stated", expected=f"{size} bytes", got=f"{size - left} bytes")
        out.write(block)
        left -= len(block)
