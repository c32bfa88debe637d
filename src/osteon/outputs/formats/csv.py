"""CSV: one row for each file that was read, the columns of the JSON lines that fit a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, Final

from osteon.core.records import Reading
from osteon.outputs.format import Format, Need
from osteon.outputs.formats.json import records
from osteon.outputs.result import StudyResult

COLUMNS: Final = (
    "source",
    "study",
    "bundle",
    "call",
    "reason",
    "probability",
    "image_probability",
    "doubt",
    "definite",
    "findings",
    "boxes",
    "overlay",
    "total_ms",
    "notes",
)


def rows(reading: Reading) -> list[list[object]]:
    """The rows of a reading in the order of ``COLUMNS``; unknown values are empty.

    Findings are counted, and listed in ``boxes`` as ``label score definite|doubt x0 y0 x1 y1``, with semicolons between.
    """
    return [
        [
            *(record[column] for column in COLUMNS[:7]),
            reading.doubt,
            reading.definite,
            len(record["findings"]),
            "; ".join(_words(finding) for finding in record["findings"]),
            record["overlay"],
            record["milliseconds"].get("total"),
            "; ".join(record["notes"]),
        ]
        for record in records(reading)
    ]


def _words(finding: dict[str, Any]) -> str:
    corners = " ".join(f"{side:g}" for side in finding["box"])
    return f"{finding['label']} {finding['score']:g} {'definite' if finding['definite'] else 'doubt'} {corners}"


def _write(result: StudyResult, destination: Path) -> None:
    with destination.open("a", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if stream.tell() == 0:
            writer.writerow(COLUMNS)
        writer.writerows(rows(result.reading))


FORMAT = Format("csv", "CSV", ".csv", "text/csv", _write, shared=True, needs=frozenset({Need.ALL_IMAGES}))
