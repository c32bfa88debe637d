"""The record of a split: which image is in which part, stored as JSON with a hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import polars as pl

from osteon.core.errors import DataError
from osteon.data.files.atomic import write_text
from osteon.data.table.schema import PARTS
from osteon.data.table.table import Table

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class Split:
    """Assignment of images to parts, and how it was made.

    Attributes:
        dataset: name of the dataset's card.
        parts: paths of the images in each part, sorted.
        group: columns whose values were not divided.
        stratify: columns that were balanced.
        seed: random seed; None for an official split.
        fractions: requested share of each part.
    """

    dataset: str
    parts: Mapping[str, tuple[str, ...]]
    group: tuple[str, ...] = ()
    stratify: tuple[str, ...] = ()
    seed: int | None = None
    fractions: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical content, in hexadecimal: what runs and bundles refer to."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def _content(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA_VERSION,
            "dataset": self.dataset,
            "group": list(self.group),
            "stratify": list(self.stratify),
            "seed": self.seed,
            "fractions": dict(self.fractions),
            "parts": {part: sorted(images) for part, images in self.parts.items()},
        }

    def save(self, path: Path) -> None:
        """Write the split as JSON, with its hash.

        Raises:
            DataError: it cannot be written.
        """
        write_text(path, json.dumps({**self._content(), "hash": self.hash}, indent=1))

    def applied(self, table: Table) -> Table:
        """The table with these parts in its column ``split``; images in no part have none.

        Raises:
            DataError: a part has a name that the column does not allow, or an image of the split is not in the table.
        """
        if strange := [name for name in self.parts if name not in PARTS]:
            raise DataError("the split has a part of another name", expected=", ".join(PARTS), got=strange[0])
        part_of = {image: part for part, images in self.parts.items() for image in images}
        if absent := part_of.keys() - set(table.images):
            raise DataError(f"{len(absent)} images of the split are not in the table", got=min(absent))
        values = pl.Series("split", [part_of.get(image) for image in table.images], table.frame["split"].dtype)
        return replace(table, frame=table.frame.with_columns(values))

    def part(self, name: str, table: Table) -> Table:
        """The rows of ``table`` in one part.

        Raises:
            DataError: there is no such part, or an image of it is not in the table.
        """
        if name not in self.parts:
            raise DataError("no such part in the split", expected=", ".join(self.parts), got=name)
        return table.select(self.parts[name])


def load_split(path: Path) -> Split:
    """Read a split and check its hash.

    Raises:
        DataError: it is missing, not a split, of a newer schema, or was modified.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read the split {path}", got=type(error).__name__) from error
    return parse_split(content, str(path))


def parse_split(record: bytes, name: str) -> Split:
    """A split from the bytes of its file, with its hash checked.

    Args:
        record: JSON.
        name: of the file, for messages.

    Raises:
        DataError: it is not a split, of a newer schema, or was modified.
    """
    try:
        content = json.loads(record.decode("utf-8"))
        if content["schema"] > SCHEMA_VERSION:
            raise DataError(f"{name} was written by a newer osteon", expected=f"schema up to {SCHEMA_VERSION}")
        split = Split(
            dataset=content["dataset"],
            parts={part: tuple(images) for part, images in content["parts"].items()},
            group=tuple(content["group"]),
            stratify=tuple(content["stratify"]),
            seed=content["seed"],
            fractions=content["fractions"],
        )
        stated = content["hash"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"cannot read the split {name}", got=type(error).__name__) from error
    if split.hash != stated:
        raise DataError(
            f"the split {name} was modified after it was made", expected=str(stated)[:12], got=split.hash[:12]
        )
    return split
