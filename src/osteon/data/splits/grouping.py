"""Filling the columns that a split is grouped by: near duplicates, runs of numbers, look-alikes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from osteon.core.errors import DataError
from osteon.data.duplicates.duplicates import with_clusters
from osteon.data.duplicates.lookalikes import Embed, with_lookalikes
from osteon.data.splits.runs import with_runs
from osteon.data.table.table import Table


class Grouped(NamedTuple):
    """A table that can be divided.

    Attributes:
        table: with the columns filled.
        columns: to group by.
        missing: what was not searched for, and why, a sentence each.
    """

    table: Table
    columns: tuple[str, ...]
    missing: tuple[str, ...] = ()


def grouped(
    table: Table,
    root: Path,
    columns: Sequence[str],
    *,
    embed: Embed | None = None,
    method: Literal["hash", "picture"] = "picture",
    without: str = "it needs a network's features",
) -> Grouped:
    """Fill the columns that have to be computed.

    Look-alikes are left out, with a sentence on why, where they cannot be searched for; any other column must be there.

    Args:
        table: cases whose images lie below ``root``.
        root: folder of the dataset.
        columns: to group by: ``patient``, ``study``, ``cluster``, ``run``, ``lookalike``.
        embed: gives a network's features of image files; None does not search for look-alikes.
        method: of ``with_clusters``.
        without: why there is no ``embed``.

    Raises:
        DataError: an image cannot be decoded, or the names hold no numbers.
    """
    if "cluster" in columns:
        table = with_clusters(table, root, method=method)
    if "run" in columns:
        table = with_runs(table)
    if "lookalike" not in columns:
        return Grouped(table, tuple(columns))
    reason = without
    if embed is not None:
        try:
            return Grouped(with_lookalikes(table, root, embed), tuple(columns))
        except DataError as error:
            if len(columns) == 1:
                raise
            reason = f"{error.problem} ({error.got})" if error.got else error.problem
    rest = tuple(column for column in columns if column != "lookalike")
    return Grouped(table, rest, (f"Look-alikes were not searched: {reason}.",))
