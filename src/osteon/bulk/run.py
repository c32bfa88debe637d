"""All images of some sources to a table: goes on where an earlier run was stopped, and ends with every image in one row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final, Protocol

from osteon.bulk.read_unit import Done
from osteon.bulk.sources.listing import units
from osteon.bulk.table import Job, Table
from osteon.bulk.unit import Unit
from osteon.bundle.archive import Bundle
from osteon.core.labels import BodyPart, View

UNIT: Final = 512
"""Files of a part, about: what a kill loses at most, and what a table's files are large with."""


class Readers(Protocol):
    """What reads units, here or on a cluster, several at a time, with few of them waiting."""

    def read(self, units: Iterator[Unit]) -> Iterator[Done]:
        """Read units and write their rows; what became of each, in any order."""
        ...


@dataclass(slots=True)
class Progress:
    """How far a run is.

    Attributes:
        parts: of the table that are there.
        before: of them, those of an earlier run.
        images: rows of this run by outcome.
        skipped: files that are no images, of this run.
        files: that were read or skipped in this run.
        files_before: in parts of an earlier run.
    """

    parts: int = 0
    before: int = 0
    images: Counter[str] = field(default_factory=Counter[str])
    skipped: int = 0
    files: int = 0
    files_before: int = 0


def job_of(bundle: Bundle, sources: Sequence[str], body_part: BodyPart | None, unit: int = UNIT) -> Job:
    """What a table is of.

    Args:
        bundle: that reads.
        sources: as the user named them.
        body_part: shown, where files do not state it.
        unit: files of a part, about.
    """
    part = "" if body_part is None else body_part.value
    return Job(version("osteon"), bundle.manifest.identity, bundle.digest, tuple(sources), part, unit)


def read_to_table(
    job: Job, table: Table, readers: Readers, views: Sequence[View], tell: Callable[[Progress], object]
) -> Progress:
    """Read what is not in the table yet, and complete it.

    Args:
        job: what the table is of.
        table: that is begun, or goes on.
        readers: read the units.
        views: that the bundle sees at once.
        tell: called after each part.

    Raises:
        DataError: a source cannot be listed, the table is of another job, or cannot be written.
    """
    progress = Progress()
    wanted: dict[str, None] = {}
    with table.locked():
        table.begin(job)
        for done in readers.read(_missing(job, table, views, wanted, progress, tell)):
            progress.parts += 1
            progress.images += done.images
            progress.skipped += done.skipped
            progress.files += done.files
            tell(progress)
        table.end(job, [*wanted])
    return progress


def _missing(
    job: Job,
    table: Table,
    views: Sequence[View],
    wanted: dict[str, None],
    progress: Progress,
    tell: Callable[[Progress], object],
) -> Iterator[Unit]:
    """The units whose rows are not there; all of them are entered in ``wanted``."""
    for unit in units(job.sources, job.unit, views):
        identifier = unit.id
        wanted[identifier] = None
        if table.has(identifier):
            progress.parts += 1
            progress.before += 1
            progress.files_before += len(unit.items) + unit.skipped
            tell(progress)
        else:
            yield unit
