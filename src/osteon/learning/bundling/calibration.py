"""What every bundle fixes on validation data: probabilities and thresholds of images."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.core.calibration import Calibration
from osteon.core.operating import OperatingPoint, OperatingPoints


@dataclass(frozen=True)
class ImageCalibration:
    """What is carried over to all later images.

    Attributes:
        calibration: logits to probabilities.
        points: the two thresholds.
        maximum_novelty: images above are refused; None refuses none.
    """

    calibration: Calibration
    points: OperatingPoints
    maximum_novelty: float | None = None


def uncalibrated() -> ImageCalibration:
    """What stands in a manifest before anything is fixed on validation data."""
    point = OperatingPoint(threshold=0.5, rule="none yet", sensitivity=0.0, specificity=0.0)
    return ImageCalibration(Calibration(temperature=1.0), OperatingPoints(doubt=point, definite=point))
