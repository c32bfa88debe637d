"""Dividing a table without dividing a patient, study or other group, stratified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.splits.balance import assign_groups, strata
from osteon.data.splits.leakage import check_split, group_rows
from osteon.data.splits.record import Split
from osteon.data.table.table import Table


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
        group: column, or columns, whose values are never divided: ``patient``, ``study``, ``cluster``, ``run``,
            ``lookalike``; several are joined. An image without a value is its own group.
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
