"""What one evaluation gives: predictions in, figures out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from osteon.core.estimate import Estimate
from osteon.core.operating import OperatingPoint
from osteon.evaluation.binary.measure import Settings, measure
from osteon.evaluation.binary.subgroups import Subgroup, subgroups
from osteon.evaluation.html.section import Section
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.pooling import Pooling, pooled
from osteon.evaluation.predictions.predictions import Predictions
from osteon.evaluation.predictions.refused import NOT_READ
from osteon.stats.classification import Confusion, confusion_at

RANKING: Final = ("auroc", "average_precision")
CALLS: Final = ("sensitivity", "specificity", "ppv", "npv", "f1")
CALIBRATION: Final = ("brier", "ece", "slope", "intercept", "in_the_large", "observed_expected")
CLASSES: Final = ("macro.auroc", "macro.f1", "accuracy", "balanced_accuracy", "kappa")
DETECTION: Final = ("map50", "map", "froc", "precision", "recall")

HOUSEKEEPING: Final = (*NOT_READ, "split")
"""Attributes that say how a row came about; they make no subgroups."""

MOST_GROUPS: Final = 12
"""An attribute with more values than this is an identifier, not a subgroup."""


@dataclass(frozen=True)
class Evaluation:
    """Everything that was measured in one evaluation.

    Attributes:
        predictions: all rows, also those without label or probability.
        points: operating points by name, fixed on other cases.
        figures: by name: per image ``classification.auroc``, per study ``study.classification.auroc``, and in subgroups
            ``subgroups.<attribute>.<value>.auroc`` and ``...auroc_gap``.
        tables: confusion at each point, per image.
        groups: subgroups.
        undefined: names of figures that have no value or no interval here.
        settings: of the intervals.
        sections: what was measured besides: classes, boxes, calibrations, explanations ...; their figures are in
            ``figures``, too.
        boxes: found and marked, of the same images; None without a detector.
    """

    predictions: Predictions
    points: Mapping[str, OperatingPoint]
    figures: Mapping[str, Estimate]
    tables: Mapping[str, Confusion]
    groups: tuple[Subgroup, ...]
    undefined: tuple[str, ...]
    settings: Settings
    sections: tuple[Section, ...] = ()
    boxes: Detections | None = None

    @property
    def binary(self) -> bool:
        """Whether there are figures of one yes-or-no question."""
        return any(name.startswith(("classification.", "calibration.")) for name in self.figures)

    @property
    def headline(self) -> dict[str, Estimate]:
        """The figures that a model card leads with, per image: ranking, calls, calibration, classes, boxes."""
        names = [f"classification.{name}" for name in RANKING]
        names += [f"classification.{point}.{name}" for point in self.points for name in CALLS]
        names += [f"calibration.{name}" for name in CALIBRATION]
        names += [f"classes.{name}" for name in CLASSES] + [f"detection.{name}" for name in DETECTION]
        return {name: self.figures[name] for name in names if name in self.figures}


def evaluate(
    table: Predictions,
    points: Mapping[str, OperatingPoint],
    *,
    pooling: Pooling = "max",
    settings: Settings | None = None,
    alone: bool = True,
) -> Evaluation:
    """Measure the yes-or-no question of a table of predictions.

    Args:
        table: predictions; rows without label or probability are counted and left out.
        points: operating points by name, fixed on other cases.
        pooling: how the images of a study become one probability.
        settings: of the intervals.
        alone: whether nothing else will be measured; otherwise a table of one class, and where there are classes one without
            labels and probabilities, gives an evaluation without figures.

    Raises:
        DataError: no row is complete, there is only one class and nothing else to measure, or only one cluster.
    """
    settings = settings or Settings()
    known = set(table.label[table.labelled & table.read].tolist())
    if (not known and table.classes is not None) or (len(known) < 2 and not alone):
        return Evaluation(table, points, {}, {}, (), (), settings)
    complete = table.complete()
    thresholds = {name: point.threshold for name, point in points.items()}
    measured = measure(complete, thresholds, settings)
    figures, undefined = dict(measured.figures), list(measured.undefined)
    studies = pooled(complete, pooling)
    if len(studies) < len(complete):
        of_studies = measure(studies, thresholds, settings)
        figures |= {f"study.{name}": figure for name, figure in of_studies.figures.items()}
        undefined += [f"study.{name}" for name in of_studies.undefined]
    groups = _groups(complete, thresholds, settings)
    for group in groups:
        prefix = f"subgroups.{group.attribute}.{group.value}"
        figures |= {f"{prefix}.{name}": figure for name, figure in group.figures.items()}
        figures |= {f"{prefix}.{name}_gap": figure for name, figure in group.gaps.items()}
    tables = {name: confusion_at(complete.label, complete.probability, at) for name, at in thresholds.items()}
    return Evaluation(table, points, figures, tables, groups, tuple(undefined), settings)


def _groups(table: Predictions, thresholds: Mapping[str, float], settings: Settings) -> tuple[Subgroup, ...]:
    found: list[Subgroup] = []
    for attribute, values in table.attributes.items():
        if attribute not in HOUSEKEEPING and 1 < len(set(values.tolist())) <= MOST_GROUPS:
            found += subgroups(
                table,
                attribute,
                thresholds,
                resamples=settings.resamples,
                seed=settings.seed,
                level=settings.level,
            )
    return tuple(found)
