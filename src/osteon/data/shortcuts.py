"""Shortcuts: what predicts a label without looking at the bone, such as the colour mode or the size of the file."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from osteon.core.labels import UNKNOWN
from osteon.data.table import LABEL_PREFIX, Table

FOLDS: Final = 5
STRONG: Final = 0.6
"""AUC from which on a shortcut is more than a note."""

FREQUENT: Final = 30
"""Images that a value needs to count as frequent."""

_Z: Final = 1.959964
"""97.5 % point of the normal distribution."""

_BINS: Final = 20


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An attribute of the file that predicts a label.

    Attributes:
        attribute: which one.
        label: which label.
        auc: area under the ROC curve of the attribute alone, out of fold.
        low: lower end of its 95 % interval.
        high: upper end.
        example: the value with the highest and that with the lowest share of positives.
    """

    attribute: str
    label: str
    auc: float
    low: float
    high: float
    example: str


def attributes(table: Table, pictures: NDArray[np.uint8]) -> dict[str, pl.Series]:
    """What should not tell the label; numbers are cut into twenty bins of equal frequency.

    Args:
        table: cases.
        pictures: the images reduced to (N, 64, 64).
    """
    frame = table.frame
    size = frame.select((pl.col("width").cast(pl.String) + " x " + pl.col("height").cast(pl.String)).alias("size"))
    per_pixel = frame.select(pl.col("bytes") / (pl.col("width") * pl.col("height"))).to_series()
    corners = np.stack(
        [pictures[:, y, x] for y in (slice(0, 12), slice(52, 64)) for x in (slice(0, 12), slice(52, 64))], 1
    )
    border = np.concatenate(
        [pictures[:, (0, -1)].reshape(len(pictures), -1), pictures[:, :, (0, -1)].reshape(len(pictures), -1)], 1
    )
    found = {
        "format": frame["format"],
        "colour mode": frame["mode"],
        "image size": size.to_series(),
        "file size": _binned(frame["bytes"], "bytes"),
        "bytes per pixel": _binned(per_pixel, "bytes per pixel"),
        "brightness": _binned(pl.Series(pictures.mean(axis=(1, 2))), "grey levels"),
        "border brightness": _binned(pl.Series(border.mean(axis=1)), "grey levels"),
        "bright corners (markers)": _binned(pl.Series(corners.max(axis=(1, 2, 3))), "grey levels"),
        "saturated share": _binned(pl.Series((pictures >= 250).mean(axis=(1, 2))), "of the image"),
        "source": frame["source"],
        "hardware": frame["hardware"].cast(pl.String),
        "body part": frame["body_part"].cast(pl.String),
        "view": frame["view"].cast(pl.String),
        "sex": frame["sex"].cast(pl.String),
    }
    return {
        name: values.cast(pl.String).fill_null("unknown") for name, values in found.items() if values.n_unique() > 1
    }


def _binned(values: pl.Series, unit: str) -> pl.Series:
    numbers = values.to_numpy().astype(np.float64)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, _BINS + 1)))
    index = np.clip(np.searchsorted(edges, numbers, "right") - 1, 0, len(edges) - 2)
    names = [f"{low:.4g} to {high:.4g} {unit}" for low, high in pairwise(edges)] or [unit]
    return pl.Series([names[max(one, 0)] for one in index.tolist()])


def auc_of(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Area under the ROC curve with its 95 % interval, ties counted as half.

    E. DeLong, D. DeLong, D. Clarke-Pearson: Biometrics 44:837-845 (1988), in the form with midranks of X. Sun and W.
    Xu: IEEE Signal Processing Letters 21:1389-1393 (2014).

    Args:
        scores: higher for positives, shape (N,).
        positive: shape (N,), with at least two of each.

    Returns:
        area, lower end, upper end.
    """
    n1, n0 = int(positive.sum()), int((~positive).sum())
    ranks = _midranks(scores)
    v10 = (ranks[positive] - _midranks(scores[positive])) / n0
    v01 = 1.0 - (ranks[~positive] - _midranks(scores[~positive])) / n1
    area = float(v10.mean())
    half = _Z * float(np.sqrt(v10.var(ddof=1) / n1 + v01.var(ddof=1) / n0))
    return area, max(0.0, area - half), min(1.0, area + half)


def _midranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return ((2 * ends - counts + 1) / 2)[inverse]


def shortcuts(table: Table, pictures: NDArray[np.uint8]) -> list[Shortcut]:
    """Attributes that alone predict a label better than chance, the strongest first.

    Each value's share of positives is learnt on four fifths of the images and scores the last fifth, so that an
    attribute with many rare values does not look like a shortcut.
    """
    found: list[Shortcut] = []
    own = attributes(table, pictures)
    for label in table.labels:
        values = table.label(label)
        known = values != UNKNOWN
        positive = values[known] == 1
        if min(positive.sum(), (~positive).sum()) < FOLDS:
            continue
        for attribute, series in own.items():
            codes = np.unique(series.to_numpy().astype(str)[known], return_inverse=True)
            area, low, high = auc_of(_out_of_fold(codes[1], positive), positive)
            if low > 0.5:
                example = _example(codes[0], codes[1], positive)
                found.append(Shortcut(attribute, label.removeprefix(LABEL_PREFIX), area, low, high, example))
    return sorted(found, key=lambda one: -one.auc)


def _out_of_fold(codes: NDArray[np.int64], positive: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Smoothed share of positives of each image's value, learnt without its own fold.

    Where every value is frequent it is learnt on all images: that is hardly optimistic, and folds would only add noise.
    """
    if np.bincount(codes).min() >= FREQUENT:
        return (np.bincount(codes, weights=positive) / np.bincount(codes))[codes]
    fold = np.random.default_rng(0).permutation(len(codes)) % FOLDS
    count = int(codes.max()) + 1
    scores = np.empty(len(codes))
    prior = float(positive.mean())
    for one in range(FOLDS):
        out = fold == one
        total = np.bincount(codes[~out], minlength=count)
        hits = np.bincount(codes[~out], weights=positive[~out], minlength=count)
        scores[out] = ((hits + prior) / (total + 1.0))[codes[out]]
    return scores


def _example(names: NDArray[np.str_], codes: NDArray[np.int64], positive: NDArray[np.bool_]) -> str:
    total = np.bincount(codes)
    share = np.bincount(codes, weights=positive) / total
    often = np.flatnonzero(total >= max(5, 0.01 * len(codes)))
    if not len(often):
        return "no value is frequent"
    high, low = often[share[often].argmax()], often[share[often].argmin()]
    return f"{names[high]}: {100 * share[high]:.0f} % positive, {names[low]}: {100 * share[low]:.0f} %"
