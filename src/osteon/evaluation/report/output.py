"""An evaluation as a folder: report, figures, plots, predictions, boxes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from osteon.evaluation.binary.plots import all_plots
from osteon.evaluation.drawing.files import write_plots
from osteon.evaluation.predictions.boxfiles import write_boxes
from osteon.evaluation.predictions.predictions import Predictions, write_predictions
from osteon.evaluation.report.context import ReportContext
from osteon.evaluation.report.report import Sheet, render_report
from osteon.evaluation.report.result import Evaluation


def write_evaluation(
    evaluation: Evaluation, report_context: ReportContext, out: Path, *, parquet: bool = True, page: bool = True
) -> None:
    """Write ``report.html``, ``figures.json``, ``evaluation.json``, ``plots/`` and ``predictions.parquet`` or ``.csv``.

    Found boxes are written to ``detections.json`` as COCO results, marked ones to ``marks.json``; images with both side by side
    to ``boxes.png``.

    Args:
        evaluation: to write.
        report_context: what stands beside the figures.
        out: folder.
        parquet: whether predictions are written as Parquet, not as CSV.
        page: whether ``report.html`` and ``plots/`` are written.

    Raises:
        OSError: the folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    write_predictions(evaluation.predictions, out / f"predictions.{'parquet' if parquet else 'csv'}")
    if evaluation.boxes is not None:
        write_boxes(evaluation.boxes, evaluation.predictions.image.tolist(), out)
    figures = {name: figure.model_dump() for name, figure in evaluation.figures.items()}
    _write_json(figures, out / "figures.json")
    _write_json(
        {
            "title": report_context.title,
            "subtitle": report_context.subtitle,
            "about": dict(report_context.about),
            "counts": _counts(evaluation.predictions),
            **({} if report_context.part is None else {"part": asdict(report_context.part)}),
            "cautions": list(report_context.cautions),
            "operating_points": {name: point.model_dump() for name, point in evaluation.points.items()},
            "undefined": list(evaluation.undefined),
            "warnings": {f"{one.attribute}.{one.value}": one.warning for one in evaluation.groups if one.warning},
            "resamples": evaluation.settings.resamples,
            "seed": evaluation.settings.seed,
            "level": evaluation.settings.level,
        },
        out / "evaluation.json",
    )
    for section in evaluation.sections:
        for name, content in section.files.items():
            (out / name).write_bytes(content)
    if page:
        vectors = _draw(evaluation, out / "plots")
        (out / "report.html").write_text(render_report(sheet(evaluation, report_context, vectors)), encoding="utf-8")


def _counts(predictions: Predictions) -> dict[str, int]:
    """Images, and those with the label and without it, where some of them are labelled."""
    counts = {"images": len(predictions)}
    if not predictions.labelled.any():
        return counts
    values = (("positive", 1), ("negative", 0))
    return counts | {name: int((predictions.label == value).sum()) for name, value in values}


def _draw(evaluation: Evaluation, folder: Path) -> dict[str, bytes]:
    """Write every plot as PNG and SVG; the latter by name."""
    folder.mkdir(exist_ok=True)
    thresholds = {name: point.threshold for name, point in evaluation.points.items()}
    drawings = {}
    if evaluation.binary:
        drawings = all_plots(evaluation.predictions.complete(), thresholds, evaluation.groups)
    for section in evaluation.sections:
        drawings |= {name: plot.drawing for name, plot in section.plots.items()}
    return write_plots(drawings, folder)


def sheet(evaluation: Evaluation, report_context: ReportContext, plots: Mapping[str, bytes]) -> Sheet:
    """What the report shows of an evaluation."""
    apart = ("study.", "subgroups.")
    images = {name: figure for name, figure in evaluation.figures.items() if not name.startswith(apart)}
    studies = {
        name.removeprefix("study."): figure for name, figure in evaluation.figures.items() if name.startswith("study.")
    }
    return Sheet(
        title=report_context.title,
        subtitle=report_context.subtitle,
        about=report_context.about,
        cautions=report_context.cautions,
        figures=images,
        study_figures=studies,
        points=evaluation.points,
        prevalences=evaluation.settings.prevalences,
        tables=evaluation.tables,
        groups=evaluation.groups,
        plots=plots,
        sections=evaluation.sections,
        errors=report_context.errors,
        checklist=report_context.checklist,
    )


def _write_json(content: object, path: Path) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
