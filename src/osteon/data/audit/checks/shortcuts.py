"""Shortcuts: attributes that predict a label without the bone, such as the colour mode or the size of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.labels import UNKNOWN
from osteon.core.values import Value
from osteon.data.table.table import Table

FOLDS: Final = 5
ENOUGH: Final = 10
"""Positive and negative patients or studies that a label needs; with fewer the intervals are unreliable."""

STRONG: Final = 0.6
"""Minimum AUC of a shortcut that is a warning rather than a note."""

FREQUENT: Final = 200
"""Patients or studies that a value needs to count as frequent."""


@dataclass(frozen=True, slots=True)
class ShareOfValue:
    """How many of the images with a value of an attribute are positive.

    Attributes:
        value: of the attribute.
        share: of positives among its images.
    """

    value: str
    share: float


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An attribute of the file that predicts a label.

    Attributes:
        attribute: its name.
        label: name of the label.
        auc: area under the ROC curve of the attribute alone, out of fold.
        low: lower end of its 95 % interval.
        high: upper end.
        floor: lower end of the simultaneous interval: at 95 % for all attributes and labels tried together (Bonferroni).
        highest: the frequent value with the highest share of positives; None where no two values are frequent.
        lowest: that with the lowest share; None likewise.
    """

    attribute: str
    label: str
    auc: float
    low: float
    high: float
    floor: float
    highest: ShareOfValue | None = None
    lowest: ShareOfValue | None = None

    def values(self) -> dict[str, Value]:
        """What its sentence needs; without ``floor``."""
        found: dict[str, Value] = {
            "attribute": self.attribute,
            "label": self.label,
            "auc": self.auc,
            "low": self.low,
            "high": self.high,
        }
        for name, one in (("highest", self.highest), ("lowest", self.lowest)):
            if one is not None:
                found |= {name: one.value, f"{name}_share": one.share}
        return found


def auc_of(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    groups: NDArray[np.int64] | None = None,
    confidence: float = 0.95,
) -> tuple[float, float, float]:
    """Area under the ROC curve with its interval, ties counted as half.

    E. DeLong, D. DeLong, D. Clarke-Pearson: Biometrics 44:837-845 (1988), in the form with midranks of X. Sun and W.
    Xu: IEEE Signal Processing Letters 21:1389-1393 (2014); for images in groups, N. Obuchowski: Biometrics 53:567-578
    (1997), which is equal to it where each image is its own group.

    Args:
        scores: higher for positives, shape (N,).
        positive: shape (N,), with at least two of each.
        groups: numbers of the groups (patients, studies) whose images are not independent, shape (N,); None where all
            are independent.
        confidence: of the interval.

    Returns:
        area, lower end, upper end.
    """
    n1, n0 = int(positive.sum()), int((~positive).sum())
    ranks = _midranks(scores)
    v10 = (ranks[positive] - _midranks(scores[positive])) / n0
    v01 = 1.0 - (ranks[~positive] - _midranks(scores[~positive])) / n1
    area = float(v10.mean())
    numbers = np.arange(len(scores)) if groups is None else np.unique(groups, return_inverse=True)[1]
    count = int(numbers.max()) + 1
    above = np.bincount(numbers[positive], weights=v10 - area, minlength=count)
    below = np.bincount(numbers[~positive], weights=v01 - area, minlength=count)
    m1, m0 = len(np.unique(numbers[positive])), len(np.unique(numbers[~positive]))
    variance = (above**2).sum() * m1 / max(m1 - 1, 1) / n1**2 + (below**2).sum() * m0 / max(m0 - 1, 1) / n0**2
    variance += 2.0 * (above * below).sum() * count / max(count - 1, 1) / (n1 * n0)
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * float(np.sqrt(max(variance, 0.0)))
    return area, max(0.0, area - half), min(1.0, area + half)


def _midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts + 1) / 2)[inverse]


def shortcuts(table: Table, attributes: Mapping[str, pl.Series]) -> tuple[Shortcut, ...]:
    """How well each attribute alone predicts each label, the strongest first.

    Each value's share of positives is learnt on four fifths of the images and scores the last fifth, so that an
    attribute with many rare values does not look like a shortcut. Images of one patient, or of one study where no
    patient is given, are never in both parts. Labels with fewer than ten positive or negative groups are left out.

    Args:
        table: N cases.
        attributes: N values of each, as text.
    """
    groups = _groups(table)
    known = {name: table.label(name) != UNKNOWN for name in table.labels}
    positive = {name: table.label(name)[known[name]] == 1 for name in table.labels}
    labels = [name for name in table.labels if _enough(positive[name], groups[known[name]])]
    tests = max(1, len(labels) * len(attributes))
    found: list[Shortcut] = []
    for attribute, series in attributes.items():
        values = series.to_numpy().astype(str)
        for label in labels:
            own, there = groups[known[label]], positive[label]
            names, codes = np.unique(values[known[label]], return_inverse=True)
            scores = _out_of_fold(codes, there, own)
            area, low, high = auc_of(scores, there, own)
            _, floor, _ = auc_of(scores, there, own, 1 - 0.05 / tests)
            found.append(Shortcut(attribute, label, area, low, high, floor, *_extremes(names, codes, there)))
    return tuple(sorted(found, key=lambda shortcut: -shortcut.auc))


def _groups(table: Table) -> NDArray[np.int64]:
    """Number of each image's patient, or of its study where no patient is given."""
    names = table.frame.select(
        pl.when(pl.col("patient").is_null()).then("study:" + pl.col("study")).otherwise("patient:" + pl.col("patient"))
    ).to_series()
    return np.unique(names.to_numpy().astype(str), return_inverse=True)[1]


def _enough(positive: NDArray[np.bool_], groups: NDArray[np.int64]) -> bool:
    return min(len(np.unique(groups[positive])), len(np.unique(groups[~positive]))) >= ENOUGH


def _out_of_fold(
    codes: NDArray[np.int64], positive: NDArray[np.bool_], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Smoothed share of positives of each image's value, learnt without its own fold.

    Where every value is frequent it is learnt on all images: the optimism is negligible, and folds would add noise.
    """
    count = int(codes.max()) + 1
    pairs = np.unique(np.stack([codes, groups]), axis=1)
    if np.bincount(pairs[0], minlength=count).min() >= FREQUENT:
        return (np.bincount(codes, weights=positive) / np.bincount(codes))[codes]
    fold = np.random.default_rng(0).permutation(int(groups.max()) + 1)[groups] % FOLDS
    scores = np.empty(len(codes))
    for fold_number in range(FOLDS):
        out = fold == fold_number
        if not out.any():
            continue
        prior = float(positive[~out].mean())
        total = np.bincount(codes[~out], minlength=count)
        hits = np.bincount(codes[~out], weights=positive[~out], minlength=count)
        scores[out] = ((hits + prior) / (total + 1.0))[codes[out]] - prior
    return scores


def _extremes(
    names: NDArray[np.str_], codes: NDArray[np.int64], positive: NDArray[np.bool_]
) -> tuple[ShareOfValue | None, ShareOfValue | None]:
    """The frequent values with the highest and the lowest share of positives."""
    total = np.bincount(codes)
    share = np.bincount(codes, weights=positive) / total
    often = np.flatnonzero(total >= max(5, 0.01 * len(codes)))
    if len(often) < 2:
        return None, None
    high, low = often[share[often].argmax()], often[share[often].argmin()]
    return ShareOfValue(str(names[high]), float(share[high])), ShareOfValue(str(names[low]), float(share[low]))
