"""The table of characteristics of a snapshot, as VinDr-SpineXR's Table 2 prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from osteon.core.snapshot import Snapshot
from osteon.data.datasets import listed
from osteon.data.describe.stats import Line, Statistics, statistics
from osteon.data.snapshots.write import read_snapshot
from osteon.data.table.table import Table


def characteristics(snapshot: Snapshot, table: Table) -> Statistics:
    """Counts by part of the split: years, studies, images, normal and abnormal, size, age, sex, boxes of each lesion.

    Args:
        snapshot: with the years.
        table: of the snapshot, with its split.
    """
    found = statistics(table)
    years = {study.study: study.year for study in snapshot.studies if study.year}
    frames = [table.frame.filter(pl.col("split") == part) for part in found.columns[:-1]]
    values = [
        _span([years[name] for name in frame["study"].unique() if name in years]) for frame in (*frames, table.frame)
    ]
    return replace(found, lines=(Line("Statistics", "Years (of receipt)", tuple(values)), *found.lines))


def of_folder(folder: Path) -> Statistics:
    """The same of a snapshot on disk.

    Raises:
        DataError: it is none.
    """
    return characteristics(read_snapshot(folder), listed.read(folder))


def _span(years: Sequence[int]) -> str:
    if not years:
        return "unknown"
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"
