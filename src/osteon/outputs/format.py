"""What an output format is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from osteon.core.records import Reading


class Write(Protocol):
    """Writes one reading to a file."""

    def __call__(self, reading: Reading, source: Path | None, destination: Path, /) -> None:
        """Write ``reading`` to ``destination``.

        Args:
            reading: of one study.
            source: first file of the study, for formats that copy from it; None where there was no file.
            destination: the file to write; a shared format appends to it.

        Raises:
            OSError: the file cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """An output format.

    Attributes:
        name: the word on the command line.
        suffix: of the files, with its dot.
        media_type: of the files.
        write: writes one reading.
        shared: whether the readings of one run go to one file, one after the other, rather than to a file each.
    """

    name: str
    suffix: str
    media_type: str
    write: Write
    shared: bool
