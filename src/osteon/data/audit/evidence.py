"""What the checks are given: the table, and what was measured of each of its files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from osteon.core.each import HERE, Each
from osteon.data.audit.look import Look, look
from osteon.data.duplicates.hashes import Fingerprints, collect
from osteon.data.duplicates.lookalikes import Embed
from osteon.data.files.names import as_path
from osteon.data.table.card import DatasetCard
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

Progress = Callable[[int, int], None]
"""Called with the number of files done and their total."""


@dataclass(frozen=True)
class Evidence:
    """What the checks are given.

    Attributes:
        table: the images that can be decoded.
        root: folder of the dataset.
        card: of the dataset.
        looks: measurements of each image of the table, in the order of its rows.
        broken: those of the images that cannot be decoded completely, by path below the root.
        embed: gives a network's features of image files; None does not search for look-alikes.
    """

    table: Table
    root: Path
    card: DatasetCard
    looks: tuple[Look, ...]
    broken: dict[str, Look]
    embed: Embed | None = None

    def fingerprints(self, more: Sequence[Look] = ()) -> Fingerprints:
        """Fingerprints of the images of the table, and after them of further looks that have parts."""
        looks = [look for look in (*self.looks, *more) if look.parts is not None]
        return collect([look.digest for look in looks], [look.parts for look in looks if look.parts is not None])


def gather(
    table: Table,
    root: Path,
    card: DatasetCard,
    *,
    each: Each = HERE,
    progress: Progress | None = None,
    embed: Embed | None = None,
) -> Evidence:
    """Look at every image of a table and at those that were found broken when it was read.

    Args:
        table: as the dataset's `read` function returns it, with its remarks.
        root: folder of the dataset.
        card: of the dataset.
        each: how files are looked at, several at once.
        progress: called with the number of files done and their total.
        embed: gives a network's features of image files; None does not search for look-alikes.
    """
    lost = [remark.image for remark in table.skipped if remark.kind in {Kind.UNREADABLE, Kind.TRUNCATED}]
    names = [*table.images, *lost]
    looks: list[Look] = []
    for number, seen in enumerate(each(look, [as_path(root, name) for name in names]), start=1):
        looks.append(seen)
        if progress is not None:
            progress(number, len(names))
    whole = [row for row in range(len(table)) if not looks[row].damage]
    broken = {
        name: look
        for row, (name, look) in enumerate(zip(names, looks, strict=True))
        if row >= len(table) or look.damage
    }
    kept = table if len(whole) == len(table) else table.select([names[row] for row in whole])
    return Evidence(kept, root, card, tuple(looks[row] for row in whole), broken, embed)
