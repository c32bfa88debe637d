"""The images of a study to one probability."""

from __future__ import annotations

from typing import Literal

import numpy as np

from osteon.core.labels import Call
from osteon.inference.networks.calibrate import Probabilities


def pool(
    labels: Probabilities, positives: Probabilities, pooling: Literal["max", "mean"]
) -> tuple[Probabilities, float]:
    """Pool over the images of a study; images that were not read are NaN and do not count.

    ``max`` takes the image with the highest probability as a whole, so that the labels of the study belong together.

    Args:
        labels: probability of each label, shape (N, labels).
        positives: probability of a fracture in each image, shape (N,).
        pooling: of the bundle.

    Returns:
        Probability of each label, shape (labels,), and that of a fracture, for the study.

    Raises:
        ValueError: no image was read.
    """
    read = ~np.isnan(positives)
    if not read.any():
        raise ValueError("expected at least one image that was read")
    if pooling == "mean":
        return labels[read].mean(axis=0), float(positives[read].mean())
    highest = int(np.nanargmax(positives))
    return labels[highest], float(positives[highest])


def call(probability: float, doubt: float, definite: float) -> Call:
    """The call of a study at the two operating points; a probability on a threshold belongs to the upper side."""
    if probability >= definite:
        return Call.FRACTURE
    return Call.DOUBT if probability >= doubt else Call.NO_FRACTURE
