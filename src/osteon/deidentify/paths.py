"""Input and output files: never overwriting an input or a different file."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError, StoreError
from osteon.core.filenames import readable
from osteon.deidentify.cleaned import Cleaned

MAPPING_COLUMNS: Final = (
    "number", "file", "patient", "study", "series", "instance", "days",
    "new_patient", "new_study", "new_series", "new_instance", "output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A file to de-identify.

    Attributes:
        number: in the run, from 1.
        path: of the file.
        name: its path below the given folder, with ``/``.
    """

    number: int
    path: Path
    name: str


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """The files among paths and in folders below them, sorted, without hidden ones and links to folders.

    Raises:
        InputError: there is none, or a path does not exist.
    """
    found: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                name = file.relative_to(path)
                if file.is_file() and not any(part.startswith(".") for part in name.parts):
                    found.setdefault(file.resolve(), name.as_posix())
        elif path.is_file():
            found.setdefault(path.resolve(), path.name)
        else:
            raise InputError(FaultCode.PATH_MISSING)
    if not found:
        raise InputError(FaultCode.NO_FILES)
    return [Source(number, path, name) for number, (path, name) in enumerate(found.items(), start=1)]


def check_paths(inputs: Sequence[Path], out: Path, keys: Iterable[Path]) -> None:
    """Refuse an output folder that contains inputs or is among them, and key files within it.

    Args:
        inputs: files and folders.
        out: the output folder.
        keys: files that re-identify: the secret and the mapping.

    Raises:
        StoreError: a path is refused.
    """
    target = out.resolve()
    for path in inputs:
        source = path.resolve()
        if target == source or target.is_relative_to(source) or source.is_relative_to(target):
            raise StoreError("the output folder contains an input or is within one", hint="Choose another folder.")
    if any(key.resolve().is_relative_to(target) for key in keys):
        raise StoreError(
            "the secret or the mapping would be among the de-identified files",
            hint="Store files that allow re-identification elsewhere.",
        )


def write_once(path: Path, data: bytes) -> bool:
    """Write a file atomically; an existing one must be identical.

    Returns:
        Whether it was written now.

    Raises:
        StoreError: a different file of that name exists, or it cannot be written.
    """
    try:
        if path.exists():
            if path.read_bytes() == data:
                return False
            raise StoreError(
                "another file has the same path in the output folder",
                hint="Two inputs have the same SOPInstanceUID, or the options differ from an earlier run.",
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise StoreError("a file cannot be written", got=error.strerror or "") from error
    return True


class Mapping:
    """The re-identification table: written only on request, readable only by its owner (mode 0600).

    Raises:
        StoreError: it exists already or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise StoreError("the mapping cannot be written", got=error.strerror or "") from error
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(MAPPING_COLUMNS)

    def add(self, source: Source, cleaned: Cleaned, outputs: Sequence[str]) -> None:
        """Add one file."""
        old = cleaned.origin
        for output in outputs:
            before = (source.number, readable(source.name), old.patient, old.study, old.series, old.instance, old.days)
            after = (cleaned.patient, cleaned.study, cleaned.series, cleaned.instance, output)
            self._writer.writerow((*before, *after))

    def close(self) -> None:
        """Close the file."""
        self._file.close()
