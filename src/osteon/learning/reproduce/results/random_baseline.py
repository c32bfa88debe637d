"""Average precision of random boxes, which know nothing of the image."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from osteon.evaluation.detection.metrics import matched
from osteon.evaluation.predictions.detections import Detections
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.reproduce.results.outcomes import Variant
from osteon.learning.runs.run import open_run
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.detection.boxes import Boxes, boxes

BOXES: Final = 100
"""Random boxes in each image."""

REPEATS: Final = 5


def random_baseline(variant: Variant) -> float | None:
    """MAP at IoU 0.5 of boxes chosen at random from those of the training part, in the test part of a detector's run.

    Each has the relative size, the relative position and the label of a box of a training image; its confidence is random.
    So they reflect how many lesions of each kind there are and where they mostly are, and nothing else.

    Args:
        variant: with a finished run.

    Returns:
        The mean of some repeats; None where the run has no boxes, or is none that ``osteon train`` makes.
    """
    run = variant.runs[0]
    if run.boxes is None or not variant.recipe.trainable:
        return None
    parts = prepare_cases(open_run(run.work.run))
    sizes = dict(zip(parts.table.images, parts.table.frame.select("width", "height").iter_rows(), strict=True))
    named = [name.replace(" ", "_") for name in variant.recipe.task.labels]
    shares: list[np.ndarray] = []
    labels: list[str] = []
    for image in parts.train.views[:, 0].tolist():
        width, height = sizes[parts.train.images[image]]
        kinds = parts.train.kinds[image]
        marked = (kinds >= 0) & ~parts.train.crowds[image]
        shares.append(parts.train.boxes[image][marked] / np.array([width, height, width, height]))
        labels += [named[kind] for kind in kinds[marked].tolist()]
    known = [row for row, label in enumerate(labels) if label in run.boxes.names]
    if not known:
        return None
    numbers = np.array([run.boxes.names.index(labels[row]) for row in known])
    at = np.concatenate(shares)[known]
    extents = np.array([[*sizes[image], *sizes[image]] for image in run.predictions.image.tolist()], np.float64)
    return float(np.mean([_repeat(run.boxes, at, numbers, extents, seed) for seed in range(REPEATS)]))


def _repeat(real: Detections, at: np.ndarray, numbers: np.ndarray, extents: np.ndarray, seed: int) -> float:
    random = np.random.default_rng([seed, 6])
    image = np.repeat(np.arange(len(extents)), BOXES)
    chosen = random.integers(0, len(at), len(image))
    found: Boxes = boxes(image, numbers[chosen], at[chosen] * extents[image], random.random(len(image)))
    kept = replace(real, found=found).select(real.read)
    return AveragePrecision(matched(kept), kept.names).whole()["map50"]
