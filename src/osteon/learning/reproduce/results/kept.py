"""Figures of finished runs without their weights, an archive each: enough to fill the tables, and to go on elsewhere.

An archive is called as the run's folder, ``<recipe>-<seed>-<key>.zip``; the key is a hash of recipe, settings, seed, data and the
software's format, so a result of another recipe, of other data or of an incompatible version is never taken. It holds

kept.json                     what it is of: key, recipe, settings, seed, data; versions of Osteon and its libraries
done.json                     seconds, figure of the validation part, weights at the start
evaluation/figures.json       figures with intervals
evaluation/evaluation.json    facts and operating points
evaluation/predictions.*      of the test part, in CSV with six digits; of detectors with found and marked boxes
"""

from __future__ import annotations

import csv
import io
import json
import lzma
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import osteon
from osteon.core.errors import DataError
from osteon.data.files.atomic import filling, replacing
from osteon.learning.reproduce.planning.plan import FIGURES_ONLY, FORMAT, Work
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.runs.run import libraries
from osteon.learning.runs.write import write_json

RECORD: Final = "kept.json"
EVALUATION: Final = (
    "figures.json", "evaluation.json", "predictions.csv", "predictions.parquet", "detections.json", "marks.json",
)  # fmt: skip
"""Files of an evaluation that are kept, where it has them."""

LARGEST: Final = 64 << 20
"""Bytes of a file in an archive; a larger one is refused."""

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Date of every file: the same result makes the same archive."""


def keep(work: Work, source: Source, folder: Path) -> Path:
    """Write the archive of a finished run; one that is there stays.

    Args:
        work: finished.
        source: its cases.
        folder: of the archives.

    Raises:
        DataError: it cannot be written.
    """
    path = folder / f"{work.folder.name}.zip"
    if path.is_file():
        return path
    record = {
        "run": work.folder.name,
        "recipe": work.recipe.name,
        "settings": list(work.settings),
        "seed": work.seed,
        "data": source.words,
        "data_sha256": source.digest,
        "simulated": source.simulated,
        "format": FORMAT,
        "osteon": osteon.__version__,
        "libraries": libraries(),
    }
    done = json.loads(work.done.read_text(encoding="utf-8")) | {FIGURES_ONLY: True}
    content = {RECORD: _text(record), "done.json": _text(done)}
    content |= {
        f"evaluation/{name}": _content(work.evaluation / name)
        for name in EVALUATION
        if (work.evaluation / name).is_file()
    }
    with replacing(path) as new, zipfile.ZipFile(new, "w") as archive:
        for name, data in content.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), data, zipfile.ZIP_LZMA)
    return path


def restore(works: Sequence[Work], source: Source, folder: Path) -> int:
    """Put kept results into the folders of runs that are not finished, which then are; returns how many.

    Runs that others are made of are not restored: their weights are needed.

    Args:
        works: of a plan.
        source: their cases.
        folder: of the archives.

    Raises:
        DataError: an archive is damaged, or is not what its name says.
    """
    restored = 0
    for work in works:
        path = folder / f"{work.folder.name}.zip"
        if work.member or work.finished or not path.is_file():
            continue
        content = _read(path, work, source)
        with filling(work.evaluation) as draft:
            for name, data in content.items():
                if name.startswith("evaluation/"):
                    (draft / Path(name).name).write_bytes(data)
        write_json(work.done, json.loads(content["done.json"]))
        restored += 1
    return restored


def _read(path: Path, work: Work, source: Source) -> dict[str, bytes]:
    """The files of an archive, by name.

    Raises:
        DataError: it is damaged, or the run in it is another.
    """
    allowed = {RECORD, "done.json", *(f"evaluation/{name}" for name in EVALUATION)}
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if strange := [one.filename for one in members if one.filename not in allowed or one.file_size > LARGEST]:
                raise _damaged(path, f"the file {strange[0]}")
            content = {one.filename: archive.read(one) for one in members}
        record: dict[str, Any] = json.loads(content[RECORD])
        done: dict[str, Any] = json.loads(content["done.json"])
        now = (work.folder.name, work.recipe.name, work.seed, source.digest, FORMAT)
        kept = tuple(record[name] for name in ("run", "recipe", "seed", "data_sha256", "format"))
    except (OSError, zipfile.BadZipFile, lzma.LZMAError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from error
    if kept != now:
        raise _damaged(path, "a result of another run")
    if not {"seconds", "selection", "validation", "weights"} <= done.keys() or "evaluation/figures.json" not in content:
        raise _damaged(path, "no whole evaluation")
    return content


def _content(path: Path) -> bytes:
    """A file as it is kept: the probabilities of a CSV have six digits, about as many as the network computes."""
    if path.suffix != ".csv":
        return path.read_bytes()
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(names)
    for row in rows:
        lines.writerow(
            f"{float(value):.6g}" if value and name.startswith("probability") else value
            for name, value in zip(names, row, strict=True)
        )
    return text.getvalue().encode()


def _damaged(path: Path, got: str) -> DataError:
    return DataError(
        "a kept result cannot be used",
        expected=f"{path.name}, as osteon reproduce --kept writes it",
        got=got,
        hint="Remove the file; the run is then done anew.",
    )


def _text(value: object) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
