"""What one evaluation gives: predictions in, a folder with report, figures, plots and predictions out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from osteon.bundle.manifest import Figure, OperatingPoint
from osteon.evaluation.classification import Confusion, confusion_at
from osteon.evaluation.measure import Settings, measure
from osteon.evaluation.plots import all_plots, render
from osteon.evaluation.predictions import Predictions, write_predictions
from osteon.evaluation.report import Picture, Sheet, render_report
from osteon.evaluation.studies import Pooling, pooled
from osteon.evaluation.subgroups import Subgroup, subgroups

RANKING: Final = ("auroc", "average_precision")
CALLS: Final = ("sensitivity", "specificity", "ppv", "npv", "f1")
CALIBRATION: Final = ("brier", "ece", "slope", "intercept")

HOUSEKEEPING: Final = ("refused", "failed", "split")
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
    """

    predictions: Predictions
    points: Mapping[str, OperatingPoint]
    figures: Mapping[str, Figure]
    tables: Mapping[str, Confusion]
    groups: tuple[Subgroup, ...]
    undefined: tuple[str, ...]
    settings: Settings

    @property
    def headline(self) -> dict[str, Figure]:
        """The figures that a model card leads with, per image: ranking, calls at each point, calibration."""
        names = [f"classification.{name}" for name in RANKING]
        names += [f"classification.{point}.{name}" for point in self.points for name in CALLS]
        names += [f"calibration.{name}" for name in CALIBRATION]
        return {name: self.figures[name] for name in names if name in self.figures}


@dataclass(frozen=True)
class Story:
    """What figures cannot say of themselves.

    Attributes:
        title: what was evaluated.
        subtitle: on what.
        about: facts, by name.
        cautions: what limits the figures, a sentence each.
        wrong: cases that were judged wrongly.
        checklist: topics of reporting guidelines, and where each is answered, or empty.
    """

    title: str
    subtitle: str
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    cautions: Sequence[str] = ()
    wrong: Sequence[Picture] = ()
    checklist: Sequence[tuple[str, str]] = ()


def evaluate(
    table: Predictions,
    points: Mapping[str, OperatingPoint],
    *,
    pooling: Pooling = "max",
    settings: Settings | None = None,
) -> Evaluation:
    """Measure a table of predictions.

    Args:
        table: predictions; rows without label or probability are counted and left out.
        points: operating points by name, fixed on other cases.
        pooling: how the images of a study become one probability.
        settings: of the intervals.

    Raises:
        DataError: no row is complete, there is only one class, or only one cluster.
    """
    settings = settings or Settings()
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


def write_evaluation(evaluation: Evaluation, story: Story, out: Path, *, parquet: bool = True) -> None:
    """Write ``report.html``, ``figures.json``, ``evaluation.json``, ``plots/`` and ``predictions.parquet`` or ``.csv``.

    Raises:
        OSError: the folder cannot be written.
    """
    (out / "plots").mkdir(parents=True, exist_ok=True)
    write_predictions(evaluation.predictions, out / f"predictions.{'parquet' if parquet else 'csv'}")
    figures = {name: figure.model_dump() for name, figure in evaluation.figures.items()}
    _write_json(figures, out / "figures.json")
    _write_json(
        {
            "title": story.title,
            "subtitle": story.subtitle,
            "about": dict(story.about),
            "cautions": list(story.cautions),
            "operating_points": {name: point.model_dump() for name, point in evaluation.points.items()},
            "undefined": list(evaluation.undefined),
            "warnings": {f"{one.attribute}.{one.value}": one.warning for one in evaluation.groups if one.warning},
            "resamples": evaluation.settings.resamples,
            "seed": evaluation.settings.seed,
            "level": evaluation.settings.level,
        },
        out / "evaluation.json",
    )
    thresholds = {name: point.threshold for name, point in evaluation.points.items()}
    vectors: dict[str, bytes] = {}
    for name, plot in all_plots(evaluation.predictions.complete(), thresholds, evaluation.groups).items():
        vectors[name] = render(plot, "svg")
        (out / "plots" / f"{name}.svg").write_bytes(vectors[name])
        (out / "plots" / f"{name}.png").write_bytes(render(plot, "png"))
    (out / "report.html").write_text(render_report(sheet(evaluation, story, vectors)), encoding="utf-8")


def sheet(evaluation: Evaluation, story: Story, plots: Mapping[str, bytes]) -> Sheet:
    """What the report shows of an evaluation."""
    apart = ("study.", "subgroups.")
    images = {name: figure for name, figure in evaluation.figures.items() if not name.startswith(apart)}
    studies = {
        name.removeprefix("study."): figure for name, figure in evaluation.figures.items() if name.startswith("study.")
    }
    return Sheet(
        title=story.title,
        subtitle=story.subtitle,
        about=story.about,
        cautions=story.cautions,
        figures=images,
        study_figures=studies,
        points=evaluation.points,
        tables=evaluation.tables,
        groups=evaluation.groups,
        plots=plots,
        wrong=story.wrong,
        checklist=story.checklist,
    )


def _write_json(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
