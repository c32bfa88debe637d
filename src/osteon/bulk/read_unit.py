"""A unit to its part of the table."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from osteon.bulk.rows import failure_row, frame_of, rows
from osteon.bulk.sources.item import Item, Place
from osteon.bulk.table import Table
from osteon.bulk.unit import Unit
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, OsteonError
from osteon.core.labels import BodyPart
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_studies
from osteon.inference.studies import Study, discover


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a unit.

    Attributes:
        id: of it.
        images: rows by outcome.
        skipped: files that are no images.
        files: all that it had.
    """

    id: str
    images: Counter[str] = field(default_factory=Counter[str])
    skipped: int = 0
    files: int = 0


def read_unit(
    engine: InferenceEngine, table: Table, unit: Unit, *, body_part: BodyPart | None = None, jobs: int = 1
) -> Done:
    """Read all files of a unit, and write its rows.

    Args:
        engine: of the bundle.
        table: that gets the rows.
        unit: to read.
        body_part: shown, where files do not state it.
        jobs: studies read at the same time.

    Raises:
        DataError: the rows cannot be written.
    """
    records: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="osteon-") as place:
        names: dict[str, str] = {}
        if unit.studies:
            studies = [Study(tuple(Path(unit.items[index].location) for index in indices)) for indices in unit.studies]
            skipped = unit.skipped
        else:
            records += _fetch(unit.items, Path(place), names)
            found = discover([place], engine.manifest.views)
            studies, skipped = list(found.studies), unit.skipped + found.skipped
        for outcome in read_studies(engine, [study.showing(body_part) for study in studies], jobs):
            records += rows(outcome, names)
    identifier = unit.id
    table.write(identifier, frame_of(records))
    return Done(identifier, Counter(record["outcome"] for record in records), skipped, len(unit.items) + unit.skipped)


def _fetch(items: Sequence[Item], place: Path, names: dict[str, str]) -> list[dict[str, Any]]:
    """Copy files to this machine, those of a folder to a folder; the rows of those that cannot be had."""
    failed: list[dict[str, Any]] = []
    folders: dict[str, Path] = {}
    for index, item in enumerate(items):
        if item.place is Place.UNLISTED:
            failed.append(failure_row(item.name, InputError(FaultCode.CONTAINER_UNLISTED)))
            continue
        folder = folders.setdefault(item.folder, place / f"{len(folders):06d}")
        folder.mkdir(exist_ok=True)
        # Its name may state the view; a number before it keeps names apart that differ in what this machine ignores.
        path = folder / f"{index:06d} {_plain(PurePosixPath(item.member or item.location).name)}"
        try:
            item.copy_to(path)
            names[str(path)] = item.name
        except OsteonError as error:
            path.unlink(missing_ok=True)
            failed.append(failure_row(item.name, error))
        except OSError as error:
            path.unlink(missing_ok=True)
            fault = InputError(FaultCode.FILE_UNOPENED, {"cause": error.strerror or type(error).__name__})
            failed.append(failure_row(item.name, fault))
    return failed


def _plain(name: str) -> str:
    """A name that every file system takes, with the ending."""
    kept = "".join(letter if letter.isalnum() or letter in " ._-()" else "_" for letter in name)
    return kept[-100:]
