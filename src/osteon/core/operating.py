"""Operating points: thresholds on a calibrated probability."""

from __future__ import annotations

from pydantic import model_validator

from osteon.core.part import Part, Probability


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
