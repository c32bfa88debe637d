"""From images to studies: what a system says of a patient's examination as a whole."""

from __future__ import annotations

from typing import Literal

import numpy as np

from osteon.core.labels import UNKNOWN
from osteon.evaluation.predictions import Predictions

Pooling = Literal["max", "mean"]


def pooled(table: Predictions, how: Pooling) -> Predictions:
    """One row for each study, named after it.

    A study is positive where one of its images is, negative where all are, and unknown otherwise; its probability is
    the ``max`` or ``mean`` over the images that were read. An attribute stays where all images of the study agree.
    """
    names, first, index = np.unique(table.study, return_index=True, return_inverse=True)
    count = len(names)
    positive = np.bincount(index, table.label == 1, count) > 0
    negative = np.bincount(index, table.label != 0, count) == 0
    read = np.bincount(index, table.read, count)
    if how == "max":
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
    )
