"""Unpacking downloaded archives: nothing outside the folder, and no more than an archive of images can hold."""

from __future__ import annotations

import stat
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.errors import DataError


@dataclass(frozen=True, slots=True)
class Room:
    """How much an archive may hold.

    Attributes:
        bytes: of all members together, unpacked.
        members: how many there may be.
        ratio: unpacked bytes over the size of the archive; images hardly shrink, a bomb does by a thousand.
    """

    bytes: int = 1 << 40
    members: int = 2_000_000
    ratio: float = 100.0


ROOM: Final = Room()
_SMALL: Final = 1 << 24
"""An archive that unpacks to no more bytes than this is no bomb, however well it was packed."""


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP or TAR archive."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def unpack(archive: Path, out: Path, room: Room = ROOM) -> int:
    """Unpack a ZIP or TAR archive; a mark beside it says that it was done, and it is not done again.

    Links and devices are refused as well as paths that climb out: a dataset has no use for them.

    Args:
        archive: the file.
        out: folder to unpack into.
        room: how much it may hold.

    Returns:
        the number of members; 0 where it had been unpacked before.

    Raises:
        DataError: it is damaged, wants to write outside the folder, or holds more than there is room for.
    """
    mark = archive.with_name(f"{archive.name}.unpacked")
    stamp = f"{archive.stat().st_size}"
    if mark.exists() and mark.read_text("utf-8") == stamp:
        return 0
    try:
        number = _unzip(archive, out, room) if zipfile.is_zipfile(archive) else _untar(archive, out, room)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{archive.name} cannot be unpacked", got=type(error).__name__) from error
    mark.write_text(stamp, "utf-8")
    return number


def _unzip(archive: Path, out: Path, room: Room) -> int:
    with zipfile.ZipFile(archive) as members:
        found = members.infolist()
        _check_room(archive, len(found), sum(one.file_size for one in found), room)
        for one in found:
            _check_path(archive, one.filename, out)
            if stat.S_ISLNK(one.external_attr >> 16):
                raise DataError(f"{archive.name} holds a link", got=one.filename)
        members.extractall(out)  # noqa: S202 - every member was checked, and no more than its stated size is written
    return len(found)


def _untar(archive: Path, out: Path, room: Room) -> int:
    with tarfile.open(archive) as members:
        found = members.getmembers()
        _check_room(archive, len(found), sum(one.size for one in found), room)
        for one in found:
            _check_path(archive, one.name, out)
            if not (one.isfile() or one.isdir()):
                raise DataError(f"{archive.name} holds a link or a device", got=one.name)
        members.extractall(out, filter="data")
    return len(found)


def _check_path(archive: Path, name: str, out: Path) -> None:
    if not (out / name).resolve().is_relative_to(out.resolve()):
        raise DataError(f"{archive.name} wants to write outside its folder", got=name)


def _check_room(archive: Path, members: int, size: int, room: Room) -> None:
    ratio = size / max(1, archive.stat().st_size)
    if members > room.members or size > room.bytes or (ratio > room.ratio and size > _SMALL):
        raise DataError(
            f"{archive.name} holds more than an archive of images can",
            expected=f"at most {room.members:,} files, {room.bytes:,} bytes, {room.ratio:g} times its own size",
            got=f"{members:,} files, {size:,} bytes, {ratio:.0f} times its own size",
        )
