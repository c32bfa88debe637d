"""Assigning groups to parts so that every stratum has the requested proportions.

Groups are assigned by iterative stratification (K. Sechidis, G. Tsoumakas, I. Vlahavas: "On the
Stratification of Multi-label Data", ECML PKDD 2011), those with the rarest strata first; then single groups are moved
and pairs exchanged as long as that lowers the chi-square distance of the parts' counts from the requested ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.data.table.table import Table

Counts = NDArray[np.float64]
"""Images of each group (rows) in each stratum (columns)."""

_PASSES: Final = 20
_PARTNERS: Final = 64
_BINS: Final = 4


def strata(table: Table, columns: Sequence[str]) -> Counts:
    """Which strata each image belongs to: a column of ones, one per value of each column, one per two values.

    Numbers with many values (age, width) are divided into quartiles; unknown is a separate value.

    Returns:
        ones and zeros, shape (N, strata).

    Raises:
        DataError: there is no such column.
    """
    codes: list[NDArray[np.int64]] = []
    for column in columns:
        if column not in table.frame.columns:
            raise DataError("no such column to stratify by", expected="a column of the table", got=column)
        codes.append(_codes(table.frame[column]))
    for first, second in combinations(list(codes), 2):
        codes.append(first * (int(second.max()) + 1) + second)
    indicators = [np.ones((len(table), 1))]
    for code in codes:
        values = np.unique(code)
        indicators.append((code[:, None] == values[None, :]).astype(np.float64))
    return np.concatenate(indicators, axis=1)


def _codes(column: pl.Series) -> NDArray[np.int64]:
    """A number for each value, 0 for null."""
    if column.dtype.is_numeric() and column.n_unique() > 2 * _BINS:
        edges = np.quantile(column.drop_nulls().to_numpy(), np.linspace(0, 1, _BINS + 1)[1:-1])
        values = column.cast(pl.Float64).to_numpy()
        return np.where(np.isnan(values), 0, 1 + np.searchsorted(edges, values)).astype(np.int64)
    text = column.cast(pl.String).fill_null("")
    _, codes = np.unique(text.to_numpy().astype(str), return_inverse=True)
    return codes.astype(np.int64)


def assign_groups(counts: Counts, shares: NDArray[np.float64], seed: int) -> NDArray[np.int64]:
    """Assign groups to parts.

    Args:
        counts: images of each group in each stratum, shape (G, S); the first column counts all images.
        shares: share of each part, shape (P,), positive, summing to 1.
        seed: for the order of equal groups and the exchanges tried.

    Returns:
        part of each group, shape (G,).
    """
    random = np.random.default_rng(seed)
    want = shares[:, None] * counts.sum(axis=0)[None, :]
    weight = 1.0 / np.maximum(want, 1e-9)
    missing = want.copy()
    rarity = (counts / np.maximum(counts.sum(axis=0), 1.0)).max(axis=1)
    order = random.permutation(len(counts))
    order = order[np.argsort(-rarity[order], kind="stable")]
    part = np.zeros(len(counts), np.int64)
    for group in order:
        gain = ((2.0 * missing - counts[group]) * counts[group] * weight).sum(axis=1)
        part[group] = int(gain.argmax())
        missing[part[group]] -= counts[group]
    for _ in range(_PASSES):
        if not _improve(counts, part, missing, weight, random):
            break
    return part


def _improve(
    counts: Counts, part: NDArray[np.int64], missing: Counts, weight: Counts, random: np.random.Generator
) -> bool:
    """One pass of moves and exchanges over all groups, in place; whether anything improved."""
    better = False
    for group in random.permutation(len(counts)):
        own = int(part[group])
        others = np.append(random.integers(0, len(counts), _PARTNERS), group)
        # an exchange with a group of the same part changes nothing; "with itself" is a plain move
        for target in range(len(weight)):
            if target == own:
                continue
            partners = others[(part[others] == target) | (others == group)]
            back = np.where((partners == group)[:, None], 0.0, counts[partners])
            shift = counts[group] - back
            change = (shift * (shift + 2.0 * missing[own]) * weight[own]).sum(axis=1)
            change += (shift * (shift - 2.0 * missing[target]) * weight[target]).sum(axis=1)
            best = int(change.argmin())
            if change[best] < -1e-9:
                part[group] = target
                if partners[best] != group:
                    part[partners[best]] = own
                missing[own] += shift[best]
                missing[target] -= shift[best]
                better = True
                break
    return better
