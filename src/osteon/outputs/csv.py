"""CSV: one row for each file that was read, the columns of the JSON lines that fit a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from osteon.core.records import Reading
from osteon.outputs.format import Format
from osteon.outputs.json import records

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
    "overlay",
    "total_ms",
    "notes",
)


def rows(reading: Reading) -> list[list[object]]:
    """The rows of a reading in the order of ``COLUMNS``; unknown values are empty, findings are counted."""
    return [
        [
            *(record[column] for column in COLUMNS[:7]),
            reading.doubt,
            reading.definite,
            len(record["findings"]),
            record["overlay"],
            record["milliseconds"].get("total"),
            "; ".join(record["notes"]),
        ]
        for record in records(reading)
    ]


def _write(reading: Reading, _source: Path | None, destination: Path) -> None:
    with destination.open("a", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        if stream.tell() == 0:
            writer.writerow(COLUMNS)
        writer.writerows(rows(reading))


FORMAT = Format("csv", ".csv", "text/csv", _write, shared=True)
