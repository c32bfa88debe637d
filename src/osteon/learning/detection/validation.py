"""Figures of a detector on the validation part during training: average precision as COCO computes it."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import torch

from osteon.learning.detection.batches import ValidationBoxes
from osteon.learning.detection.boxes import DetectedBoxes
from osteon.learning.detection.models import Detector
from osteon.learning.inputs.dataset_base import validation_loader
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.detection.boxes import Boxes, boxes, match
from osteon.stats.detection.froc import froc
from osteon.stats.ranking import auroc

BATCH: Final = 8
"""Images in a batch of validation."""


class TrueBoxes(NamedTuple):
    """The marked boxes of several images, in pixels of the network's input.

    Attributes:
        single: of one finding each.
        crowds: of several findings that nobody marked one by one; found boxes in them count neither way.
    """

    single: Boxes
    crowds: Boxes


def true_boxes(data: ValidationBoxes) -> TrueBoxes:
    """The marked boxes of all images, in pixels of the network's input."""
    marked = [data.boxes(index) for index in range(len(data))]
    every = boxes(
        np.concatenate([np.full(len(of.labels), row) for row, of in enumerate(marked)]),
        np.concatenate([of.labels for of in marked]),
        np.concatenate([of.corners for of in marked]),
    )
    crowd = np.concatenate([of.crowd for of in marked])
    return TrueBoxes(every.select(~crowd), every.select(crowd))


def found_boxes(found: DetectedBoxes) -> Boxes:
    """What a detector gave out for images (N, K): boxes with a score above 0, at least some pixels wide."""
    corners, scores = found.boxes.double().numpy(), found.scores.double().numpy()
    there = (scores > 0) & (corners[..., 2:] > corners[..., :2]).all(-1)
    image = np.broadcast_to(np.arange(len(scores))[:, None], scores.shape)
    return boxes(image[there], found.classes.numpy()[there], corners[there], scores[there])


def box_figures(truth: TrueBoxes, found: DetectedBoxes, labels: tuple[str, ...]) -> dict[str, float]:
    """``val_map50``, ``val_map``, ``val_froc``, and ``val_auroc`` of the best score of each image.

    Images without any box count: boxes found in them are false alarms. NaN where all images have a box, or none has.

    Args:
        truth: of the images.
        found: of the same images, (N, K).
        labels: of the task.
    """
    images = len(found.scores)
    matches = match(truth.single, found_boxes(found), images=images, classes=len(labels), crowds=truth.crowds)
    values = AveragePrecision(matches, labels).whole()
    positive = np.zeros(images, np.int8)
    positive[truth.single.image] = positive[truth.crowds.image] = 1
    both = 0 < positive.sum() < images
    return {
        "val_map50": float(values["map50"]),
        "val_map": float(values["map"]),
        "val_froc": froc(matches).mean if len(truth.single) else float("nan"),
        "val_auroc": float(auroc(positive, found.scores[:, 0].double().numpy())) if both else float("nan"),
    }


def measured_boxes(network: Detector, data: ValidationBoxes, labels: tuple[str, ...]) -> dict[str, float]:
    """Figures of the validation part, as at the end of an epoch."""
    before = network.training
    network.eval()
    with torch.inference_mode():
        parts = [network.detect(batch.image) for batch in validation_loader(data, BATCH)]
    network.train(before)
    return box_figures(true_boxes(data), joined(parts), labels)


def joined(parts: list[DetectedBoxes]) -> DetectedBoxes:
    """Rows of several batches, as float32 on the processor."""
    scores = torch.cat([part.scores.float().cpu() for part in parts])
    return DetectedBoxes(
        torch.cat([part.boxes.float().cpu() for part in parts]), scores, torch.cat([p.classes.cpu() for p in parts])
    )
