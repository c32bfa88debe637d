"""What is listed, and what is read together."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from osteon.bulk.sources import folders
from osteon.bulk.sources.folders import count_files
from osteon.bulk.sources.item import Place
from osteon.bulk.sources.listing import units
from osteon.bulk.sources.packed import LONGEST, packed_units
from osteon.bulk.unit import Unit
from osteon.core.errors import DataError


def names(found: list[Unit]) -> list[str]:
    return sorted(item.name for unit in found for item in unit.items)


def pack_tar(archive: Path, path: Path, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as out:  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownVariableType]
        out.add(archive, ".")
    return path


def pack_zip(archive: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(archive.rglob("*.*")):
            out.write(file, file.relative_to(archive))
    return path


def test_a_study_is_one_whatever_folders_its_series_lie_in(archive: Path) -> None:
    (unit,) = units([str(archive)], 100)
    sizes = sorted(len(study) for study in unit.studies)
    assert sizes == [1, 1, 2, 2]
    assert unit.skipped == 1
    for study in unit.studies:
        assert len({Path(unit.items[index].location).relative_to(archive).parts[0] for index in study}) == 1


def test_units_end_between_studies(archive: Path) -> None:
    found = list(units([str(archive)], 1))
    assert [len(unit.studies) for unit in found] == [1, 1, 1, 1]
    assert names(found) == names(list(units([str(archive)], 100)))


def test_a_large_folder_is_divided_between_its_subfolders(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "TOGETHER", 2)
    found = list(units([str(archive)], 100))
    assert [len(unit.items) for unit in found] == [2, 2, 2]
    assert all(len(study) == 2 for unit in found[1:] for study in unit.studies)


def test_the_same_files_have_the_same_units_and_changed_ones_others(archive: Path) -> None:
    before = [unit.id for unit in units([str(archive)], 1)]
    assert [unit.id for unit in units([str(archive)], 1)] == before
    os.utime(archive / "picture.jpg", (1, 1))
    assert len({*before} - {unit.id for unit in units([str(archive)], 1)}) == 1


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_are_copied_as_they_are(archive: Path, tmp_path: Path, kind: str) -> None:
    packed = pack_zip(archive, tmp_path / "a.zip") if kind == "zip" else pack_tar(archive, tmp_path / "a.tar")
    found = [item for unit in units([str(packed)], 100) for item in unit.items]
    assert len(found) == len([path for path in archive.rglob("*") if path.is_file()])
    for item in found:
        item.copy_to(tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == (archive / item.member).read_bytes()


def test_a_container_within_a_folder_is_listed_too(archive: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    pack_zip(archive, other / "a.zip")
    found = [item for unit in units([str(other)], 100) for item in unit.items]
    assert {item.place for item in found} == {Place.ZIP}
    assert len(found) == 7


@pytest.mark.parametrize("name", ["damaged.zip", "damaged.tar", "whole.tar.gz"])
def test_a_container_that_cannot_be_listed_is_a_unit_of_its_own(archive: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    if name.endswith("gz"):
        pack_tar(archive, other / name, "w:gz")
    else:
        (other / name).write_bytes(b"no container" * 100)
    found = [item for unit in units([str(other)], 100) for item in unit.items]
    assert [(item.place, item.name) for item in found] == [(Place.UNLISTED, str(other / name))]
    with pytest.raises(DataError, match=r"cannot be listed|compressed as a whole"):
        list(units([str(other / name)], 100))


def test_packed_units_end_where_the_folder_changes(archive: Path, tmp_path: Path) -> None:
    items = [item for unit in units([str(pack_tar(archive, tmp_path / "a.tar"))], 100) for item in unit.items]
    for before, after in zip(found := list(packed_units(items, 2)), found[1:], strict=False):
        assert before.items[-1].folder != after.items[0].folder
    flat = [item for item in items for _ in range(20) if item.folder == items[0].folder]
    assert all(len(unit.items) <= LONGEST * 2 for unit in packed_units(flat, 2))


def test_urls_are_listed(archive: Path) -> None:
    url = f"file://{archive}"
    found = [item for unit in units([url], 100) for item in unit.items]
    assert {item.place for item in found} == {Place.URL}
    assert {item.location.removeprefix("file://") for item in found} == {
        str(path) for path in archive.rglob("*") if path.is_file()
    }
    with pytest.raises(DataError, match="no way to reach"):
        list(units(["nothing-of-the-kind://a"], 100))


def test_sources_must_be_there_and_apart(archive: Path) -> None:
    for sources, words in (
        ([str(archive / "missing")], "does not exist"),
        ([str(archive), str(archive / "patient0")], "lies within"),
        ([f"file://{archive}"] * 2, "named twice"),
    ):
        with pytest.raises(DataError, match=words):
            list(units(sources, 10))


def test_files_are_counted(archive: Path) -> None:
    assert count_files([str(archive)], 100) == 7
    assert count_files([str(archive)], 3) is None
    assert count_files(["memory://a"], 100) is None
