"""Average precision of boxes as COCO computes it, for many resamples of the images at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.stats.checks import Booleans, Floats, Integers
from osteon.stats.detection.boxes import Matches
from osteon.stats.statistic import counted

RECALLS: Final = np.linspace(0.0, 1.0, 101)
"""Recall levels at which precision is read off."""

SOME: Final = 1e-30
"""In place of 0 in a denominator whose numerator is 0."""

CHUNK: Final = 1 << 20
"""Weights that the bootstrap of average precision should hold at once: it gains from many resamples side by side."""

LONG: Final = 128
"""Resamples from which on running sums go row by row."""


class _Curve(NamedTuple):
    """The hits of one class at one threshold.

    Attributes:
        images: image of each hit, in falling order of score.
        positions: place of each hit among the found boxes of the class that count.
        threshold: number of the threshold.
        counted: image of each found box that counts; None where no box of the class is ignored.
    """

    images: Integers
    positions: Integers
    threshold: int
    counted: Integers | None


class AveragePrecision:
    """Average precision for many sets of weights of the *images* at once, without matching again.

    Names: ``map`` (mean over thresholds and classes), ``map50`` and ``map75`` where those thresholds were matched,
    ``ap50.<class>`` and ``ap.<class>`` (mean over thresholds). With a span only the means over thresholds, under names
    that hold it: ``map20_50``, ``ap20_50.<class>``. Precision rises only at hits, so only hits are summed.
    """

    def __init__(self, matches: Matches, names: Sequence[str], span: str = "") -> None:
        """Sort hits by class and threshold.

        Args:
            matches: of found and true boxes.
            names: of the classes.
            span: of the thresholds, in the names of figures; empty for COCO's.

        Raises:
            DataError: names and classes differ, or there is no true box.
        """
        if len(names) != matches.classes:
            raise DataError("names and classes differ", expected=f"{matches.classes} names", got=f"{len(names)}")
        if not matches.positives.any():
            raise DataError("average precision is undefined without true boxes", expected="at least one", got="0")
        self.n: int = matches.images
        self._positives = matches.positives.astype(np.float64)
        self._thresholds = len(matches.thresholds)
        self._images: list[Integers] = []
        self._curves: list[list[_Curve]] = []
        for label in range(matches.classes):
            rows = np.flatnonzero(matches.found.label == label)
            image, hit, ignored = matches.found.image[rows], matches.hit[rows], matches.ignored[rows]
            self._images.append(image)
            self._curves.append([_curve(image, hit[:, t], ignored[:, t], t) for t in range(self._thresholds)])
        rounded = [] if span else [round(threshold, 6) for threshold in matches.thresholds]
        self._levels = {f"map{level * 100:.0f}": rounded.index(level) for level in (0.5, 0.75) if level in rounded}
        self._first = [f"ap50.{name}" for name in names] if 0.5 in rounded else []
        self._each = [f"ap{span}.{name}" for name in names]
        self.names: tuple[str, ...] = (f"map{span}", *self._levels, *self._first, *self._each)

    def table(self, weights: Floats) -> Floats:
        """Average precision per class and threshold: (resamples, classes, thresholds); NaN without true boxes."""
        # Images lie along the first axis: then a step along them takes all resamples at once.
        counts = np.ascontiguousarray(counted(weights).T)
        result = np.full((len(weights), len(self._curves), self._thresholds), np.nan)
        for label, curves in enumerate(self._curves):
            levels = _Levels(weights @ self._positives[:, label], whole=counts.dtype == np.int32)
            found = np.take(counts, self._images[label], axis=0)
            _running(np.add, found)
            for curve in curves:
                own = found
                if curve.counted is not None:
                    own = np.take(counts, curve.counted, axis=0)
                    _running(np.add, own)
                result[:, label, curve.threshold] = _area(counts, curve, own, levels)
        return result

    def __call__(self, weights: Floats) -> Floats:
        """The figures for each row of weights of the images, shape (resamples, len(names)); NaN where undefined."""
        table = self.table(weights)
        known = np.isfinite(table[:, :, 0])
        with np.errstate(invalid="ignore"):
            means = np.where(known[:, :, None], table, 0.0).sum(axis=1) / known.sum(axis=1)[:, None]
        columns = [means.mean(axis=1), *(means[:, at] for at in self._levels.values())]
        if self._first:
            columns += list(table[:, :, self._levels["map50"]].T)
        columns += list(table.mean(axis=2).T)
        return np.stack(columns, axis=1)

    def whole(self) -> dict[str, float]:
        """The figures of all images, each counted once, by name."""
        return dict(zip(self.names, self(np.ones((1, self.n)))[0].tolist(), strict=True))


def _curve(image: Integers, hit: Booleans, ignored: Booleans, threshold: int) -> _Curve:
    """The hits of one class, in falling order of score, (n,), at one threshold."""
    if ignored.any():
        image, hit = image[~ignored], hit[~ignored]
    at = np.flatnonzero(hit)
    return _Curve(image[at], at, threshold, image if ignored.any() else None)


class _Levels:
    """How many of :data:`RECALLS` are reached by a number of hits, for each row of weights.

    Where weights are counts there is a table, made once for all thresholds of a class: hits and resample to levels.
    """

    def __init__(self, total: Floats, *, whole: bool) -> None:
        """Take the weight of the true boxes, (resamples,); ``whole`` where all weights are counts."""
        self.total = total
        self._table: NDArray[np.int16] | None = None
        if whole:
            width = int(total.max(initial=0)) + 1
            self._start = np.arange(len(total), dtype=np.int32) * np.int32(width)
            self._table = np.ascontiguousarray(_reached(np.arange(width)[:, None], total).T).ravel()

    def reached(self, hits: NDArray[Any]) -> NDArray[np.int16]:
        """Levels reached, (k, resamples), by the weight of the hits so far, likewise."""
        return _reached(hits, self.total) if self._table is None else np.take(self._table, hits + self._start)


def _reached(hits: NDArray[Any], total: Floats) -> NDArray[np.int16]:
    recall = np.minimum(hits / np.maximum(total, SOME), 1.0)
    # The nearest level, and whether it lies below or above.
    nearest = np.rint(recall * 100).astype(np.int16)
    return nearest + (np.take(RECALLS, nearest) <= recall)


def _area(weights: NDArray[Any], curve: _Curve, found: NDArray[Any], levels: _Levels) -> Floats:
    """Mean of the precision, made falling, at the 101 recall levels; NaN where there is no true box.

    ``weights`` (images, resamples) and ``found`` (found boxes, resamples), which is the weight of the boxes so far.
    """
    if not len(curve.positions):
        return np.where(levels.total > 0, 0.0, np.nan)
    hits = np.take(weights, curve.images, axis=0)
    _running(np.add, hits)
    # An interval needs no more digits than single precision has; a figure, which comes alone, is computed in double.
    kind = np.float32 if weights.shape[1] > 1 else np.float64
    # Boxes before the first that was drawn have no weight; with SOME their precision is 0, not 0 / 0.
    among = np.maximum(np.take(found, curve.positions, axis=0).astype(kind), kind(SOME))
    highest = hits.astype(kind) / among
    _running(np.maximum, highest[::-1])
    reached = levels.reached(hits)
    reached[1:] -= reached[:-1].copy()
    return np.where(levels.total > 0, np.einsum("ij,ij->j", highest, reached) / len(RECALLS), np.nan)


def _running(step: np.ufunc, values: NDArray[Any]) -> None:
    """Running sums or maxima along the first axis, in place.

    NumPy's own ``accumulate`` takes one element at a time; a row at a time is faster where rows are long.
    """
    if values.shape[1] < LONG:
        step.accumulate(values, axis=0, out=values, dtype=values.dtype)
        return
    for row in range(1, len(values)):
        step(values[row], values[row - 1], out=values[row])
