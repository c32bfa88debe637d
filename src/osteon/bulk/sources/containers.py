"""The members of zip and tar files, from their directories and headers alone."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Iterator
from typing import Final

from osteon.bulk.sources.item import Item, Place, opened
from osteon.core.errors import DataError

ZIPPED: Final = (".zip",)
TARRED: Final = (".tar",)
COMPRESSED: Final = (".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst")
"""Tar files that can only be read from their beginning."""


def is_container(name: str) -> bool:
    """Whether a file is a zip or tar file by its name."""
    return name.lower().endswith((*ZIPPED, *TARRED, *COMPRESSED))


def members(location: str) -> Iterator[Item]:
    """The files within a zip or tar file, in its order.

    Raises:
        DataError: it cannot be opened, is damaged, or is a tar file compressed as a whole.
    """
    name = location.lower()
    if name.endswith(COMPRESSED):
        raise DataError(
            f"{location} is compressed as a whole, so that its members cannot be reached one by one",
            expected="a tar file that is not compressed (images are already), a zip file or a folder",
            hint="Unpack it first.",
        )
    try:
        yield from _zipped(location) if name.endswith(ZIPPED) else _tarred(location)
    except (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise DataError(f"{location} cannot be listed", got=str(error) or type(error).__name__) from error


def members_or_itself(location: str) -> Iterator[Item]:
    """The files within a zip or tar file; the file itself where it cannot be listed, so that it has a row."""
    try:
        yield from members(location)
    except DataError:
        yield Item(location, Place.UNLISTED, location)


def _zipped(location: str) -> Iterator[Item]:
    with opened(location) as stream, zipfile.ZipFile(stream) as archive:
        for info in archive.infolist():
            if not info.is_dir():
                yield Item(
                    f"{location}!{info.filename}",
                    Place.ZIP,
                    location,
                    info.filename,
                    size=info.file_size,
                    state=f"{info.CRC:08x}",
                )


def _tarred(location: str) -> Iterator[Item]:
    with opened(location) as stream, tarfile.open(fileobj=stream, mode="r:") as archive:
        kept: list[tarfile.TarInfo] = archive.__dict__["members"]
        for info in archive:
            if info.isreg() and not info.issparse():
                yield Item(
                    f"{location}!{info.name}",
                    Place.TAR,
                    location,
                    info.name,
                    info.offset_data,
                    info.size,
                    f"{info.mtime:.0f}",
                )
            kept.clear()  # of millions, what it keeps for each would fill the memory
