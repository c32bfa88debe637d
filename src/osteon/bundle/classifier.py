"""What the manifest says of a classifier, and of the call on a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import model_validator

from osteon.bundle.part import Label, Part, Probability

Activation = Literal["sigmoid", "softmax"]


def presumed(labels: Sequence[Label], activation: Activation) -> bool:
    """Whether one of these labels always holds and all of them are fractures."""
    return activation == "softmax" and all(label.positive for label in labels)


class OperatingPoint(Part):
    """A threshold on the calibrated probability, fixed on validation data.

    Attributes:
        threshold: a study at or above it is called.
        rule: how it was chosen, e.g. ``highest threshold with sensitivity >= 0.95 on validation``.
        sensitivity: on the validation data that fixed it.
        specificity: on the validation data that fixed it.
    """

    threshold: Probability
    rule: str
    sensitivity: Probability
    specificity: Probability


class OperatingPoints(Part):
    """The two thresholds of a bundle.

    Attributes:
        doubt: of high sensitivity; below it a study is called ``no fracture``.
        definite: of high specificity; at or above it a study is called ``fracture``.
    """

    doubt: OperatingPoint
    definite: OperatingPoint

    @model_validator(mode="after")
    def _ordered(self) -> OperatingPoints:
        if self.doubt.threshold > self.definite.threshold:
            raise ValueError("the doubt threshold lies above the definite threshold")
        return self


class Graph(Part):
    """The ONNX graph of the classifier: names of its input and outputs.

    Attributes:
        file: name within the bundle.
        input: float32 (N, channels, height, width); (N, V, channels, height, width) where the network sees V views at
            once.
        logits: float32 (N, labels).
        maps: float32 (N, labels, h, w), or (N, labels, V, h, w), the map of each label, not negative, not normalised;
            None where the network cannot give one.
        map_method: the method and its source.
        novelty: float32 (N,), how far the image lies from the training radiographs; None where there is none.
        activation: what turns the logits into probabilities.
    """

    file: str = "model.onnx"
    input: str = "image"
    logits: str = "logits"
    maps: str | None = "maps"
    map_method: str | None = "Grad-CAM (Selvaraju et al. 2017)"
    novelty: str | None = None
    activation: Activation
