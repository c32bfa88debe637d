"""The descriptive tables that dataset papers print: counts by split, age, sex, size, labels, boxes by lesion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from osteon.core.labels import UNKNOWN
from osteon.data.table.card import DatasetCard
from osteon.data.table.published import GIB, Figure, compare, people
from osteon.data.table.schema import LABEL_PREFIX, PARTS
from osteon.data.table.table import Table

AGES: Final = (0, 3, 6, 9, 12, 15, 18, 30, 45, 60, 75, 120)
"""Limits of the age groups in years: narrower for children, whose bones grow."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        section: of the table: ``Statistics``, ``Labels``, ``Boxes`` ...
        name: what is counted.
        values: one for each column, as text.
    """

    section: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statistics:
    """A table with a column for each part of the official split, one for the images in none of them, and one for all.

    Attributes:
        columns: heads of the columns.
        lines: in order.
        figures: the published figures and those of this table.
    """

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    figures: tuple[Figure, ...] = ()


def statistics(table: Table, card: DatasetCard | None = None) -> Statistics:
    """Describe a table as VinDr-SpineXR's Table 2 and PediURF's Fig. 2(d) do.

    Age, sex and labels by study count each study once, as the papers do.

    Args:
        table: its cases.
        card: of the dataset, for the published figures.
    """
    frame = table.frame
    parts = [part for part in PARTS if (frame["split"] == part).any()]
    frames = [frame.filter(pl.col("split") == part) for part in parts]
    rest = frame.filter(pl.col("split").is_null())
    if parts and rest.height:
        parts, frames = [*parts, "no part"], [*frames, rest]
    frames.append(frame)
    lines = [line for section in _SECTIONS for line in section(table, frames)]
    return Statistics((*parts, "total"), tuple(lines), compare(table, card) if card else ())


def _line(section: str, name: str, frames: Sequence[pl.DataFrame], value: Callable[[pl.DataFrame], str]) -> Line:
    return Line(section, name, tuple(value(frame) for frame in frames))


def _summary(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    labels = [pl.col(LABEL_PREFIX + name) for name in table.labels]
    abnormal = pl.any_horizontal([label == 1 for label in labels]) if labels else pl.lit(value=False)
    known = pl.any_horizontal([label == 0 for label in labels]) if labels else pl.lit(value=False)
    return [
        _line("Statistics", "Studies", frames, lambda frame: f"{frame['study'].n_unique():,}"),
        _line("Statistics", "Images", frames, lambda frame: f"{frame.height:,}"),
        _line("Statistics", "Patients", frames, _patients),
        _line(
            "Statistics", "Normal images (no label is 1)", frames, lambda o: f"{o.filter(known & ~abnormal).height:,}"
        ),
        _line(
            "Statistics", "Abnormal images (a label is 1)", frames, lambda frame: f"{frame.filter(abnormal).height:,}"
        ),
        _line("Statistics", "Image size (mean, rows x columns)", frames, _size),
        _line("Statistics", "Age (mean, years [range])", frames, _age),
        _line("Statistics", "Male (%)", frames, lambda frame: _share(frame, "M")),
        _line("Statistics", "Female (%)", frames, lambda frame: _share(frame, "F")),
        _line("Statistics", "Data size (GiB)", frames, lambda frame: f"{frame['bytes'].sum() / GIB:.2f}"),
    ]


def _labels(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    lines = [
        _line("Labels (images)", f"{name}: {word}", frames, lambda o, n=name, v=value: _count(o, LABEL_PREFIX + n, v))
        for name in table.labels
        for value, word in ((1, "yes"), (0, "no"), (UNKNOWN, "unknown"))
        if (frames[-1][LABEL_PREFIX + name] == value).any()
    ]
    if frames[-1]["study"].n_unique() < frames[-1].height:
        shown = [name for name in table.labels if (frames[-1][LABEL_PREFIX + name] == 1).any()]
        lines += [_line("Labels (studies)", f"{name}: yes", frames, _studies_with(name)) for name in shown]
    return lines


def _studies_with(label: str) -> Callable[[pl.DataFrame], str]:
    return lambda frame: f"{frame.filter(pl.col(LABEL_PREFIX + label) == 1)['study'].n_unique():,}"


def _ages(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    """Studies in each age group that has any, and those whose age is unknown."""
    del table
    known = [people(frame)["age"] for frame in frames]
    if not known[-1].drop_nulls().len():
        return []
    lines = [
        Line(
            "Age (studies)",
            f"{low} to {high - 1}" if high < AGES[-1] else f"{low} or more",
            tuple(f"{_between(ages, low, high):,}" for ages in known),
        )
        for low, high in pairwise(AGES)
        if _between(known[-1], low, high)
    ]
    if known[-1].null_count():
        lines.append(Line("Age (studies)", "unknown", tuple(f"{ages.null_count():,}" for ages in known)))
    return lines


def _between(ages: pl.Series, low: float, high: float) -> int:
    return int(((ages >= low) & ((ages < high) | (high == AGES[-1]))).sum())


def _sexes(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    del table
    if not frames[-1]["sex"].drop_nulls().len():
        return []
    return _values("Sex (studies)", "sex", [people(frame) for frame in frames])


def _boxes(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    del table
    names = [frame["boxes"].explode(empty_as_null=False).struct.field("label") for frame in frames]
    if not len(names[-1]):
        return []
    outlines = [frame["boxes"].explode(empty_as_null=False).struct.field("polygons").list.len() for frame in frames]
    return [
        _line("Boxes", "images with a box", frames, lambda frame: f"{int((frame['boxes'].list.len() > 0).sum()):,}"),
        Line("Boxes", "boxes", tuple(f"{len(labels):,}" for labels in names)),
        Line("Boxes", "with an outline", tuple(f"{int((counts > 0).sum()):,}" for counts in outlines)),
        *(
            Line("Boxes", label, tuple(f"{int((labels == label).sum()):,}" for labels in names))
            for label in sorted(set(names[-1].to_list()))
        ),
    ]


def _kinds(table: Table, frames: Sequence[pl.DataFrame]) -> list[Line]:
    del table
    lines: list[Line] = []
    for section, column in (("Body part", "body_part"), ("View", "view"), ("Side", "laterality")):
        if frames[-1][column].drop_nulls().len():
            lines += _values(section, column, frames)
    stored = pl.concat_str(["format", "mode"], separator=" ").alias("stored")
    return lines + _values("Stored as", "stored", [frame.with_columns(stored) for frame in frames])


def _values(section: str, column: str, frames: Sequence[pl.DataFrame]) -> list[Line]:
    """A line for each value of a column, the most frequent first, and one for unknown."""
    counts = frames[-1][column].drop_nulls().cast(pl.String).value_counts(sort=True)
    lines = [
        _line(section, value, frames, lambda frame, v=value: _count(frame, column, v))
        for value in counts[column].to_list()
    ]
    if frames[-1][column].null_count():
        lines.append(_line(section, "unknown or several", frames, lambda frame: f"{frame[column].null_count():,}"))
    return lines


_SECTIONS: Final = (_summary, _ages, _sexes, _labels, _boxes, _kinds)


def _count(frame: pl.DataFrame, column: str, value: int | str) -> str:
    return f"{int((frame[column] == value).sum()):,}"


def _patients(frame: pl.DataFrame) -> str:
    known = frame["patient"].drop_nulls()
    return f"{known.n_unique():,}" if len(known) else "unknown"


def _size(frame: pl.DataFrame) -> str:
    height, width = frame["height"].to_numpy(), frame["width"].to_numpy()
    return f"{height.mean():.0f} x {width.mean():.0f}" if frame.height else "-"


def _age(frame: pl.DataFrame) -> str:
    """Over the studies whose age is known."""
    ages = people(frame)["age"].drop_nulls().to_numpy()
    return f"{ages.mean():.1f} [{ages.min():.4g} - {ages.max():.4g}]" if len(ages) else "unknown"


def _share(frame: pl.DataFrame, sex: str) -> str:
    known = people(frame)["sex"].drop_nulls()
    return f"{100 * float((known == sex).sum()) / len(known):.2f}" if len(known) else "unknown"
