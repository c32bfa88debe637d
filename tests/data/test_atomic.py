"""Files that are there as a whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.files.atomic import filling, replacing, write_text


def test_a_file_takes_the_place_of_another_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "a.json"
    write_text(path, "one")
    with replacing(path) as new:
        new.write_text("two")
        assert path.read_text() == "one"
    assert path.read_text() == "two"
    assert os.listdir(path.parent) == ["a.json"]  # noqa: PTH208 - hidden files too


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be synced elsewhere")
def test_file_and_folder_are_on_the_disk_before_it_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real = os.fsync

    def recorded(handle: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        real(handle)

    monkeypatch.setattr(os, "fsync", recorded)
    write_text(tmp_path / "a.json", "one")
    assert synced == [False, True]


def write_and_fail(path: Path, error: Exception) -> None:
    with replacing(path) as new:
        new.write_text("half")
        raise error


def fill_and_fail(folder: Path, error: Exception) -> None:
    with filling(folder) as new:
        (new / "a").write_text("x")
        raise error


FULL = OSError(errno.ENOSPC, "No space left on device")


def test_where_writing_fails_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_text(path, "one")
    with pytest.raises(ValueError, match="mine"):
        write_and_fail(path, ValueError("mine"))
    with pytest.raises(DataError, match=r"cannot write.*No space.*Free disk space"):
        write_and_fail(path, FULL)
    assert path.read_text() == "one"
    assert os.listdir(tmp_path) == ["a.json"]  # noqa: PTH208
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot write"):
        write_text(tmp_path / "file" / "a.json", "x")


def test_a_folder_is_filled_as_a_whole_or_left_as_it_was(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No space"):
        fill_and_fail(tmp_path / "out", FULL)
    assert not (tmp_path / "out").exists()
    there = tmp_path / "there"
    there.mkdir()
    with pytest.raises(ValueError, match="mine"):
        fill_and_fail(there, ValueError("mine"))
    assert not any(there.iterdir())
    with filling(there) as new:
        (new / "deep").mkdir()
        (new / "deep" / "a").write_text("x")
    assert [path.relative_to(there).as_posix() for path in sorted(there.rglob("*"))] == ["deep", "deep/a"]
