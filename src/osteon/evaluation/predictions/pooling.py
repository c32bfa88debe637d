"""From images to studies: what a system says of a patient's examination as a whole."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import UNKNOWN
from osteon.evaluation.predictions.classes import Classes
from osteon.evaluation.predictions.predictions import Predictions

Pooling = Literal["max", "mean"]


def pooled(table: Predictions, pooling: Pooling) -> Predictions:
    """One row for each study, named after it.

    A study is positive where one of its images is, negative where all are, and unknown otherwise; its probability is
    the ``max`` or ``mean`` over the images that were read. An attribute stays where all images of the study agree.
    """
    names, first, index = np.unique(table.study, return_index=True, return_inverse=True)
    count = len(names)
    positive = np.bincount(index, table.label == 1, count) > 0
    negative = np.bincount(index, table.label != 0, count) == 0
    read = np.bincount(index, table.read, count)
    if pooling == "max":
        probability = np.full(count, -np.inf)
        np.maximum.at(probability, index[table.read], table.probability[table.read])
    else:
        sums = np.bincount(index, np.where(table.read, table.probability, 0.0), count)
        probability = sums / np.maximum(read, 1)
    return Predictions(
        names,
        names,
        table.cluster[first],
        np.where(positive, 1, np.where(negative, 0, UNKNOWN)).astype(np.int8),
        np.where(read > 0, probability, np.nan),
        {
            name: np.where(
                np.bincount(index, values == values[first][index], count) == np.bincount(index), values[first], ""
            )
            for name, values in table.attributes.items()
        },
        None if table.classes is None else _pooled_classes(table, table.classes, index, count, pooling),
    )


def _pooled_classes(
    table: Predictions, classes: Classes, index: NDArray[np.intp], count: int, pooling: Pooling
) -> Classes:
    """Classes of studies: any image's where several may hold, the one that all images share where they exclude.

    As inference pools them: the mean, or by ``max`` all classes of the image that is most likely positive, where it
    is known which that is; otherwise the highest of each class, scaled to sum to 1 where classes exclude each other.
    """
    k = len(classes.names)
    truth = np.full((count, k), UNKNOWN, np.int8)
    probability = np.full((count, k), np.nan)
    by_image = bool(np.isfinite(table.probability[classes.read]).all())
    order = np.argsort(index, kind="stable")
    for study, rows in enumerate(np.split(order, np.cumsum(np.bincount(index, minlength=count))[:-1])):
        own, read = classes.truth[rows], rows[classes.read[rows]]
        if classes.exclusive:
            truth[study] = own[0] if (own == own[0]).all() else UNKNOWN
        else:
            truth[study] = np.where((own == 1).any(axis=0), 1, np.where((own == 0).all(axis=0), 0, UNKNOWN))
        if not len(read):
            continue
        probabilities = classes.probability[read]
        if pooling == "mean":
            probability[study] = probabilities.mean(axis=0)
        elif by_image:
            probability[study] = probabilities[int(table.probability[read].argmax())]
        else:
            highest = probabilities.max(axis=0)
            probability[study] = highest / highest.sum() if classes.exclusive and highest.sum() else highest
    return Classes(classes.names, truth, probability, classes.exclusive)
