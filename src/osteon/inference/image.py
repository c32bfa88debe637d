"""What became of one radiograph of a study, and what that makes of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osteon.bundle.manifest import Manifest
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Radiograph
from osteon.inference.abstain import notes
from osteon.inference.networks.calibrate import Probabilities
from osteon.inference.pool import call, pool


@dataclass(slots=True)
class Image:
    """What became of one radiograph of a study.

    Attributes:
        reasons: why it was not read; empty where it was.
        labels: probability of each label, shape (labels,).
        positive: probability of a fracture, NaN where it was not read.
        classifier: the same by the classifier alone, NaN where there is no detector besides.
        heat: of the label that is shown.
        findings: boxes that are shown.
    """

    reasons: tuple[str, ...]
    labels: Probabilities | None = None
    positive: float = float("nan")
    classifier: float = float("nan")
    heat: HeatMap | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a study; fields as in ``Reading``."""

    call: Call
    reason: str
    probability: float | None
    probabilities: dict[str, float]


def verdict(manifest: Manifest, images: Sequence[Image]) -> Verdict:
    """Pool the images of a study and call it, or abstain where none of them was read."""
    names = [label.name for label in manifest.labels]
    positives = np.array([image.positive for image in images])
    if np.isnan(positives).all():
        return Verdict(Call.ABSTAIN, _joint_reason(images), None, {})
    unread = np.full(len(names), np.nan)
    rows = np.stack([unread if image.labels is None else image.labels for image in images])
    labels, probability = pool(rows, positives, manifest.pooling)
    points = manifest.operating_points
    if manifest.presumes and probability < points.doubt.threshold:
        best = names[int(labels.argmax())]
        reason = (
            f"the most probable site, {best}, has a probability of {probability:.2f}, "
            f"less than the {points.doubt.threshold:.2f} from which the bundle names one"
        )
        return Verdict(Call.ABSTAIN, reason, None, {})
    said = call(probability, points.doubt.threshold, points.definite.threshold)
    return Verdict(said, "", probability, dict(zip(names, labels.tolist(), strict=True)))


def _joint_reason(images: Sequence[Image]) -> str:
    """All reasons of a study, each once."""
    return "; ".join(dict.fromkeys(reason for image in images for reason in image.reasons))


def joint_notes(radiographs: Sequence[Radiograph], images: Sequence[Image]) -> tuple[str, ...]:
    """Notes of a study: those that hold for all images once, the others with the number of the image."""
    several = len(images) > 1
    partial = any(not image.reasons for image in images)
    found: dict[str, list[int]] = {}
    for number, (radiograph, image) in enumerate(zip(radiographs, images, strict=True), 1):
        for note in notes(radiograph):
            found.setdefault(note, []).append(number)
        if partial and image.reasons:
            found.setdefault(f"not read: {'; '.join(image.reasons)}", []).append(number)
    return tuple(
        note if not several or len(numbers) == len(images) else f"image {', '.join(map(str, numbers))}: {note}"
        for note, numbers in found.items()
    )
