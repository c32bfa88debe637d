"""Observations from files: lines of ``osteon read --json``, or a CSV table with the same names.

A line may have more than ``osteon read`` writes: ``time`` (ISO 8601), ``site``, ``agrees`` and ``answered`` (of a reader), and
any field of ``osteon.monitoring.fields``, such as ``age`` or ``manufacturer``.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from osteon.core.errors import DataError, OsteonError
from osteon.monitoring.fields import AGREEMENT, FIELDS
from osteon.monitoring.headers import header_facts, study_time
from osteon.monitoring.observation import Answer, Observation
from osteon.monitoring.observe import image_quantities, mean_quantities

SUFFIXES: Final = (".jsonl", ".ndjson", ".csv")

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """What lies in files.

    Attributes:
        observations: one for each study.
        damaged: lines that are no objects, or have a value that is none.
        undated: studies without a time.
    """

    observations: tuple[Observation, ...]
    damaged: int
    undated: int


def read_lines(paths: Sequence[Path], *, sources: bool = False) -> Table:
    """Read files, and all such files of folders.

    Args:
        paths: files, or folders.
        sources: whether to open the files that the lines name, for their headers and what they show.

    Raises:
        DataError: there is no such file.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise DataError(
            "there is nothing to watch",
            expected=f"files {', '.join(SUFFIXES)}, or folders with some",
            got=", ".join(map(str, paths)),
            hint="Make some: osteon read FOLDER --json > readings.jsonl",
        )
    damaged = 0
    studies: dict[tuple[str, str], list[Line]] = {}
    for file in files:
        for line in _lines(file):
            if line is None or not isinstance(line.get("call"), str) or not isinstance(line.get("bundle"), str):
                damaged += 1
                continue
            name = str(line.get("study") or line.get("source") or f"{file}:{len(studies)}")
            studies.setdefault((name, line["bundle"]), []).append(line)
    found: list[Observation] = []
    undated = 0
    for lines in studies.values():
        try:
            observation = _observation(lines, sources=sources)
        except ValueError:
            damaged += len(lines)
            continue
        if observation is None:
            undated += 1
        else:
            found.append(observation)
    return Table(tuple(found), damaged, undated)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (file for file in sorted(path.rglob("*")) if file.suffix.lower() in SUFFIXES and file.is_file())
    elif path.is_file():
        yield path


def _lines(file: Path) -> Iterator[Line | None]:
    """Objects of a file; None for what is none."""
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        if file.suffix.lower() == ".csv":
            for row in csv.DictReader(stream):
                yield {name: value for name, value in row.items() if name and value not in ("", None)}
            return
        for text in stream:
            if text.strip():
                value: Any = None
                with suppress(ValueError, RecursionError):
                    value = json.loads(text)
                yield value if isinstance(value, dict) else None


def _observation(lines: Sequence[Line], *, sources: bool) -> Observation | None:
    """Of the lines of a study; None where no time is stated.

    Raises:
        ValueError: a value is none.
    """
    line = {name: value for one in reversed(lines) for name, value in one.items() if value is not None}
    refusals = line.get("refusals") or []
    categories = {"call": str(line["call"])}
    if isinstance(refusals, list):
        categories["refusal"] = str(refusals[0]["code"]) if refusals and isinstance(refusals[0], dict) else "none"
    quantities: dict[str, float] = {"images": float(len(lines))}
    if "findings" in line and line["call"] != "abstain" and isinstance(line["findings"], list):
        quantities["boxes"] = float(sum(len(one.get("findings") or ()) for one in lines))
    time = None if "time" not in line else moment(line["time"])
    if sources:
        files = [Path(str(one["source"])) for one in lines if one.get("source")]
        seen, measured = _of_sources(files)
        categories, quantities = seen | categories, measured | quantities
        time = time or next((told for file in files if (told := study_time(file)) is not None), None)
    for field in FIELDS:
        value = line.get(field.name)
        if value is None or field.name == AGREEMENT or field.name in ("call", "refusal"):
            continue
        if field.quantity:
            quantities[field.name] = _number(value)
        else:
            categories[field.name] = str(value)[:64]
    if time is None:
        return None
    agrees = line.get("agrees")
    answer = None if agrees is None else Answer(moment(line.get("answered", time)), _truth(agrees))
    site = line.get("site")
    file = Path(str(line["source"])) if line.get("source") else None
    return Observation(
        time, str(line["bundle"]), categories, quantities, None if site is None else str(site), answer, file
    )


def _of_sources(files: Sequence[Path]) -> tuple[dict[str, str], dict[str, float]]:
    """What headers and pictures of files show; of those that cannot be read, nothing."""
    from osteon.imaging.load import load

    categories: dict[str, str] = {}
    each: list[dict[str, float]] = []
    for file in files:
        if not file.is_file():
            continue
        facts, quantities = header_facts(file)
        try:
            radiographs = load(file)
        except (OsteonError, OSError, ValueError):
            continue
        for radiograph in radiographs:
            stated = {"view": radiograph.view, "body_part": radiograph.body_part, "sex": radiograph.sex}
            facts = {name: value.value for name, value in stated.items() if value is not None} | facts
            facts["format"] = radiograph.format
            if radiograph.age is not None:
                quantities["age"] = radiograph.age
            each.append(quantities | image_quantities(radiograph))
        categories = facts | categories
    return categories, mean_quantities(each)


def moment(value: Any) -> datetime:
    """A time of ISO 8601; without a zone it is in UTC.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, datetime):
        return value
    found = datetime.fromisoformat(str(value))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _number(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    return number


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError("expected true or false")
    return words[str(value).lower()]
