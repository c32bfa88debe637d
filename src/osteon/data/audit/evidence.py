"""What the checks look at: the table, and one look at each of its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from osteon.data.audit.look import Look, look
from osteon.data.duplicates.hashes import Fingerprints, collect
from osteon.data.files.names import as_path
from osteon.data.table.card import DatasetCard
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

Progress = Callable[[int, int], None]
"""Told how many files are done, and how many there are."""


@dataclass(frozen=True)
class Evidence:
    """What the checks look at.

    Attributes:
        table: the images that can be decoded.
        root: folder of the dataset.
        card: what its publisher says of it.
        looks: at each image of the table, in the order of its rows.
        broken: looks at the images that cannot be decoded as a whole, by path below the root.
    """

    table: Table
    root: Path
    card: DatasetCard
    looks: tuple[Look, ...]
    broken: dict[str, Look]

    def fingerprints(self, more: Sequence[Look] = ()) -> Fingerprints:
        """Fingerprints of the images of the table, and after them of further looks that have parts."""
        looks = [one for one in (*self.looks, *more) if one.parts is not None]
        return collect([one.digest for one in looks], [one.parts for one in looks if one.parts is not None])


def gather(
    table: Table, root: Path, card: DatasetCard, *, threads: int = 2, progress: Progress | None = None
) -> Evidence:
    """Look at every image of a table and at those that its reader found broken.

    Args:
        table: as the dataset's reader gives it, with its remarks.
        root: folder of the dataset.
        card: what its publisher says of it.
        threads: how many files are decoded at once.
        progress: is told how far it is.
    """
    lost = [one.image for one in table.skipped if one.kind in {Kind.UNREADABLE, Kind.TRUNCATED}]
    names = [*table.images, *lost]
    looks: list[Look] = []
    with ThreadPoolExecutor(threads) as pool:
        for number, one in enumerate(pool.map(look, [as_path(root, name) for name in names]), start=1):
            looks.append(one)
            if progress is not None:
                progress(number, len(names))
    whole = [row for row in range(len(table)) if not looks[row].damage]
    broken = {
        name: one for row, (name, one) in enumerate(zip(names, looks, strict=True)) if row >= len(table) or one.damage
    }
    kept = table if len(whole) == len(table) else table.select([names[row] for row in whole])
    return Evidence(kept, root, card, tuple(looks[row] for row in whole), broken)
