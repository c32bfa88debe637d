"""A table that grows part by part: a folder of Parquet files and a manifest, whole after every kill.

folder/
  manifest.json        what reads, from which sources, with which settings; the parts; whether it is complete
  part-ID.parquet      the rows of a unit; the identifier follows from names, sizes and times of its files
  summary.html         when it is complete
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, cast

import polars as pl

from osteon.bulk.rows import SCHEMA, VERSION
from osteon.core.errors import DataError
from osteon.data.files.atomic import replacing, write_text

MANIFEST: Final = "manifest.json"
SUMMARY: Final = "summary.html"
_LOCK: Final = ".lock"


@dataclass(frozen=True, slots=True)
class Job:
    """What a table is of; a run goes on only with the same.

    Attributes:
        osteon: version that reads.
        bundle: ``name@version``.
        digest: SHA-256 of the bundle.
        sources: as the user named them.
        body_part: that the user states for all; empty where none.
        unit: files of a unit.
    """

    osteon: str
    bundle: str
    digest: str
    sources: tuple[str, ...]
    body_part: str
    unit: int

    def differences(self, other: Job) -> list[str]:
        """What differs from another job, for people."""
        mine, theirs = asdict(self), asdict(other)
        return [f"{name}: {theirs[name]}" for name in mine if mine[name] != theirs[name]]


class Table:
    """A folder with the parts of a table.

    Args:
        folder: of it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def part(self, identifier: str) -> Path:
        """The file of a unit's rows."""
        return self.folder / f"part-{identifier}.parquet"

    def has(self, identifier: str) -> bool:
        """Whether a unit's rows are there."""
        return self.part(identifier).exists()

    def write(self, identifier: str, rows: pl.DataFrame) -> None:
        """Write a unit's rows: all of them, on the disk, or nothing.

        Raises:
            DataError: they cannot be written.
        """
        with replacing(self.part(identifier)) as new:
            rows.write_parquet(new, compression="zstd")

    @property
    def manifest(self) -> dict[str, Any]:
        """The manifest; empty where there is none.

        Raises:
            DataError: it is damaged or of a newer version.
        """
        path = self.folder / MANIFEST
        try:
            found = cast("dict[str, Any]", json.loads(path.read_text("utf-8")))
            version = int(found["version"])
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} is damaged", hint="Choose another folder, or remove this one.") from error
        if version > VERSION:
            raise DataError(f"{path} is of a newer version", expected=f"at most {VERSION}", got=str(version))
        return found

    def begin(self, job: Job) -> None:
        """Write the manifest of a new table, or check that one that is there is of the same job.

        Raises:
            DataError: something else lies in the folder, or a table of another job.
        """
        found = self.manifest
        if found:
            stated = cast("dict[str, Any]", found["job"])
            there = replace(Job(**stated), sources=tuple(stated["sources"]))
            if there != job:
                raise DataError(
                    f"{self.folder} holds a table that was made otherwise",
                    got="; ".join(job.differences(there)),
                    hint="Say the same as then, or choose another folder.",
                )
        elif self.folder.exists() and any(not _left_at_the_start(path.name) for path in self.folder.iterdir()):
            raise DataError(f"{self.folder} is not empty and holds no table", hint="Choose another folder.")
        self._write(job, [], complete=False)

    def end(self, job: Job, parts: Sequence[str]) -> None:
        """Write down that the table is complete, and remove parts of files that have changed since they were read.

        Raises:
            DataError: it cannot be written.
        """
        self._write(job, parts, complete=True)
        kept = {self.part(identifier).name for identifier in parts}
        for path in self.folder.glob("part-*.parquet"):
            if path.name not in kept:
                path.unlink(missing_ok=True)

    def _write(self, job: Job, parts: Sequence[str], *, complete: bool) -> None:
        content = {"version": VERSION, "job": asdict(job), "complete": complete, "parts": list(parts)}
        write_text(self.folder / MANIFEST, json.dumps(content, indent=1) + "\n")

    @contextmanager
    def locked(self) -> Generator[None]:
        """Keep others from writing to the folder.

        Raises:
            DataError: another process does.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / _LOCK).open("ab") as lock:
            if os.name == "posix":
                import fcntl

                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    raise DataError(
                        f"another process writes to {self.folder}", hint="Wait until it has ended."
                    ) from error
            yield


def scan(folder: Path, *, parts: bool = False) -> pl.LazyFrame:
    """The rows of a table, read as they are needed; of one that is not complete those that are there.

    Args:
        folder: of the table.
        parts: whether to add the column ``part``, the file that a row lies in.

    Raises:
        DataError: there is no table.
    """
    table = Table(folder)
    manifest = table.manifest
    if not manifest:
        raise DataError(f"there is no table in {folder}", expected=f"a folder with {MANIFEST}")
    named = [table.part(identifier) for identifier in manifest["parts"]]
    there = named if manifest["complete"] else sorted(folder.glob("part-*.parquet"))
    if not there:
        return pl.LazyFrame(schema={**SCHEMA, "part": pl.String} if parts else SCHEMA)
    return pl.scan_parquet(there, include_file_paths="part" if parts else None)


def _left_at_the_start(name: str) -> bool:
    """Whether a file may be all that a kill left before there was a manifest: the lock, or what was to become the manifest."""
    stem, ending = MANIFEST.rsplit(".", 1)
    return name == _LOCK or (name.startswith(f".{stem}-") and name.endswith(f".{ending}"))
