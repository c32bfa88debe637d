"""The descriptive tables that dataset papers print: counts by split, age, sex, size, labels, boxes by lesion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from osteon.core.labels import UNKNOWN
from osteon.data.table import LABEL_PREFIX, PARTS, Table

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        section: ``Statistics``, ``Labels``, ``Boxes`` or ``Body part``.
        name: what is counted.
        values: one for each column, as text.
    """

    section: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """A table with a column for each part of the official split and one for all.

    Attributes:
        columns: heads of the columns.
        lines: in order.
    """

    columns: tuple[str, ...]
    lines: tuple[Line, ...]


def statistics(table: Table) -> Statistics:
    """Describe a table as VinDr-SpineXR's Table 2 and PediURF's Fig. 2(d) do."""
    frame = table.frame
    parts = [part for part in PARTS if (frame["split"] == part).any()]
    frames = [frame.filter(pl.col("split") == part) for part in parts] + [frame]
    lines = [
        Line("Statistics", "Studies", tuple(f"{one['study'].n_unique():,}" for one in frames)),
        Line("Statistics", "Images", tuple(f"{one.height:,}" for one in frames)),
        Line("Statistics", "Patients", tuple(_patients(one) for one in frames)),
        Line("Statistics", "Image size (mean, rows x columns)", tuple(_size(one) for one in frames)),
        Line("Statistics", "Age (mean, years [range])", tuple(_age(one) for one in frames)),
        Line("Statistics", "Male (%)", tuple(_share(one, "M") for one in frames)),
        Line("Statistics", "Female (%)", tuple(_share(one, "F") for one in frames)),
        Line("Statistics", "Data size (GiB)", tuple(f"{one['bytes'].sum() / GIB:.2f}" for one in frames)),
    ]
    for name in table.labels:
        lines += [
            Line("Labels", f"{name}: {word}", tuple(_count(one, LABEL_PREFIX + name, value) for one in frames))
            for value, word in ((1, "yes"), (0, "no"), (UNKNOWN, "unknown"))
            if (frame[LABEL_PREFIX + name] == value).any()
        ]
    boxes = [one["boxes"].explode(empty_as_null=False).struct.field("label") for one in frames]
    lines += [
        Line("Boxes", label, tuple(f"{int((one == label).sum()):,}" for one in boxes))
        for label in sorted(set(boxes[-1].to_list()))
    ]
    regions = frame["body_part"].drop_nulls().unique().sort().to_list()
    lines += [Line("Body part", part, tuple(_count(one, "body_part", part) for one in frames)) for part in regions]
    return Statistics((*parts, "total"), tuple(lines))


def _count(frame: pl.DataFrame, column: str, value: int | str) -> str:
    return f"{int((frame[column] == value).sum()):,}"


def _patients(frame: pl.DataFrame) -> str:
    return (
        f"{frame['patient'].drop_nulls().n_unique():,}" if frame["patient"].null_count() < frame.height else "unknown"
    )


def _size(frame: pl.DataFrame) -> str:
    return (
        f"{np.mean(frame['height'].to_numpy()):.0f} x {np.mean(frame['width'].to_numpy()):.0f}" if frame.height else "-"
    )


def _age(frame: pl.DataFrame) -> str:
    """Over the studies whose age is known, as the papers do."""
    ages = frame.group_by("study").agg(pl.col("age").first())["age"].drop_nulls().to_numpy()
    return f"{ages.mean():.0f} [{ages.min():.0f} - {ages.max():.0f}]" if len(ages) else "unknown"


def _share(frame: pl.DataFrame, sex: str) -> str:
    sexes = frame.group_by("study").agg(pl.col("sex").first())["sex"].drop_nulls()
    return f"{100 * float((sexes == sex).sum()) / len(sexes):.2f}" if len(sexes) else "unknown"
