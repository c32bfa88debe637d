"""Many files: each de-identified or refused by itself, and the rest of the batch goes on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import cv2

from osteon.core.errors import InputError, OsteonError
from osteon.deidentify.cleaned import Cleaned
from osteon.deidentify.file import deidentify
from osteon.deidentify.options import Options
from osteon.deidentify.pictures import Cases, render
from osteon.deidentify.places import Mapping, Source, write_once
from osteon.deidentify.secret import Secret
from osteon.imaging.limits import DEFAULT_LIMITS, Limits


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        source: the file.
        cleaned: without its bytes; None where it failed.
        outputs: paths below the output folder.
        problem: why it failed; empty otherwise, and never with anything that was in the file.
    """

    source: Source
    cleaned: Cleaned | None = None
    outputs: tuple[str, ...] = ()
    problem: str = ""


def run(
    sources: Sequence[Source],
    out: Path,
    options: Options,
    secret: Secret,
    *,
    form: Literal["dicom", "jpeg"] = "dicom",
    mapping: Path | None = None,
    jobs: int = 1,
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Outcome]:
    """De-identify files into a folder, in their order.

    Args:
        sources: the files.
        out: created if need be.
        options: of the profile; ``form="jpeg"`` keeps age and sex for the table in any case.
        secret: for UIDs, pseudonyms and dates.
        form: ``dicom`` keeps each file's format; ``jpeg`` writes ``<case>/<view>.jpg`` and ``patients.csv``.
        mapping: where to write what leads back; None writes nothing of the kind.
        jobs: files read at the same time.
        limits: what a file may ask for.

    Raises:
        StoreError: the mapping or the table cannot be written.
    """
    if form == "jpeg":
        options = replace(options, keep_patient=True)
    cases = Cases()
    table = Mapping(mapping) if mapping is not None else None

    def read(source: Source) -> tuple[Cleaned | None, list[bytes], str]:
        try:
            limits.check_bytes(source.path.stat().st_size)
            cleaned = deidentify(source.path.read_bytes(), options, secret, name=source.name, limits=limits)
            files = render(cleaned, limits=limits) if form == "jpeg" else [cleaned.data]
        except OSError as error:
            return None, [], f"the file cannot be opened: {error.strerror}"
        except InputError as error:
            return None, [], str(error)
        except (MemoryError, cv2.error):  # which is OpenCV's way to say so
            return None, [], "there is not enough memory for the file"
        return cleaned, files, ""

    try:
        with ThreadPoolExecutor(jobs) as pool:  # few at a time, so that only these are in memory
            for few in (sources[start : start + 4 * jobs] for start in range(0, len(sources), 4 * jobs)):
                for source, (cleaned, files, problem) in zip(few, pool.map(read, few), strict=True):
                    if cleaned is None:
                        yield Outcome(source, problem=problem)
                        continue
                    yield _store(source, cleaned, files, out, cases if form == "jpeg" else None, secret, table)
    finally:
        if table is not None:
            table.close()
    if form == "jpeg" and cases.rows:
        cases.save(out / "patients.csv")


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
