"""Sentences about figures of agreement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

UNDEFINED: Final[Mapping[str, str]] = {
    "no_pairs": "nothing twice",
    "one_category": "all the same",
    "nobody": "nobody gave it",
}
"""Why a figure of agreement has no value, by ``osteon.stats.agreement.measure.Undefined``."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "skipped": "were skipped",
    "screened_out": "are of studies that were screened out",
    "other_schema": "keep an earlier version of the label schema",
    "imported": "were imported from files",
    "sent_back": "were replaced by a later round",
}
"""Why reads do not count."""

FIGURES: Final[Mapping[str, str]] = {
    "kappa": "kappa",
    "kappa_linear": "kappa, linear weights",
    "kappa_quadratic": "kappa, quadratic weights",
    "alpha": "Krippendorff's alpha",
    "alpha_ordinal": "alpha, ordinal",
    "alpha_angle": "alpha of angles",
    "observed": "observed agreement",
    "f1_30": "F1, IoU 0.3",
    "f1_50": "F1, IoU 0.5",
    "overlap_30": "mean IoU of matches at 0.3",
    "overlap_50": "mean IoU of matches at 0.5",
    "sensitivity_30": "sensitivity, IoU 0.3",
    "sensitivity_50": "sensitivity, IoU 0.5",
    "false_per_image_30": "false per image, IoU 0.3",
    "false_per_image_50": "false per image, IoU 0.5",
    "precision_30": "precision, IoU 0.3",
    "precision_50": "precision, IoU 0.5",
}
"""Names of figures of agreement."""
