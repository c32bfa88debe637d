"""Studies to readings, one after the other, with bounded memory and in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Final

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import Note, NoteCode
from osteon.core.errors import InputError, OsteonError
from osteon.core.labels import BodyPart, View
from osteon.core.records import Radiograph, Reading
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.load import load
from osteon.inference.engine import InferenceEngine
from osteon.inference.studies import Failure, Study
from osteon.inference.views import view_of_name

AHEAD: Final = 2
"""Studies that each job may have waiting: more would only hold pixels in memory."""

_FAULTS: Final = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""A decoder that fails on one file must not stop the others. Its message may quote the file and is not shown."""

Finish = Callable[[Reading, Study], Reading]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a study.

    Attributes:
        study: its files.
        reading: None where no file of it could be read.
        failures: the files that could not be read.
    """

    study: Study
    reading: Reading | None
    failures: tuple[Failure, ...]


def unchanged(reading: Reading, _study: Study) -> Reading:
    """The ``finish`` that does nothing."""
    return reading


def read_study_files(
    engine: InferenceEngine, study: Study, finish: Finish = unchanged, *, limits: Limits = DEFAULT_LIMITS
) -> Outcome:
    """Decode the files of one study and read it; a file that cannot be read does not stop the others.

    Args:
        engine: of the bundle.
        study: its files.
        finish: called with the reading while its pixels are in memory, e.g. to write an overlay; what it returns is
            given back.
        limits: how much a file may ask for.
    """
    begin = perf_counter()
    radiographs: list[Radiograph] = []
    failures: list[Failure] = []
    views = study.views or tuple(view_of_name(file) for file in study.files)
    parts = study.body_parts or (None,) * len(study.files)
    for file, view, part in zip(study.files, views, parts, strict=True):
        try:
            radiographs += [showing(radiograph, part) for radiograph in decode(file, view, limits)]
        except OsteonError as error:
            failures.append(Failure(str(file), error))
    spent = (perf_counter() - begin) * 1000.0
    if not radiographs:
        return Outcome(study, None, tuple(failures))
    counts = {"failed": len(failures), "files": len(study.files)}
    remarks = [Note(NoteCode.FILES_FAILED, counts)] if failures else []
    try:
        reading = finish(engine.read_study(radiographs, study.source, load=spent, remarks=remarks), study)
    except OsteonError as error:
        return Outcome(study, None, (*failures, Failure(study.source, error)))
    return Outcome(study, reading, tuple(failures))


def read_studies(
    engine: InferenceEngine, studies: Iterable[Study], jobs: int = 1, finish: Finish = unchanged
) -> Iterator[Outcome]:
    """Read many studies, ``jobs`` at a time, and give them back in their order.

    Decoding and inference release the interpreter's lock, so threads are enough. At most ``AHEAD * jobs`` studies are
    in memory besides those that the caller keeps.

    Args:
        engine: of the bundle; with several jobs it should use one thread for each image.
        studies: may be produced lazily.
        jobs: studies read at the same time.
        finish: see ``read_study_files``; called on the worker's thread.
    """
    if jobs <= 1:
        yield from (read_study_files(engine, study, finish) for study in studies)
        return
    waiting: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(jobs, thread_name_prefix="osteon") as pool:
        try:
            for study in studies:
                waiting.append(pool.submit(read_study_files, engine, study, finish))
                if len(waiting) >= AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def decode(file: Path, view: View | None = None, limits: Limits = DEFAULT_LIMITS) -> list[Radiograph]:
    """Decode a file as a study's reading sees it.

    Args:
        file: one of a study.
        view: that its name states; it counts where the file itself states none.
        limits: how much it may ask for.

    Raises:
        InputError: it cannot be read, whatever the system or a decoder raises over it.
    """
    return [_named(radiograph, view) for radiograph in _load(file, limits)]


def showing(radiograph: Radiograph, body_part: BodyPart | None) -> Radiograph:
    """The radiograph with the body part that its sender states, if the file itself states none."""
    if radiograph.body_part or body_part is None:
        return radiograph
    return replace(radiograph, body_part=body_part, notes=(*radiograph.notes, Note(NoteCode.BODY_PART_OF_SENDER)))


def _named(radiograph: Radiograph, view: View | None) -> Radiograph:
    """The radiograph with the view of the file's name, if the file itself states none."""
    if radiograph.view or view is None:
        return radiograph
    return replace(radiograph, view=view, notes=(*radiograph.notes, Note(NoteCode.VIEW_FROM_NAME)))


def _load(file: Path, limits: Limits) -> list[Radiograph]:
    try:
        return load(file, limits=limits)
    except OSError as error:
        raise InputError(FaultCode.FILE_UNOPENED, {"cause": error.strerror or type(error).__name__}) from error
    except _FAULTS as error:
        raise InputError(FaultCode.NOT_DECODED, {"error": type(error).__name__}) from error
