"""Dividing a table without dividing a patient, study or near-duplicate cluster, stratified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.duplicates.neighbours import clusters
from osteon.data.files.atomic import write_text
from osteon.data.splits.balance import assign_groups, strata
from osteon.data.table.table import Table

SCHEMA_VERSION: Final = 1
GROUPS: Final = ("patient", "study", "cluster")


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
        content = json.loads(path.read_text("utf-8"))
        if content["schema"] > SCHEMA_VERSION:
            raise DataError(f"{path} was written by a newer osteon", expected=f"schema up to {SCHEMA_VERSION}")
        split = Split(
            dataset=content["dataset"],
            parts={part: tuple(images) for part, images in content["parts"].items()},
            group=tuple(content["group"]),
            stratify=tuple(content["stratify"]),
            seed=content["seed"],
            fractions=content["fractions"],
        )
        stated = content["hash"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"cannot read the split {path}", got=type(error).__name__) from error
    if split.hash != stated:
        raise DataError(
            f"the split {path} was modified after it was made", expected=str(stated)[:12], got=split.hash[:12]
        )
    return split


def split(
    table: Table,
    fractions: Mapping[str, float],
    *,
    seed: int,
    group: str | Sequence[str] = "patient",
    stratify: Sequence[str] = (),
    keep: Sequence[str] = (),
    before: Split | None = None,
) -> Split:
    """Divide a table into parts.

    Args:
        table: cases.
        fractions: share of the images that each part should get; they sum to 1.
        seed: random seed; the same seed gives the same split.
        group: column, or columns, whose values are never divided: ``patient``, ``study``, ``cluster``. An image
            without a value is its own group.
        stratify: columns whose values should be distributed evenly, each alone and every pair.
        keep: parts of the official split that stay as they are (usually ``("test",)``); the other parts share the
            rest in the proportions of their fractions.
        before: an earlier split whose assignments are kept; only images that are neither in it nor in
            one of its groups are assigned.

    Raises:
        DataError: a column is missing or empty, the fractions do not sum to 1, the split would leak, or a part would
            be empty.
    """
    if abs(sum(fractions.values()) - 1.0) > 1e-6 or min(fractions.values(), default=0) < 0:
        raise DataError("the fractions of a split must be positive and sum to 1", got=str(dict(fractions)))
    columns = (group,) if isinstance(group, str) else tuple(group)
    groups = group_rows(table, columns)
    fixed = _fixed(groups, table.frame["split"].to_list(), tuple(keep), "the official split")
    if before is not None:
        part_of = {image: part for part, images in before.parts.items() for image in images}
        fixed |= _fixed(groups, [part_of.get(image) for image in table.images], tuple(fractions), "the earlier split")
    names = list(fractions)
    if strange := [part for part in keep if part not in names]:
        raise DataError("a kept part has no fraction", expected=", ".join(names), got=strange[0])
    _kept_parts_are_there(keep, table)
    shares = np.array([fractions[name] for name in names], np.float64)
    counts = strata(table, stratify)
    assigned = np.full(int(groups.max()) + 1, -1, np.int64)
    for number, part in fixed.items():
        assigned[number] = names.index(part)
    free = [index for index, name in enumerate(names) if name not in keep]
    loose = np.flatnonzero(assigned < 0)
    if len(loose) and not free:
        raise DataError("every part is kept, but some images are in none", got=f"{len(loose)} groups")
    totals = np.zeros((len(assigned), counts.shape[1]))
    np.add.at(totals, groups, counts)
    assigned[loose] = (
        np.array(free, np.int64)[assign_groups(totals[loose], shares[free] / shares[free].sum(), seed)]
        if len(loose)
        else 0
    )
    return _finished(table, names, assigned[groups], columns, tuple(stratify), seed, dict(fractions))


def k_fold(
    table: Table, folds: int, *, seed: int, group: str | Sequence[str] = "patient", stratify: Sequence[str] = ()
) -> list[Split]:
    """Divide a table into ``folds`` parts, each once for testing, the next for validation, the rest for training.

    Raises:
        DataError: as ``split``; or there are fewer than three folds, or fewer groups than folds.
    """
    if folds < 3:
        raise DataError(
            "k-fold needs a fold each for training, validation and test", expected="at least 3", got=str(folds)
        )
    columns = (group,) if isinstance(group, str) else tuple(group)
    groups = group_rows(table, columns)
    if (count := int(groups.max()) + 1) < folds:
        raise DataError(
            f"more folds than groups: {folds} folds of {count} groups (by {', '.join(columns)})",
            hint="Ask for fewer folds, or give more data.",
        )
    counts = strata(table, stratify)
    totals = np.zeros((int(groups.max()) + 1, counts.shape[1]))
    np.add.at(totals, groups, counts)
    fold = assign_groups(totals, np.full(folds, 1.0 / folds), seed)[groups]
    shares = {"train": (folds - 2) / folds, "val": 1 / folds, "test": 1 / folds}
    splits: list[Split] = []
    for test in range(folds):
        part = np.where(fold == test, 2, np.where(fold == (test + 1) % folds, 1, 0))
        splits.append(_finished(table, list(shares), part, columns, tuple(stratify), seed, shares))
    return splits


def official_split(table: Table) -> Split:
    """The publisher's own split.

    Raises:
        DataError: there is none, or it leaves images out, or it leaks.
    """
    parts: dict[str, list[str]] = {}
    without = 0
    for image, part in table.frame.select("image", "split").iter_rows():
        if part is None:
            without += 1
        else:
            parts.setdefault(part, []).append(image)
    if without:
        raise DataError(
            "the official split is not complete",
            got=f"{without} of {len(table)} images in no part",
            hint="Divide the table with `osteon data split`, or drop these images.",
        )
    made = Split(table.dataset, {part: tuple(sorted(images)) for part, images in parts.items()})
    check_split(made, table)
    return made


def _finished(
    table: Table,
    names: list[str],
    part: NDArray[np.int64],
    group: tuple[str, ...],
    stratify: tuple[str, ...],
    seed: int,
    fractions: dict[str, float],
) -> Split:
    images = np.array(table.images)
    parts = {name: tuple(sorted(images[part == index].tolist())) for index, name in enumerate(names)}
    if empty := [name for name, listed in parts.items() if not listed and fractions[name] > 0]:
        there = ", ".join(f"{name} {len(listed)}" for name, listed in parts.items())
        count = int(group_rows(table, group).max()) + 1
        raise DataError(
            f"too few groups: the part {empty[0]} would be empty",
            expected="an image in each part",
            got=f"{there} ({len(table)} images in {count} groups by {', '.join(group)})",
            hint="Give more data, a larger share to that part, or leave it out.",
        )
    made = Split(table.dataset, parts, group, stratify, seed, fractions)
    check_split(made, table)
    return made


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
                "Run osteon.data.duplicates.duplicates.with_clusters first."
                if column == "cluster"
                else "Split by another group."
            )
            raise DataError(f"the table has no values in column {column}", hint=hint)
        first: dict[object, int] = {}
        for row, value in enumerate(values):
            if value is not None:
                pairs.append((first.setdefault(value, row), row))
    return clusters(len(table), np.array(pairs, np.int64).reshape(-1, 2))


def _kept_parts_are_there(keep: Sequence[str], table: Table) -> None:
    """Refuse to keep a part of the official split that has no image."""
    official = set(table.frame["split"].drop_nulls().to_list())
    for part in keep:
        if part not in official:
            raise DataError(
                f"there is no official part {part} to keep",
                expected=" or ".join(sorted(official)) or "a dataset with an official split",
                got=part,
                hint="Leave --keep out to divide all images.",
            )


def _fixed(
    groups: NDArray[np.int32], parts: Sequence[str | None], keep: tuple[str, ...], source: str
) -> dict[int, str]:
    """The part of each group that has an image in a part to keep."""
    fixed: dict[int, str] = {}
    for number, part in zip(groups.tolist(), parts, strict=True):
        if part in keep and fixed.setdefault(number, part) != part:
            raise DataError(f"{source} divides a group", hint="It leaks; do not keep it.")
    return fixed


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
        DataError: an image is in two parts or not in the table, or a patient, study or known near-duplicate cluster
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
