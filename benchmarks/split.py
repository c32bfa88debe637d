"""Balance of splits: osteon's, random ones, and scikit-learn's StratifiedGroupKFold, on the same groups.

    python benchmarks/split.py --fracatlas FracAtlas --spines phantoms/spine --seeds 50

Each way divides the same groups (near-duplicate clusters of FracAtlas, studies of the spines) into five folds. For each
fold and each label the share of images with the label is compared with the share in all images; printed are the
largest and the mean absolute deviation over folds and labels, in percentage points, and the largest deviation of a
fold's size from a fifth, in percent of it: medians over the seeds, with the best and the worst. scikit-learn balances
one target, so that it gets every combination of the labels as a class of its own, those of fewer images than folds as
one class.

Spines are simulated: ``osteon data phantom spine --as spinexr --n 400 --size 64 phantoms/spine``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from osteon.data.datasets import read
from osteon.data.duplicates.duplicates import with_clusters
from osteon.data.splits.balance import assign_groups, strata
from osteon.data.splits.leakage import group_rows
from osteon.data.table.schema import LABEL_PREFIX
from osteon.data.table.table import Table

FOLDS = 5
Folds = NDArray[np.int64]


def ours(labels: NDArray[np.int64], groups: NDArray[np.int32], table: Table, seed: int) -> Folds:
    """What ``osteon data split --folds 5`` does, with all labels to balance."""
    del labels
    counts = strata(table, [LABEL_PREFIX + name for name in table.labels])
    totals = np.zeros((int(groups.max()) + 1, counts.shape[1]))
    np.add.at(totals, groups, counts)
    return assign_groups(totals, np.full(FOLDS, 1 / FOLDS), seed)[groups]


def by_chance(labels: NDArray[np.int64], groups: NDArray[np.int32], table: Table, seed: int) -> Folds:
    """Groups in random order, each to the smallest fold: what most published splits are."""
    del labels, table
    sizes = np.bincount(groups)
    fold = np.zeros(len(sizes), np.int64)
    filled = np.zeros(FOLDS)
    for group in np.random.default_rng(seed).permutation(len(sizes)):
        fold[group] = filled.argmin()
        filled[fold[group]] += sizes[group]
    return fold[groups]


def scikit(labels: NDArray[np.int64], groups: NDArray[np.int32], table: Table, seed: int) -> Folds:
    """StratifiedGroupKFold on the combinations of labels."""
    del table
    _, classes, members = np.unique(labels, axis=0, return_inverse=True, return_counts=True)
    rare = members < FOLDS
    if rare.any():  # it asks for as many members as folds: rare combinations are one class, or go with the largest
        together = int(rare.argmax()) if members[rare].sum() >= FOLDS else int(members.argmax())
        classes = np.where(rare[classes.ravel()], together, classes.ravel())
    fold = np.zeros(len(labels), np.int64)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(splitter.split(classes, classes.ravel(), groups)):
        fold[test] = number
    return fold


WAYS: tuple[tuple[str, Callable[..., Folds]], ...] = (
    ("osteon", ours),
    ("random, grouped", by_chance),
    ("StratifiedGroupKFold", scikit),
)


def deviations(labels: NDArray[np.int64], fold: Folds) -> tuple[float, float, float]:
    """Largest and mean deviation of the labels' shares in points, largest deviation of the size in percent."""
    positive = labels == 1
    shares = np.stack([positive[fold == number].mean(axis=0) for number in range(FOLDS)])
    apart = 100 * np.abs(shares - positive.mean(axis=0))
    sizes = np.bincount(fold, minlength=FOLDS) * FOLDS / len(fold)
    return float(apart.max()), float(apart.mean()), float(100 * np.abs(sizes - 1).max())


def compare(title: str, table: Table, group: str, seeds: int) -> None:
    """Print the figures of every method."""
    used = [name for name in table.labels if (table.label(name) == 1).any()]
    labels = np.stack([table.label(name) for name in used], axis=1).astype(np.int64)
    groups = group_rows(table, (group,))
    number = int(groups.max()) + 1
    print(f"\n{title}: {len(table):,} images, {number:,} groups by {group}, {len(used)} labels, {seeds} seeds")
    print(f"{'':24}{'largest (points)':>26}{'mean (points)':>24}{'size (%)':>22}{'CPU s':>8}")
    for name, method in WAYS:
        start = time.process_time()
        found = np.array([deviations(labels, method(labels, groups, table, seed)) for seed in range(seeds)])
        spent = (time.process_time() - start) / seeds
        cells = [f"{np.median(c):.3f} [{c.min():.3f}, {c.max():.3f}]" for c in found.T]
        print(f"{name:24}{cells[0]:>26}{cells[1]:>24}{cells[2]:>22}{spent:>8.2f}")


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fracatlas", type=Path)
    parser.add_argument("--spines", type=Path)
    parser.add_argument("--seeds", type=int, default=50)
    asked = parser.parse_args()
    if asked.fracatlas:
        table = with_clusters(read("fracatlas", asked.fracatlas), asked.fracatlas, method="picture")
        compare("FracAtlas", table, "cluster", asked.seeds)
    if asked.spines:
        compare("Spines (simulated)", read("spinexr", asked.spines), "study", asked.seeds)


if __name__ == "__main__":
    main()
