"""What a table holds, counted without having it in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from osteon.bulk.rows import ImageOutcome
from osteon.bulk.table import scan

BINS: Final = 10
"""Of the histogram of probabilities."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a table holds; counts are of images where nothing else is said.

    Attributes:
        images: all of them.
        outcomes: by ``ImageOutcome``.
        calls: by call of their study, of those that were read.
        faults: by ``FaultCode``.
        refusals: by ``RefusalCode``; an image may have several.
        body_parts: by what files state.
        formats: of the files.
        probabilities: of images that were read, in ``BINS`` equal bins from 0 to 1.
        boxes: of all images.
        definite: of the boxes, those that reach the definite threshold.
        divided: studies whose images lie in several parts, each read without the others.
    """

    images: int
    outcomes: Mapping[str, int]
    calls: Mapping[str, int]
    faults: Mapping[str, int]
    refusals: Mapping[str, int]
    body_parts: Mapping[str, int]
    formats: Mapping[str, int]
    probabilities: tuple[int, ...]
    boxes: int
    definite: int
    divided: int


def summarise(folder: Path) -> Summary:
    """Count what a table holds.

    Args:
        folder: of the table.

    Raises:
        DataError: there is none.
    """
    rows = scan(folder)
    read = rows.filter(pl.col("outcome") == ImageOutcome.READ.value)
    outcomes = _counts(rows, pl.col("outcome"))
    bins = (pl.col("image_probability") * BINS).floor().clip(0, BINS - 1).cast(pl.Int32).cast(pl.String)
    found = _counts(read, bins)
    findings = rows.select(pl.col("findings").explode(empty_as_null=False, keep_nulls=False)).unnest("findings")
    counted = findings.select(pl.len().alias("boxes"), pl.col("definite").sum()).collect(engine="streaming")
    refused = rows.select(pl.concat_list("refusals", "study_refusals").list.unique().alias("code")).explode("code")
    return Summary(
        sum(outcomes.values()),
        outcomes,
        _counts(read, pl.col("call")),
        _counts(rows, pl.col("fault")),
        _counts(refused, pl.col("code")),
        _counts(rows, pl.col("body_part")),
        _counts(rows, pl.col("format")),
        tuple(found.get(str(index), 0) for index in range(BINS)),
        int(counted["boxes"][0]),
        int(counted["definite"][0] or 0),
        _divided(folder),
    )


def _counts(rows: pl.LazyFrame, values: pl.Expr) -> dict[str, int]:
    """How often each value is there, the most frequent first."""
    counted = rows.select(values.alias("value")).drop_nulls().group_by("value").len().collect(engine="streaming")
    found: list[tuple[Any, ...]] = counted.sort(["len", "value"], descending=[True, False]).rows()
    return {str(value): int(count) for value, count in found}


def _divided(folder: Path) -> int:
    rows = scan(folder, parts=True).filter(pl.col("study").fill_null("") != "")
    studies = rows.group_by("study").agg(pl.col("part").n_unique().alias("parts"))
    return int(studies.filter(pl.col("parts") > 1).select(pl.len()).collect(engine="streaming").item())
