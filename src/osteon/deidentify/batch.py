"""Batches of files: each is de-identified or refused individually."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import cv2

from osteon.core.codes.fault import FaultCode
from osteon.core.each import ALONE, Each
from osteon.core.errors import InputError, OsteonError
from osteon.deidentify.cleaned import Cleaned
from osteon.deidentify.file import deidentify
from osteon.deidentify.jpegs import Cases, render
from osteon.deidentify.options import Options
from osteon.deidentify.paths import Mapping, Source, write_once
from osteon.deidentify.secret import Secret
from osteon.imaging.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True)
class Outcome:
    """Result for one file.

    Attributes:
        source: the file.
        cleaned: without its bytes; None where it failed.
        outputs: paths below the output folder.
        problem: why it failed; empty otherwise. It never quotes the file.
        code: of the problem, where it is one of the file.
    """

    source: Source
    cleaned: Cleaned | None = None
    outputs: tuple[str, ...] = ()
    problem: str = ""
    code: FaultCode | None = None


def run(
    sources: Sequence[Source],
    out: Path,
    options: Options,
    secret: Secret,
    *,
    form: Literal["dicom", "jpeg"] = "dicom",
    mapping: Path | None = None,
    each: Each = ALONE,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Outcome]:
    """De-identify files into a folder, in their order.

    Args:
        sources: the files.
        out: created if it does not exist.
        options: of the profile; ``form="jpeg"`` keeps age and sex for the table in any case.
        secret: for UIDs, pseudonyms and dates.
        form: ``dicom`` keeps each file's format; ``jpeg`` writes ``<case>/<view>.jpg`` and ``patients.csv``.
        mapping: file for the re-identification table; None writes none.
        each: how files are read and cleaned, several at once; they are written here, in their order.
        limits: for a file.

    Raises:
        StoreError: the mapping or the table cannot be written.
    """
    if form == "jpeg":
        options = replace(options, keep_patient=True)
    cases = Cases()
    table = Mapping(mapping) if mapping is not None else None

    read = partial(_cleaned, options=options, secret=secret, form=form, limits=limits)
    try:
        for source, done in zip(sources, each(read, sources), strict=True):
            if isinstance(done, InputError):
                yield Outcome(source, problem=str(done), code=done.code)
                continue
            yield _store(source, *done, out, cases if form == "jpeg" else None, secret, table)
    finally:
        if table is not None:
            table.close()
    if form == "jpeg" and cases.rows:
        cases.save(out / "patients.csv")


def _cleaned(
    source: Source, options: Options, secret: Secret, form: Literal["dicom", "jpeg"], limits: Limits
) -> tuple[Cleaned, list[bytes]] | InputError:
    """A file without identifiers and what is to be written of it, or why it cannot be."""
    try:
        limits.check_bytes(source.path.stat().st_size)
        cleaned = deidentify(source.path.read_bytes(), options, secret, name=source.name, limits=limits)
        files = render(cleaned, limits=limits) if form == "jpeg" else [cleaned.data]
    except OSError as error:
        return InputError(FaultCode.FILE_UNOPENED, {"cause": error.strerror or type(error).__name__})
    except InputError as error:
        return error
    except (MemoryError, cv2.error):  # cv2.error is what OpenCV raises when memory runs out
        return InputError(FaultCode.NO_MEMORY)
    return cleaned, files


def _store(
    source: Source,
    cleaned: Cleaned,
    files: Sequence[bytes],
    out: Path,
    cases: Cases | None,
    secret: Secret,
    table: Mapping | None,
) -> Outcome:
    if cases is None:
        paths = [cleaned.path]
    else:
        case = secret.pseudonym("case", cleaned.study)
        paths = [cases.add(cleaned, case) for _ in files]
    try:
        for path, data in zip(paths, files, strict=True):
            write_once(out / path, data)
    except OsteonError as error:
        return Outcome(source, problem=str(error))
    if table is not None:
        table.add(source, cleaned, paths)
    return Outcome(source, replace(cleaned, data=b""), tuple(paths))
