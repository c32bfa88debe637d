"""The table of characteristics of a snapshot, as VinDr-SpineXR's Table 2 prints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from osteon.data.datasets import listed
from osteon.data.describe.stats import Line, Statistics, statistics
from osteon.data.snapshots.write import read_snapshot


def characteristics(folder: Path) -> Statistics:
    """Counts by part of the split: years, studies, images, normal and abnormal, size, age, sex, boxes of each lesion.

    Args:
        folder: of a snapshot.

    Raises:
        DataError: it is none.
    """
    snapshot = read_snapshot(folder)
    table = listed.read(folder)
    found = statistics(table)
    years = {study.study: study.year for study in snapshot.studies if study.year}
    frames = [table.frame.filter(pl.col("split") == part) for part in found.columns[:-1]]
    values = tuple(_span([years[name] for name in frame["study"].unique() if name in years]) for frame in frames)
    total = _span([years[name] for name in table.frame["study"].unique() if name in years])
    line = Line("Statistics", "Years", (*values, total))
    return replace(found, lines=(line, *found.lines))


def _span(years: Sequence[int]) -> str:
    if not years:
        return "unknown"
    first, last = min(years), max(years)
    return str(first) if first == last else f"{first} to {last}"
