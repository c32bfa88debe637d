"""The files that ``osteon read`` writes to ``--out``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import typer

from osteon.core.errors import StoreError
from osteon.core.records import Reading
from osteon.inference.results import study_result
from osteon.inference.studies import Study
from osteon.outputs.format import Format
from osteon.outputs.result import BundleInfo, StudyResult
from osteon.outputs.write import write_output


def choose_formats(names: Sequence[str]) -> tuple[Format, ...]:
    """The formats of these names, the overlay where none is named.

    Raises:
        typer.BadParameter: there is no such format.
    """
    from osteon.outputs import FORMATS
    from osteon.outputs.formats import overlay

    known = {form.name: form for form in FORMATS}
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"there is no format {name!r}; there are {', '.join(known)}.")
    return tuple(known[name] for name in dict.fromkeys(names)) or (overlay.FORMAT,)


class OutputWriter:
    """Writes results to a folder: a file for each study, or one file for all where a format is shared.

    Args:
        folder: created if need be; None writes nothing.
        formats: to write.
        studies: of the run; file names follow theirs, and a second one of the same name gets ``-2``.
        bundle: that reads them.
        identity: whether whoever gets the files may know the patients.

    Raises:
        StoreError: the folder cannot be made or written to.
    """

    def __init__(
        self,
        folder: Path | None,
        formats: Sequence[Format],
        studies: Sequence[Study],
        bundle: BundleInfo,
        *,
        identity: bool = False,
    ) -> None:
        self._folder = folder
        self._formats = formats
        self._bundle = bundle
        self._identity = identity
        if folder is None:
            return
        self._names = _names(studies)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for form in formats:
                if form.shared:
                    (folder / f"readings{form.suffix}").unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{folder} cannot be written to", got=error.strerror or str(error)) from error

    def write(self, reading: Reading, study: Study) -> Reading:
        """Write the files of one study; called while its pixels are in memory, from several threads at once.

        Returns:
            The reading with the path of its overlay and the time that this took.

        Raises:
            OutputError: a format needs what its destination may not have.
            StoreError: a file cannot be written.
        """
        if self._folder is None:
            return reading
        begin = perf_counter()
        result = study_result(reading, study, self._bundle, identity=self._identity)
        for form in self._formats:
            if not form.shared:
                destination = self._folder / f"{self._names[study.files[0]]}{form.suffix}"
                self._write(form, result, destination)
                if form.name == "overlay":
                    reading = replace(reading, overlay=str(destination))
        spent = (perf_counter() - begin) * 1000.0
        times = dict(reading.milliseconds)
        times["render"] += spent
        times["total"] += spent
        return replace(reading, milliseconds=times)

    def append(self, reading: Reading, study: Study) -> None:
        """Append a study to the files that all studies share; called in the order of the studies.

        Raises:
            OutputError: a format needs what its destination may not have.
            StoreError: a file cannot be written.
        """
        shared = [form for form in self._formats if form.shared]
        if self._folder is not None and shared:
            result = study_result(reading, study, self._bundle, identity=self._identity)
            for form in shared:
                self._write(form, result, self._folder / f"readings{form.suffix}")

    def _write(self, form: Format, result: StudyResult, destination: Path) -> None:
        try:
            write_output(form, result, destination, identity=self._identity)
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
