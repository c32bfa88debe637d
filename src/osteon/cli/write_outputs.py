"""The files that ``osteon read`` writes to ``--out``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from osteon.core.errors import StoreError
from osteon.core.records import Reading
from osteon.inference.studies import Study
from osteon.outputs import FORMATS, overlay
from osteon.outputs.format import Format


def choose(names: Sequence[str]) -> tuple[Format, ...]:
    """The formats of these names, the overlay where none is named.

    Raises:
        typer.BadParameter: there is no such format.
    """
    known = {one.name: one for one in FORMATS}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no format {name!r}; there are {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names)) or (overlay.FORMAT,)


class OutputWriter:
    """Writes readings to a folder: a file for each study, or one file for all where a format is shared.

    Args:
        folder: created if need be; None writes nothing.
        formats: to write.
        studies: of the run; file names follow theirs, and a second one of the same name gets ``-2``.

    Raises:
        StoreError: the folder cannot be made or written to.
    """

    def __init__(self, folder: Path | None, formats: Sequence[Format], studies: Sequence[Study]) -> None:
        self._folder = folder
        self._formats = formats
        if folder is None:
            return
        self._names = _names(studies)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for one in formats:
                if one.shared:
                    (folder / f"readings{one.suffix}").unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written to", got=error.strerror or str(error)) from error

    def write(self, reading: Reading, study: Study) -> Reading:
        """Write the files of one study; called while its pixels are in memory, from several threads at once.

        Returns:
            The reading with the path of its overlay and the time that this took.

        Raises:
            StoreError: a file cannot be written.
        """
        if self._folder is None:
            return reading
        from time import perf_counter

        begin = perf_counter()
        for one in self._formats:
            if not one.shared:
                destination = self._folder / f"{self._names[study.files[0]]}{one.suffix}"
                _write(one, reading, study.files[0], destination)
                if one is overlay.FORMAT:
                    reading = replace(reading, overlay=str(destination))
        spent = (perf_counter() - begin) * 1000.0
        times = dict(reading.milliseconds)
        times["render"] += spent
        times["total"] += spent
        return replace(reading, milliseconds=times)

    def append(self, reading: Reading) -> None:
        """Append a reading to the files that all readings share; called in the order of the studies.

        Raises:
            StoreError: a file cannot be written.
        """
        if self._folder is not None:
            for one in self._formats:
                if one.shared:
                    _write(one, reading, None, self._folder / f"readings{one.suffix}")


def _write(one: Format, reading: Reading, source: Path | None, destination: Path) -> None:
    try:
        one.write(reading, source, destination)
    except OSError as error:
        raise StoreError(f"{destination} cannot be written", got=error.strerror or str(error)) from error


def _names(studies: Sequence[Study]) -> dict[Path, str]:
    """A name for the outputs of each study, by its first file; unique also where case does not count."""
    taken: set[str] = set()
    names: dict[Path, str] = {}
    for study in studies:
        stem = name = study.files[0].stem
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        names[study.files[0]] = name
    return names
