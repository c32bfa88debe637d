"""The result of each radiograph of a study, and what they make of the study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from osteon.bundle.manifest import Manifest
from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Radiograph
from osteon.inference.abstain import notes
from osteon.inference.networks.calibrate import Probabilities
from osteon.inference.pool import call, pool


@dataclass(slots=True)
class ImageResult:
    """The result of one radiograph of a study.

    Attributes:
        refusals: why it was not read; empty where it was.
        labels: probability of each label, shape (labels,).
        positive: probability of a fracture, NaN where it was not read.
        classifier: the same by the classifier alone, NaN where there is no detector besides.
        heat: of the label that is shown.
        findings: boxes that are shown.
    """

    refusals: tuple[Refusal, ...]
    labels: Probabilities | None = None
    positive: float = float("nan")
    classifier: float = float("nan")
    heat: HeatMap | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class PooledStudy:
    """The pooled result of a study; fields as in ``Reading``."""

    call: Call
    refusals: tuple[Refusal, ...]
    probability: float | None
    probabilities: dict[str, float]


def pool_images(manifest: Manifest, images: Sequence[ImageResult]) -> PooledStudy:
    """Pool the images of a study and call it, or abstain where none of them was read."""
    names = [label.name for label in manifest.labels]
    positives = np.array([image.positive for image in images])
    if np.isnan(positives).all():
        return PooledStudy(Call.ABSTAIN, _joint_refusals(images), None, {})
    unread = np.full(len(names), np.nan)
    rows = np.stack([unread if image.labels is None else image.labels for image in images])
    labels, probability = pool(rows, positives, manifest.pooling)
    points = manifest.operating_points
    if manifest.assumes_fracture and probability < points.doubt.threshold:
        site = names[int(labels.argmax())]
        values = {"site": site, "probability": probability, "threshold": points.doubt.threshold}
        return PooledStudy(Call.ABSTAIN, (Refusal(RefusalCode.SITE_UNCERTAIN, values),), None, {})
    called = call(probability, points.doubt.threshold, points.definite.threshold)
    return PooledStudy(called, (), probability, dict(zip(names, labels.tolist(), strict=True)))


def _joint_refusals(images: Sequence[ImageResult]) -> tuple[Refusal, ...]:
    """All refusals of a study, each once."""
    return tuple(dict.fromkeys(refusal for image in images for refusal in image.refusals))


def joint_notes(radiographs: Sequence[Radiograph]) -> tuple[Note, ...]:
    """Notes of a study, each once: those that hold for some of its images only with their indices."""
    found: dict[Note, list[int]] = {}
    for index, radiograph in enumerate(radiographs):
        for note in dict.fromkeys(notes(radiograph)):
            found.setdefault(note, []).append(index)
    return tuple(
        note if len(indices) == len(radiographs) else replace(note, images=tuple(indices))
        for note, indices in found.items()
    )
