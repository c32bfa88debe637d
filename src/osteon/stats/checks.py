"""Checks of the input of figures: shapes, finite scores, known labels, both classes.

A figure computed from wrong input is worse than none: every public function of this package passes its arrays through
here, and raises :class:`~osteon.core.errors.DataError` where there is no right number to return.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Integers = NDArray[np.int64]


def column(values: ArrayLike, name: str) -> Floats:
    """A column of finite numbers, float64 of shape (n,).

    Raises:
        DataError: it is empty, not one-dimensional, not numeric, or holds NaN or an infinity.
    """
    try:
        array = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"the {name} are not numbers", expected="a column of numbers") from error
    if array.ndim != 1:
        raise DataError(f"the {name} are not one column", expected="shape (n,)", got=f"shape {array.shape}")
    if array.size == 0:
        raise DataError(f"there are no {name}", expected="at least one case", got="0 cases")
    bad = int(np.count_nonzero(~np.isfinite(array)))
    if bad:
        raise DataError(
            f"the {name} hold NaN or infinity",
            expected="finite numbers",
            got=f"{bad} of {array.size} that are not",
            hint="Leave out the cases that were not read, and report how many they were.",
        )
    return array


def same_length(first: NDArray[np.generic], second: NDArray[np.generic], names: str) -> None:
    """Check that two columns belong together.

    Raises:
        DataError: their lengths differ.
    """
    if len(first) != len(second):
        raise DataError(f"{names} differ in length", expected=f"{len(first)} cases", got=f"{len(second)}")


def binary_labels(labels: ArrayLike) -> Booleans:
    """Labels 0 and 1 as booleans, shape (n,).

    Raises:
        DataError: another value occurs; above all ``UNKNOWN``, which is never counted as 0.
    """
    array = column(labels, "labels")
    unknown = int(np.count_nonzero(array == UNKNOWN))
    if unknown:
        raise DataError(
            "some labels are unknown",
            expected="0 or 1",
            got=f"{unknown} of {array.size} unknown",
            hint="Leave out unlabelled cases, and report their number.",
        )
    strange = array[(array != 0) & (array != 1)]
    if strange.size:
        raise DataError("the labels are not binary", expected="0 or 1", got=f"{strange[0]:g}")
    return array == 1


def binary_cases(labels: ArrayLike, scores: ArrayLike) -> tuple[Booleans, Floats]:
    """Labels and scores of the same cases.

    Returns:
        Booleans (n,) and float64 (n,).

    Raises:
        DataError: as :func:`binary_labels` and :func:`column`, or their lengths differ.
    """
    truth, values = binary_labels(labels), column(scores, "scores")
    same_length(truth, values, "labels and scores")
    return truth, values


def probabilities(values: ArrayLike) -> Floats:
    """Numbers in [0, 1], float64 of shape (n,).

    Raises:
        DataError: one lies outside.
    """
    array = column(values, "probabilities")
    outside = array[(array < 0) | (array > 1)]
    if outside.size:
        raise DataError(
            "some probabilities lie outside [0, 1]",
            expected="calibrated probabilities",
            got=f"{outside.size} of {array.size} outside, e.g. {outside[0]:g}",
            hint="Give probabilities, not logits.",
        )
    return array


def case_weights(weights: ArrayLike | None, n: int) -> Floats:
    """Weights of the cases, float64 (n,); 1 for each without weights.

    Raises:
        DataError: a weight is negative, all are 0, or the length is not ``n``.
    """
    if weights is None:
        return np.ones(n)
    array = column(weights, "weights")
    if len(array) != n:
        raise DataError("weights and cases differ in length", expected=f"{n} weights", got=f"{len(array)}")
    if np.any(array < 0) or not np.any(array > 0):
        raise DataError("the weights are not all positive or zero", expected="weights >= 0, not all of them 0")
    return array


def both_classes(truth: Booleans, weights: Floats, figure: str) -> None:
    """Check that a figure which compares the classes finds both.

    Raises:
        DataError: one class is missing, or has only cases of weight 0.
    """
    positive = int(np.count_nonzero(truth & (weights > 0)))
    negative = int(np.count_nonzero(~truth & (weights > 0)))
    if not positive or not negative:
        raise DataError(
            f"{figure} is undefined for one class",
            expected="positive and negative cases",
            got=f"{positive} positive and {negative} negative",
        )


def cluster_index(clusters: ArrayLike | None, n: int) -> tuple[Integers, int]:
    """Number the clusters (patients, studies, groups of near-duplicates) from 0.

    Returns:
        The cluster's number of each case, int64 (n,), and how many clusters there are. Without ``clusters`` each case
        is its own.

    Raises:
        DataError: the length is not ``n``, or some case has no cluster (NaN, None or an empty name).
    """
    if clusters is None:
        return np.arange(n), n
    names = np.asarray(clusters)
    if names.shape != (n,):
        raise DataError("clusters and cases differ in length", expected=f"shape ({n},)", got=f"shape {names.shape}")
    if names.dtype == object:
        missing = np.array([name is None or name == "" or name != name for name in names])
        names = np.array([str(name) for name in names])
    elif names.dtype.kind == "f":
        missing = np.isnan(names)
    elif names.dtype.kind in "US":
        missing = names == names.dtype.type()
    else:
        missing = np.zeros(n, bool)
    if missing.any():
        raise DataError(
            "some cases have no cluster",
            expected="a patient, study or group for each case",
            got=f"{int(missing.sum())} of {n} without",
            hint="Give such a case a name of its own.",
        )
    found, index = np.unique(names, return_inverse=True)
    return index.astype(np.int64), len(found)
