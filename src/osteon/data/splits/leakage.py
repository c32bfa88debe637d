"""Groups that a split must not divide: patients, studies, near duplicates, runs of numbers, look-alikes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.duplicates.neighbours import clusters
from osteon.data.splits.record import Split
from osteon.data.table.schema import COMPUTED
from osteon.data.table.table import Table

GROUPS: Final = ("patient", "study", *COMPUTED)


def group_rows(table: Table, columns: Sequence[str]) -> NDArray[np.int32]:
    """Number the groups of rows that share a value in any of the columns, directly or through others: shape (N,).

    Raises:
        DataError: a column cannot be grouped by, or is empty.
    """
    pairs: list[tuple[int, int]] = []
    for column in columns:
        if column not in GROUPS:
            raise DataError("no such group", expected=", ".join(GROUPS), got=column)
        values = table.frame[column].to_list()
        if all(value is None for value in values):
            hint = (
                "Fill it with osteon.data.splits.grouping.grouped first."
                if column in COMPUTED
                else "Split by another group."
            )
            raise DataError(f"the table has no values in column {column}", hint=hint)
        first: dict[object, int] = {}
        for row, value in enumerate(values):
            if value is not None:
                pairs.append((first.setdefault(value, row), row))
    return clusters(len(table), np.array(pairs, np.int64).reshape(-1, 2))


def known_groups(table: Table) -> tuple[str, ...]:
    """The columns that say which images of this table belong together; ``study`` only where one holds several images."""
    filled = [name for name in GROUPS if table.frame[name].null_count() < len(table)]
    return tuple(name for name in filled if name != "study" or table.frame["study"].n_unique() < len(table))


def leaks(split: Split, table: Table) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Groups in more than one part, for each grouping column of the table: the images of each such group."""
    part_of = {image: part for part, images in split.parts.items() for image in images}
    frame = table.frame.filter(pl.col("image").is_in(list(part_of)))
    frame = frame.with_columns(pl.col("image").replace_strict(part_of, return_dtype=pl.String).alias("part"))
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for column in GROUPS:
        divided = (
            frame.drop_nulls(column)
            .group_by(column, maintain_order=True)
            .agg("image", pl.col("part").n_unique().alias("parts"))
        ).filter(pl.col("parts") > 1)
        if divided.height:
            found[column] = tuple(tuple(images) for images in divided["image"].to_list())
    return found


def check_split(split: Split, table: Table) -> None:
    """Refuse a split that leaks or does not fit the table.

    Raises:
        DataError: an image is in two parts or not in the table, or a patient, study or known group
            is divided.
    """
    listed = [image for images in split.parts.values() for image in images]
    if len(set(listed)) != len(listed):
        raise DataError("an image is in two parts of the split")
    if strange := set(listed) - set(table.images):
        raise DataError(f"{len(strange)} images of the split are not in the table", got=min(strange))
    if found := leaks(split, table):
        divided_groups = ", ".join(f"{len(groups)} values of {column}" for column, groups in found.items())
        hint = "Split by " + " and ".join(dict.fromkeys((*split.group, *found))) + "."
        raise DataError("the split leaks: it divides groups", got=divided_groups, hint=hint)
