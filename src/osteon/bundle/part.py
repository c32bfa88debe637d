"""What several parts of the manifest are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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


class Calibration(Part):
    """Logits to probabilities: ``sigmoid(logit / temperature + bias)``, or softmax of ``logits / temperature``.

    Attributes:
        temperature: positive; fitted on validation data.
        bias: corrects for the share of positives drawn in training; 0 for softmax.
    """

    temperature: Annotated[float, Field(gt=0.0)]
    bias: float = 0.0
