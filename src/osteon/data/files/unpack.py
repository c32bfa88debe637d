"""Safe unpacking of downloaded archives: no paths outside the folder, no archive bombs."""

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
class ArchiveLimits:
    """Limits for an archive.

    Attributes:
        bytes: of all members together, unpacked.
        members: their number.
        ratio: of unpacked bytes to the size of the archive; about 1 for images, above 1000 for a bomb.
    """

    bytes: int = 1 << 40
    members: int = 2_000_000
    ratio: float = 100.0


DEFAULT_LIMITS: Final = ArchiveLimits()
_SMALL: Final = 1 << 24
"""An archive that unpacks to no more bytes than this is accepted whatever its ratio."""


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP or TAR archive."""
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def unpack(archive: Path, out: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> int:
    """Unpack a ZIP or TAR archive; a marker file next to it prevents unpacking it again.

    Links, devices and paths outside the folder are refused.

    Args:
        archive: the file.
        out: folder to unpack into.
        limits: for its content.

    Returns:
        the number of members; 0 where it had been unpacked before.

    Raises:
        DataError: it is damaged, has paths outside the folder, or exceeds the limits.
    """
    mark = archive.with_name(f"{archive.name}.unpacked")
    stamp = f"{archive.stat().st_size}"
    if mark.exists() and mark.read_text("utf-8") == stamp:
        return 0
    try:
        number = _unzip(archive, out, limits) if zipfile.is_zipfile(archive) else _untar(archive, out, limits)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{archive.name} cannot be unpacked", got=type(error).__name__) from error
    mark.write_text(stamp, "utf-8")
    return number


def _unzip(archive: Path, out: Path, limits: ArchiveLimits) -> int:
    with zipfile.ZipFile(archive) as members:
        found = members.infolist()
        _check_limits(archive, len(found), sum(member.file_size for member in found), limits)
        for member in found:
            _check_path(archive, member.filename, out)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise DataError(f"{archive.name} holds a link", got=member.filename)
        members.extractall(out)  # noqa: S202 - every member was checked, and no more than its stated size is written
    return len(found)


def _untar(archive: Path, out: Path, limits: ArchiveLimits) -> int:
    with tarfile.open(archive) as members:
        found = members.getmembers()
        _check_limits(archive, len(found), sum(member.size for member in found), limits)
        for member in found:
            _check_path(archive, member.name, out)
            if not (member.isfile() or member.isdir()):
                raise DataError(f"{archive.name} holds a link or a device", got=member.name)
        members.extractall(out, filter="data")
    return len(found)


def _check_path(archive: Path, name: str, out: Path) -> None:
    if not (out / name).resolve().is_relative_to(out.resolve()):
        raise DataError(f"{archive.name} would write outside its folder", got=name)


def _check_limits(archive: Path, members: int, size: int, limits: ArchiveLimits) -> None:
    ratio = size / max(1, archive.stat().st_size)
    if members > limits.members or size > limits.bytes or (ratio > limits.ratio and size > _SMALL):
        raise DataError(
            f"{archive.name} holds more than an archive of images can",
            expected=f"at most {limits.members:,} files, {limits.bytes:,} bytes, {limits.ratio:g} times its own size",
            got=f"{members:,} files, {size:,} bytes, {ratio:.0f} times its own size",
        )
