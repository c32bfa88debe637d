"""What the manifest says of a detector, and of what a detector and a classifier say together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from osteon.bundle.part import Label
from osteon.core.calibration import Calibration
from osteon.core.part import Part, Probability
from osteon.imaging.preprocess import Preprocessing


class BoxPoint(Part):
    """A threshold on the calibrated confidence of boxes, fixed on validation data.

    Attributes:
        threshold: a box at or above it is shown.
        rule: how it was chosen, e.g. ``lowest threshold with at most 0.25 false alarms per image on validation``.
        sensitivity: share of the marked boxes of the validation data that are hit.
        false_alarms: boxes per validation image that hit nothing.
    """

    threshold: Probability
    rule: str
    sensitivity: Probability
    false_alarms: Annotated[float, Field(ge=0.0)]


class BoxPoints(Part):
    """The two thresholds of a detector.

    Attributes:
        doubt: boxes below it are not shown.
        definite: boxes at or above it are shown as certain.
    """

    doubt: BoxPoint
    definite: BoxPoint

    @model_validator(mode="after")
    def _ordered(self) -> BoxPoints:
        if self.doubt.threshold > self.definite.threshold:
            raise ValueError("the doubt threshold of boxes lies above the definite threshold")
        return self


class Detector(Part):
    """The ONNX graph that finds boxes; non-maximum suppression is part of it.

    Attributes:
        file: name within the bundle.
        input: float32 (N, channels, height, width).
        boxes: float32 (N, K, 4), ``(x0, y0, x1, y1)`` in pixels of the input.
        scores: float32 (N, K) in [0, 1], falling; 0 in rows that hold no box.
        classes: int64 (N, K), places in ``labels``.
        labels: what a box may be.
        preprocessing: from a radiograph to the input of this graph.
        method: name and source of the architecture.
        calibration: scores to confidences, ``sigmoid(logit(score) / temperature + bias)``.
        points: the thresholds of the confidence.
        rest: label that marked findings of other kinds count as, in training and in evaluation; None leaves them out.
    """

    file: str = "detector.onnx"
    input: str = "image"
    boxes: str = "boxes"
    scores: str = "scores"
    classes: str = "classes"
    labels: Annotated[tuple[Label, ...], Field(min_length=1)]
    preprocessing: Preprocessing
    method: str
    calibration: Calibration
    points: BoxPoints
    rest: str | None = None

    @model_validator(mode="after")
    def _named(self) -> Detector:
        if len({label.name for label in self.labels}) < len(self.labels):
            raise ValueError("two labels of the detector have the same name")
        if self.rest is not None and self.rest not in {label.name for label in self.labels}:
            raise ValueError("findings of other kinds count as a label that the detector lacks")
        return self


class Fusion(Part):
    """What a classifier and a detector say together.

    Boxes: where the classifier's calibrated probability is at or above ``threshold`` all of them are kept, elsewhere only
    those whose confidence lies above ``alone`` (VinDr-SpineXR, Nguyen et al. 2021, section 2.3). Probability of an image:
    the classifier's and the confidence of the best box of a positive label (0 where there is none) are mixed, the box's
    with ``weight``, and ``calibration`` is applied to the logit of that.

    Attributes:
        threshold: c* in the paper, on the classifier's calibrated probability.
        rule: how it was chosen on validation data.
        alone: confidence that a box must exceed below the threshold.
        weight: of the best box; 0 leaves the classifier's probability, 0.5 averages (section 4 of the paper).
        calibration: of the mixed probability.
    """

    threshold: Probability
    rule: str
    alone: Probability = 0.5
    weight: Probability
    calibration: Calibration
