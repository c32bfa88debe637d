"""Folders on this machine's file system, listed in pieces that hold whole studies."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from osteon.bulk.sources.containers import is_container
from osteon.bulk.sources.item import Item, Place
from osteon.bulk.unit import Unit
from osteon.core.labels import View
from osteon.inference.studies import group_files, looks_like_image

TOGETHER: Final = 4096
"""Files of neighbouring folders whose headers are compared with each other to find out which belong together."""


MOST_COUNTED: Final = 2_000_000
"""Files that are counted before the first is read: more would take long."""


def count_files(sources: Sequence[str], most: int) -> int | None:
    """How many files there are, for the time that is left; None where that is not known before they are read.

    Args:
        sources: as the user named them.
        most: files that are counted.
    """
    count = 0
    for source in sources:
        if "://" in source or is_container(source):
            return None
        for _, _, files in os.walk(source) if Path(source).is_dir() else [("", [], [source])]:
            count += len(files)
            if count > most or any(is_container(name) for name in files):
                return None
    return count


def folder_units(folder: Path, size: int, views: Sequence[View]) -> Iterator[Unit | Item]:
    """The images below a folder, as units; a zip or tar file in it is given back as an item, to be listed itself.

    A folder is divided only where it holds more than ``TOGETHER`` files, and then between its subfolders: a study whose files lie
    in one folder, or below it, is never divided otherwise.

    Args:
        folder: to list; hidden files and folders are passed over.
        size: files of a unit; the last study may go beyond.
        views: see ``osteon.inference.studies.discover``.

    Raises:
        OSError: the folder cannot be listed.
    """
    for files in _clusters(folder):
        containers = [file for file in files if is_container(file.name)]
        yield from (local_item(file) for file in containers)
        if len(containers) < len(files):
            yield from _units([file for file in files if not is_container(file.name)], size, views)


def file_units(files: Sequence[Path], views: Sequence[View]) -> Unit:
    """Files that the user named: each is tried, whatever its name.

    Raises:
        OSError: one cannot be seen.
    """
    found = {file: bool(looks_like_image(file)) for file in files}
    return _unit([study.files for study in group_files(found, views)], 0)


def local_item(file: Path) -> Item:
    """A file as an item.

    Raises:
        OSError: it cannot be seen.
    """
    state = file.stat()
    return Item(str(file), Place.FILE, str(file), size=state.st_size, state=str(state.st_mtime_ns))


def _clusters(folder: Path) -> Iterator[list[Path]]:
    """Files in pieces; those of a folder come in one piece where they are not too many."""
    with os.scandir(folder) as entries:
        names = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    pending = [Path(entry.path) for entry in names if entry.is_file() and entry.name.upper() != "DICOMDIR"]
    for entry in names:
        if not entry.is_dir(follow_symlinks=False):
            continue
        for piece in _clusters(Path(entry.path)):
            if len(pending) + len(piece) > TOGETHER:
                if pending:
                    yield pending
                pending = piece
            else:
                pending = pending + piece
    if pending:
        yield pending


def _units(files: Sequence[Path], size: int, views: Sequence[View]) -> Iterator[Unit]:
    found: dict[Path, bool] = {}
    skipped = 0
    for file in files:
        dicom = looks_like_image(file)
        if dicom is None:
            skipped += 1
        else:
            found[file] = dicom
    batch: list[tuple[Path, ...]] = []
    held = 0
    for study in group_files(found, views):
        batch.append(study.files)
        held += len(study.files)
        if held >= size:
            yield _unit(batch, skipped)
            batch, held, skipped = [], 0, 0
    if batch or skipped:
        yield _unit(batch, skipped)


def _unit(studies: Sequence[Sequence[Path]], skipped: int) -> Unit:
    items = tuple(local_item(file) for files in studies for file in files)
    places, first = [], 0
    for files in studies:
        places.append(tuple(range(first, first + len(files))))
        first += len(files)
    return Unit(items, tuple(places), skipped)
