"""Where compared systems come from: folders of ``osteon evaluate``, tables of predictions, groups of seeds.

An argument is ``PATH`` or ``NAME=PATH,PATH...``. A path is a table of predictions, a folder that ``osteon evaluate``
wrote, a folder of such folders (seeds), or a pattern such as ``runs/seed*``. The same name twice makes one group.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.core.operating import OperatingPoint
from osteon.evaluation.compare.systems import System
from osteon.evaluation.predictions.predictions import Predictions, read_predictions
from osteon.evaluation.report.run import points_from

TABLES: Final = (".csv", ".parquet", ".pq")
WRITTEN: Final = ("predictions.parquet", "predictions.csv")
POINTS: Final = TypeAdapter(dict[str, OperatingPoint])
FIGURES: Final = TypeAdapter(dict[str, Estimate])


def read_systems(
    arguments: Sequence[str], *, validation: Sequence[str] = (), thresholds: Sequence[float] = ()
) -> tuple[System, ...]:
    """Read the systems that the arguments name.

    Args:
        arguments: ``PATH`` or ``NAME=PATH,PATH...``.
        validation: ``NAME=PATH,PATH...``: validation predictions that fix the operating points of that system's runs, in
            their order; one path serves all runs.
        thresholds: further operating points, the same for all systems, in (0, 1).

    Raises:
        DataError: a path holds no predictions, two unnamed systems would have the same name, or validation predictions
            belong to no system or not to each of its runs.
    """
    groups = _groups(arguments)
    chosen = _validation(validation, groups)
    extra = {f"p>={at:g}": at for at in thresholds}
    for at in thresholds:
        if not 0 < at < 1:
            raise DataError("this is no threshold of a probability", expected="a number in (0, 1)", got=f"{at:g}")
    found: list[System] = []
    for name, paths in groups.items():
        runs = tuple(read_predictions(table_in(path)) for path in paths)
        own = chosen.get(name)
        points = [
            {point: one.threshold for point, one in points_from(own[i]).items()} if own else thresholds_in(path)
            for i, path in enumerate(paths)
        ]
        found.append(System(name, runs, tuple(one | extra for one in points), tuple(map(str, paths))))
    return tuple(found)


def table_in(path: Path) -> Path:
    """The predictions at a path: the file itself, or that of an evaluation's folder.

    Raises:
        DataError: there are none.
    """
    if path.is_file() and path.suffix.lower() in TABLES:
        return path
    for name in WRITTEN:
        if (path / name).is_file():
            return path / name
    only = (path / "figures.json").is_file()
    raise DataError(
        "there are no predictions to compare" if path.exists() else "there is no such path",
        expected="a table (.csv, .parquet) or a folder that `osteon evaluate` wrote",
        got=str(path),
        hint="Figures alone cannot be compared on the same cases: keep predictions.parquet beside them."
        if only
        else "",
    )


def thresholds_in(path: Path) -> dict[str, float]:
    """Thresholds of the operating points that an evaluation's folder states; none for a bare table.

    Raises:
        DataError: its ``evaluation.json`` is no such file.
    """
    stated = path / "evaluation.json"
    if not stated.is_file():
        return {}
    try:
        points = POINTS.validate_python(json.loads(stated.read_text(encoding="utf-8"))["operating_points"])
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise DataError(
            "the evaluation cannot be read", expected="evaluation.json as written by `osteon evaluate`", got=str(stated)
        ) from error
    return {name: point.threshold for name, point in points.items()}


def _groups(arguments: Sequence[str]) -> dict[str, list[Path]]:
    """Runs of each system, in the order of the arguments."""
    split = [_split(argument) for argument in arguments]
    titles = [name or _title(paths) for name, paths in split]
    groups: dict[str, list[Path]] = {}
    for (name, paths), title in zip(split, titles, strict=True):
        # Two systems must not melt into one group of seeds only because their folders are called alike.
        key = title if name or titles.count(title) == 1 else str(paths[0])
        if not name and key in groups:
            raise DataError("a system is named twice", got=key, hint="Name groups of seeds: NAME=PATH,PATH.")
        groups.setdefault(key, []).extend(paths)
    return groups


def _title(paths: Sequence[Path]) -> str:
    if len(paths) > 1:
        return paths[0].parent.name or str(paths[0])
    return paths[0].stem if paths[0].suffix.lower() in TABLES else paths[0].resolve().name


def _split(argument: str) -> tuple[str, list[Path]]:
    """The name, empty where there is none, and the paths of an argument."""
    name, sign, rest = argument.partition("=")
    if not sign or "/" in name or Path(argument).exists():
        name, rest = "", argument
    words = [rest] if rest and Path(rest).exists() else [word for word in rest.split(",") if word]
    paths = [path for word in words for path in _expanded(word)]
    if not paths:
        raise DataError("an argument names no system", expected="PATH or NAME=PATH,PATH...", got=argument or "nothing")
    return name.strip(), paths


def _expanded(word: str) -> list[Path]:
    """The runs that a path stands for: itself, what its pattern matches, or the runs in a folder of seeds."""
    path = Path(word)
    if not path.exists() and has_magic(word):
        found = [Path(one) for one in sorted(glob(word))]  # noqa: PTH207  (an absolute pattern is none to pathlib)
        if not found:
            raise DataError("no path is like this", got=word)
        return [one for each in found for one in _expanded(str(each))]
    if path.is_dir() and not _holds(path):
        inner = [one for one in sorted(path.iterdir()) if one.is_dir() and _holds(one)]
        tables = [one for one in sorted(path.iterdir()) if one.suffix.lower() in TABLES]
        return inner or tables or [path]
    return [path]


def _holds(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (*WRITTEN, "figures.json"))


def _validation(arguments: Sequence[str], groups: Mapping[str, Sequence[Path]]) -> dict[str, list[Predictions]]:
    found: dict[str, list[Predictions]] = {}
    for argument in arguments:
        name, paths = _split(argument)
        if not name and len(groups) == 1:
            name = next(iter(groups))
        if name not in groups:
            raise DataError(
                "these validation predictions belong to no system",
                expected=f"NAME=PATH with one of the names {', '.join(groups)}",
                got=argument,
            )
        runs = len(groups[name])
        if len(paths) not in (1, runs):
            raise DataError(
                f"{name} has other runs than validation predictions", expected=f"1 or {runs}", got=f"{len(paths)}"
            )
        read = [read_predictions(table_in(path)) for path in paths]
        found[name] = read * (runs // len(read))
    return found


_STORED_COUNTS: Final = re.compile(r"(?P<images>[\d,]+): (?P<positive>[\d,]+) positive")
"""How earlier versions said the counts; the words stay as they were then."""


class Evaluated(NamedTuple):
    """What the folder of an evaluation says.

    Attributes:
        figures: by name.
        about: facts in words, by name.
        counts: images, and of them positive ones, by name; of evaluations that earlier versions wrote those that their
            words tell.
    """

    figures: dict[str, Estimate]
    about: dict[str, str]
    counts: dict[str, int]


def evaluated(folder: Path) -> Evaluated:
    """Figures and facts of a folder that ``osteon evaluate`` wrote.

    Raises:
        DataError: there are none, or they cannot be read.
    """
    try:
        figures = FIGURES.validate_json((folder / "figures.json").read_bytes())
        stated = folder / "evaluation.json"
        content = json.loads(stated.read_text(encoding="utf-8")) if stated.is_file() else {}
        about = {str(name): str(value) for name, value in content.get("about", {}).items()}
        counts = {name: int(count) for name, count in content.get("counts", {}).items()}
        return Evaluated(figures, about, counts or _stored_counts(about))
    except (OSError, ValueError, AttributeError) as error:
        raise DataError(
            "the evaluation cannot be read", expected="a folder that `osteon evaluate` wrote", got=str(folder)
        ) from error


def _stored_counts(about: Mapping[str, str]) -> dict[str, int]:
    """The counts in the words of an evaluation that an earlier version wrote."""
    found = _STORED_COUNTS.match(about.get("Images", ""))
    return {} if found is None else {name: int(count.replace(",", "")) for name, count in found.groupdict().items()}
