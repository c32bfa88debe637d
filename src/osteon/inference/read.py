"""``osteon.read``: the one call from files to readings."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from time import perf_counter

from osteon.bundle.archive import Bundle, open_bundle
from osteon.bundle.catalogue import DEFAULT
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.labels import BodyPart
from osteon.core.records import Radiograph, Reading
from osteon.imaging.load import load
from osteon.inference.engine import InferenceEngine
from osteon.inference.readings import Readings, register
from osteon.inference.stream import read_studies, showing
from osteon.inference.studies import Failure, discover

Path = str | PathLike[str]
Source = Path | bytes | Radiograph | Sequence[Path] | Sequence[Radiograph]


def read(
    source: Source,
    bundle: Path | Bundle = DEFAULT,
    *,
    body_part: BodyPart | str | None = None,
    jobs: int = 1,
    threads: int | None = None,
) -> Readings:
    """Read radiographs.

    DICOM files that share a StudyInstanceUID become one reading; any other file is a study of its own. The readings
    keep their pixels: for thousands of files use ``osteon.inference.stream.read_studies``, which gives one at a time.

    Args:
        source: a file or folder, several of them, the bytes of one file, a radiograph, or the radiographs of one study.
        bundle: name of a shipped bundle, path of a bundle, or an open bundle.
        body_part: that the images show, where their files do not state it; the bundle's indication is checked for it.
        jobs: studies read at the same time.
        threads: for each image; None for as many as help.

    Returns:
        The readings in the order of the sources; what failed is in their ``failures``.

    Raises:
        BundleError: the bundle cannot be opened or run.
        InputError: nothing could be read.
        ValueError: there is no such body part.
    """
    part = None if body_part is None else BodyPart(body_part)
    opened = bundle if isinstance(bundle, Bundle) else open_bundle(bundle)
    engine = InferenceEngine(opened, threads if threads is not None or jobs <= 1 else 1)
    register()
    if isinstance(source, bytes):
        begin = perf_counter()
        radiographs = [showing(radiograph, part) for radiograph in load(source)]
        spent = (perf_counter() - begin) * 1000.0
        return Readings([engine.read_study(radiographs, "<bytes>", load=spent)])
    if isinstance(source, Radiograph):
        return Readings([engine.read_study([showing(source, part)], source.source)])
    if isinstance(source, str | PathLike):
        return _read_paths(engine, [source], part, jobs)
    radiographs = [showing(item, part) for item in source if isinstance(item, Radiograph)]
    if not radiographs:
        return _read_paths(engine, [item for item in source if not isinstance(item, Radiograph)], part, jobs)
    if len(radiographs) != len(source):
        raise TypeError("expected paths or radiographs, got both")
    return Readings([engine.read_study(radiographs, radiographs[0].source)])


def _read_paths(engine: InferenceEngine, paths: Sequence[Path], part: BodyPart | None, jobs: int) -> Readings:
    """Read files and folders."""
    found = discover(paths, engine.manifest.views)
    readings: list[Reading] = []
    failures: list[Failure] = list(found.failures)
    for outcome in read_studies(engine, [study.showing(part) for study in found.studies], jobs):
        failures += outcome.failures
        if outcome.reading is not None:
            readings.append(outcome.reading)
    if not readings and len(failures) == 1:
        only = failures[0]
        raise InputError(
            FaultCode.SOURCE_UNREAD, {"source": only.source, "problem": only.error.problem}
        ) from only.error
    if not readings:
        raise InputError(FaultCode.NOTHING_READ, {"failed": len(failures), "skipped": found.skipped})
    return Readings(readings, failures, found.skipped)
