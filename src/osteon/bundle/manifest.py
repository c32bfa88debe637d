"""The schema of ``bundle.json``: all that a reader must know of a trained network.

The manifest is the contract between the learning half and the reading half. It is closed: an unknown field, a missing
field or a newer schema is refused, because a reader that ignored one of them could read a film wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from osteon.core.labels import BodyPart, View
from osteon.imaging.preprocess import Preprocessing

SCHEMA: Final = 1
"""The newest schema that this version of Osteon reads and the one that it writes."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class Part(BaseModel):
    """Base of the manifest's parts: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CodedConcept(Part):
    """A SNOMED CT code for a label."""

    value: str
    meaning: str
    scheme: str = "SCT"


class Label(Part):
    """One output of the network.

    Attributes:
        name: the word that readings use.
        code: its coded concept, or None where SNOMED CT has none.
        positive: whether this label counts as a fracture in the study's call.
    """

    name: str
    code: CodedConcept | None
    positive: bool


def presumed(labels: Sequence[Label], activation: Literal["sigmoid", "softmax"]) -> bool:
    """Whether one of these labels always holds and all of them are fractures."""
    return activation == "softmax" and all(label.positive for label in labels)


class Figure(Part):
    """A measured figure with its interval.

    Attributes:
        value: the figure.
        low: lower end of the interval.
        high: upper end.
        method: how the interval was made, e.g. ``95 % cluster bootstrap, 10,000 resamples``.
        n: number of cases behind it.
    """

    value: float
    low: float
    high: float
    method: str
    n: int


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


class Calibration(Part):
    """Logits to probabilities: ``sigmoid(logit / temperature + bias)``, or softmax of ``logits / temperature``.

    Attributes:
        temperature: positive; fitted on validation data.
        bias: corrects for the share of positives drawn in training; 0 for softmax.
    """

    temperature: Annotated[float, Field(gt=0.0)]
    bias: float = 0.0


class Graph(Part):
    """The ONNX graph: names of its input and outputs.

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
    activation: Literal["sigmoid", "softmax"]


class Indication(Part):
    """What the bundle may read.

    Attributes:
        body_parts: regions it was trained on.
        minimum_age: years.
        maximum_age: years.
        minimum_side: pixels; a film with a shorter side is refused.
        maximum_novelty: a film whose novelty lies above is refused; None where the graph has no such output.
        intended_use: one sentence.
        not_for: who should not use it, and for what.
    """

    body_parts: tuple[BodyPart, ...]
    minimum_age: float
    maximum_age: float
    minimum_side: int
    maximum_novelty: float | None = None
    intended_use: str
    not_for: tuple[str, ...]


class TrainingData(Part):
    """A data set that the network was trained and measured on.

    Attributes:
        name: of the data set.
        licence: SPDX identifier or name.
        citation: how to cite it.
        images: number of images per split.
        positives: number of positive images per split.
        split: how it was split, and against which leak.
        split_sha256: hash of the split file.
    """

    name: str
    licence: str
    citation: str
    images: dict[str, int]
    positives: dict[str, int]
    split: str
    split_sha256: str


class Provenance(Part):
    """How the network came to be.

    Attributes:
        recipe: name of the recipe.
        settings: leaves of the recipe that were changed by ``--set``.
        seed: of the run.
        epoch: the epoch whose weights were kept.
        selection: on what it was selected.
        weights: what training started from.
        osteon: version that exported it.
        libraries: versions of the libraries that trained and exported it.
        parity: largest difference between the logits of PyTorch and ONNX Runtime on real images, and how many.
    """

    recipe: str
    settings: dict[str, str]
    seed: int
    epoch: int
    selection: str
    weights: str
    osteon: str
    libraries: dict[str, str]
    parity: str


class Manifest(Part):
    """``bundle.json``.

    Attributes:
        schema_version: of this file; a newer one than ``SCHEMA`` is refused.
        name: of the bundle: lower case letters, digits, hyphens.
        version: of the bundle.
        created: UTC date, ISO 8601.
        licence: of the weights.
        task: what the network does.
        summary: one sentence for lists.
        labels: in the order of the logits.
        views: that the network sees at once, in the order of its input; a study that lacks one is not read. Empty where
            it sees one film at a time.
        preprocessing: from a radiograph to the network's input.
        graph: the network.
        calibration: logits to probabilities.
        operating_points: the thresholds of the call.
        pooling: how the images of a study become one probability.
        indication: what it may read.
        training_data: what it was trained on.
        provenance: how it was made.
        figures: measured on the test split, by name.
        files: SHA-256 of every other file of the bundle, by name.
    """

    schema_version: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    version: str
    created: str
    licence: str
    task: Literal["classification"]
    summary: str
    labels: Annotated[tuple[Label, ...], Field(min_length=1)]
    views: tuple[View, ...] = ()
    preprocessing: Preprocessing
    graph: Graph
    calibration: Calibration
    operating_points: OperatingPoints
    pooling: Literal["max", "mean"]
    indication: Indication
    training_data: tuple[TrainingData, ...]
    provenance: Provenance
    figures: dict[str, Figure]
    files: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]

    @property
    def presumes(self) -> bool:
        """Whether a fracture is taken for granted, because all labels are sites or kinds of it and one of them holds.

        Such a bundle says which, not whether; its thresholds lie on the probability of the label that it names.
        """
        return presumed(self.labels, self.graph.activation)

    @property
    def identity(self) -> str:
        """``name@version``, as readings carry it."""
        return f"{self.name}@{self.version}"
