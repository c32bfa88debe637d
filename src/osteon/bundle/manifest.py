"""The schema of ``bundle.json``: all that inference must know of a trained network.

The manifest is the contract between the learning half and the reading half. It is closed: an unknown field, a missing
field or a newer schema is refused, because a program that ignored one of them could read an image wrongly.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from osteon.bundle.classifier import Activation, Graph, labels_assume_fracture
from osteon.bundle.detector import BoxPoint, BoxPoints, Detector, Fusion
from osteon.bundle.gate import Gate, GateLimit
from osteon.bundle.part import CodedConcept, Label
from osteon.core.calibration import Calibration
from osteon.core.estimate import Estimate
from osteon.core.labels import BodyPart, View
from osteon.core.operating import OperatingPoints
from osteon.core.part import Part
from osteon.imaging.preprocess import Preprocessing

__all__ = [
    "SCHEMA",
    "Activation",
    "BoxPoint",
    "BoxPoints",
    "CodedConcept",
    "Detector",
    "Fusion",
    "Gate",
    "GateLimit",
    "Graph",
    "Indication",
    "Label",
    "Manifest",
    "Provenance",
    "TrainingData",
    "labels_assume_fracture",
]

SCHEMA: Final = 4
"""The newest schema that this version of Osteon reads. Bundles that show their networks whole images are still written as schema
3, those without a gate besides as schema 2, and those without a detector besides as schema 1."""

GATED: Final = 3
"""The schema of bundles with a gate."""

CROPPED: Final = 4
"""The schema of bundles with a crop, which versions before it would not know of."""

Task = Literal["classification", "detection", "classification and detection"]

_NEW: Final = ("graph", "detector", "fusion", "gate")
"""Fields that are left out where there is nothing in them: schema 1 has no detector and schema 2 no gate, and their bytes
stay as they were."""


class Indication(Part):
    """What the bundle may read.

    Attributes:
        body_parts: regions it was trained on.
        minimum_age: years.
        maximum_age: years.
        minimum_side: pixels; an image with a shorter side is refused.
        maximum_novelty: an image whose novelty lies above is refused; None where the graph has no such output.
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
        split_sha256: SHA-256 of the split file, as it lies in the bundle; in bundles up to ``fracatlas`` 1.3.0 of its content
            in canonical form, which the file states as its ``hash``.
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
        task: what the networks do.
        summary: one sentence for lists.
        labels: in the order of the logits; of a detector alone its own labels, or one positive label that any positive
            box stands for.
        views: that the network sees at once, in the order of its input; a study that lacks one is not read. Empty where
            it sees one image at a time.
        preprocessing: from a radiograph to the classifier's input; of a detector alone, to its input.
        graph: the classifier; None where there is a detector alone.
        detector: the network that finds boxes, or None.
        fusion: what both say together; None where there is one network only, or where each speaks for itself: then the
            probability is the classifier's, and boxes do not depend on it.
        gate: what an image must look like to be read; None where the graph does not tell.
        calibration: logits to probabilities; of a detector alone, of the logit of the best box's confidence.
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
    task: Task
    summary: str
    labels: Annotated[tuple[Label, ...], Field(min_length=1)]
    views: tuple[View, ...] = ()
    preprocessing: Preprocessing
    graph: Graph | None = None
    detector: Detector | None = None
    fusion: Fusion | None = None
    gate: Gate | None = None
    calibration: Calibration
    operating_points: OperatingPoints
    pooling: Literal["max", "mean"]
    indication: Indication
    training_data: tuple[TrainingData, ...]
    provenance: Provenance
    figures: dict[str, Estimate]
    files: dict[str, Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]]

    @property
    def activation(self) -> Activation:
        """What turns logits into probabilities; the confidences of a detector alone do not exclude each other."""
        return "sigmoid" if self.graph is None else self.graph.activation

    @property
    def maps(self) -> str | None:
        """The classifier's output of heat maps; None where there is none."""
        return None if self.graph is None else self.graph.maps

    @property
    def assumes_fracture(self) -> bool:
        """Whether a fracture is taken for granted, because all labels are sites or kinds of it and one of them holds.

        Such a bundle says which, not whether; its thresholds lie on the probability of the label that it names.
        """
        return labels_assume_fracture(self.labels, self.activation)

    @property
    def identity(self) -> str:
        """``name@version``, as readings carry it."""
        return f"{self.name}@{self.version}"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        networks = [
            name for name, graph in (("classification", self.graph), ("detection", self.detector)) if graph is not None
        ]
        if self.task != " and ".join(networks):
            raise ValueError(f"the task is {self.task}, but the networks are for {' and '.join(networks) or 'nothing'}")
        self._check_gate()
        self._check_crop()
        if self.detector is None:
            if self.fusion is not None:
                raise ValueError("fusion needs a classifier and a detector")
            return self
        if self.schema_version < 2:
            raise ValueError("a bundle with a detector has schema 2")
        if self.graph is None:
            self._check_alone(self.detector)
        elif self.detector.file == self.graph.file:
            raise ValueError("classifier and detector are in the same file")
        elif self.assumes_fracture and self.fusion is not None and self.fusion.weight > 0:
            raise ValueError("where a fracture is taken for granted, boxes say nothing of its probability")
        return self

    def _check_gate(self) -> None:
        """Check that there is a classifier of single images where there is a gate, and that older versions will not miss it."""
        gate = self.gate
        if gate is None:
            return
        if self.schema_version < GATED:
            raise ValueError(f"a bundle with a gate has schema {GATED}")
        if self.graph is None or self.views:
            raise ValueError("a gate needs a classifier of single images")
        both = [part.value for part in gate.other_parts if part in self.indication.body_parts]
        if both:
            raise ValueError(f"the gate refuses what the bundle indicates: {', '.join(both)}")
        if (gate.other_part is None) != (not gate.other_parts):
            raise ValueError("a limit for other body parts and these parts are stated together")

    def _check_crop(self) -> None:
        """Check that older versions, which would show whole images to the networks, refuse a bundle with a crop."""
        shown = [self.preprocessing] + ([] if self.detector is None else [self.detector.preprocessing])
        if any(preprocessing.crop for preprocessing in shown) and self.schema_version < CROPPED:
            raise ValueError(f"a bundle with a crop has schema {CROPPED}")

    def _check_alone(self, detector: Detector) -> None:
        """Check what is said of images where there are boxes only."""
        if self.fusion is not None:
            raise ValueError("fusion needs a classifier and a detector")
        if self.views:
            raise ValueError("a detector sees one image at a time")
        if self.preprocessing != detector.preprocessing:
            raise ValueError("a detector alone has one preprocessing")
        single = len(self.labels) == 1 and self.labels[0].positive
        if not single and self.labels != detector.labels:
            raise ValueError("the labels of a detector alone are its own, or one positive label")

    @model_serializer(mode="wrap")
    def _without_nothing(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = handler(self)
        for part in (content, content.get("detector") or {}):
            if part and part["preprocessing"].get("crop") is None:
                part["preprocessing"].pop("crop", None)
        return {name: value for name, value in content.items() if name not in _NEW or value is not None}
