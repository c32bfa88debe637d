"""Archives: what is safe is unpacked once, what is not is refused before anything is written."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.files.unpack import ArchiveLimits, is_archive, unpack


def zipped(path: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, "/etc/passwd")
    return path


def tarred(path: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return path


@pytest.mark.parametrize("make", [zipped, tarred])
def test_an_archive_is_unpacked_once(tmp_path: Path, make: object) -> None:
    assert callable(make)
    archive = make(tmp_path / "a.bin", {"A/x.txt": b"1", "A/B/y.txt": b"2"})
    assert is_archive(archive)
    assert unpack(archive, tmp_path) >= 2
    assert (tmp_path / "A" / "B" / "y.txt").read_bytes() == b"2"
    (tmp_path / "A" / "x.txt").unlink()
    assert unpack(archive, tmp_path) == 0
    assert not (tmp_path / "A" / "x.txt").exists()


@pytest.mark.parametrize("make", [zipped, tarred])
@pytest.mark.parametrize("name", ["../x", "A/../../x", "/osteon-x"])
def test_paths_that_climb_out_are_refused(tmp_path: Path, make: object, name: str) -> None:
    assert callable(make)
    archive = make(tmp_path / "a.bin", {"ok.txt": b"1", name: b"2"})
    with pytest.raises(DataError, match="outside its folder"):
        unpack(archive, tmp_path / "in")
    assert not (tmp_path / "in").exists()


@pytest.mark.parametrize("make", [zipped, tarred])
def test_links_are_refused(tmp_path: Path, make: object) -> None:
    assert callable(make)
    with pytest.raises(DataError, match="holds a link"):
        unpack(make(tmp_path / "a.bin", {}, link="passwd"), tmp_path / "in")
    assert not (tmp_path / "in").exists()


def test_bombs_are_refused(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"zeros": bytes(32 << 20)})
    with pytest.raises(DataError, match="times its own size"):
        unpack(bomb, tmp_path / "in")
    with pytest.raises(DataError, match="holds more"):
        unpack(
            zipped(tmp_path / "many.zip", {str(n): b"" for n in range(20)}), tmp_path / "in", ArchiveLimits(members=10)
        )
    with pytest.raises(DataError, match="holds more"):
        unpack(zipped(tmp_path / "big.zip", {"a": bytes(2000)}), tmp_path / "in", ArchiveLimits(bytes=1000))
    assert not (tmp_path / "in").exists()


def test_a_damaged_archive_is_said(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", {"x.txt": b"hello" * 100})
    data = bytearray(archive.read_bytes())
    data[40:60] = bytes(20)
    archive.write_bytes(bytes(data))
    with pytest.raises(DataError, match="cannot be unpacked"):
        unpack(archive, tmp_path / "in")
