"""What the manifest says of a classifier, and of the call on a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from osteon.bundle.part import Label
from osteon.core.part import Part

Activation = Literal["sigmoid", "softmax"]


def labels_assume_fracture(labels: Sequence[Label], activation: Activation) -> bool:
    """Whether one of these labels always holds and all of them are fractures."""
    return activation == "softmax" and all(label.positive for label in labels)


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
