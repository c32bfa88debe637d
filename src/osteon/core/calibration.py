"""Logits to calibrated probabilities."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from osteon.core.part import Part


class Calibration(Part):
    """Logits to probabilities: ``sigmoid(logit / temperature + bias)``, or softmax of ``logits / temperature``.

    Attributes:
        temperature: positive; fitted on validation data.
        bias: corrects for the share of positives drawn in training; 0 for softmax.
    """

    temperature: Annotated[float, Field(gt=0.0)]
    bias: float = 0.0
