"""Detection in the report: average precision, FROC, confusion matrix, and images with boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.detection.contact_sheet import SHEET_FILE, Points, box_sheet
from osteon.evaluation.detection.metrics import CONFIDENCE, IOU, counted_boxes, measure_boxes
from osteon.evaluation.detection.pictures import box_pictures, worst_boxes
from osteon.evaluation.detection.plots import box_plots
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.multiclass.plots import confusion_plot
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Texts
from osteon.html.parts import box, cell, code, figure_cell, joined, paragraph, row, table
from osteon.stats.detection.froc import FROC_RATES, detection_confusion

CAPTIONS: Final = {
    "detection_precision_recall": "Boxes in falling order of confidence; precision is made monotone, as in COCO.",
    "detection_iou": "Average precision when a hit requires a higher IoU.",
    "detection_froc": "Share of the annotated boxes that are hit against false positives per image, at the rates of LUNA16.",
    "detection_confusion": f"Boxes with confidence ≥ {CONFIDENCE:g}, paired at IoU ≥ {IOU:g}.",
}

ROWS: Final = {
    "map50": "mAP, IoU 0.5",
    "map": "mAP, IoU 0.5 to 0.95",
    "map75": "mAP, IoU 0.75",
    "map20_50": "mAP, IoU 0.2 to 0.5",
}
COUNTS: Final = {"precision": "Precision", "recall": "Recall", "f1": "F1"}


def box_section(
    detections: Detections,
    clusters: Texts,
    images: Sequence[str],
    root: Path | None,
    settings: Settings,
    points: Points | None = None,
) -> Section:
    """Compare detected with annotated boxes.

    Args:
        detections: of the images of a table.
        clusters: resampled for the intervals, (n,).
        images: paths, (n,).
        root: their folder; without it no image is shown.
        settings: of the intervals.
        points: minimum confidence of boxes that are shown, and of those with solid lines; by default that of the
            confusion matrix.

    Raises:
        DataError: nothing is annotated in the images that were read, or there is only one cluster.
    """
    measured = measure_boxes(detections, clusters, settings)
    kept = detections.select(detections.read)
    names = kept.names
    plots = {name: Plot(drawing_of, CAPTIONS[name]) for name, drawing_of in box_plots(measured.matches, names).items()}
    shown_boxes = counted_boxes(kept, CONFIDENCE)
    cells = detection_confusion(kept.truth, shown_boxes, classes=len(names), iou=IOU, confidence=CONFIDENCE)
    counts = cells.astype(np.float64)
    counts[-1, -1] = np.nan
    drawing = confusion_plot(counts, (*names, "background"), (*names, "not detected"), "Boxes detected and missed")
    plots["detection_confusion"] = Plot(drawing, CAPTIONS["detection_confusion"])
    paths = [image for image, read in zip(images, detections.read.tolist(), strict=True) if read]
    shown = worst_boxes(kept, CONFIDENCE, IOU)
    sheet = None if root is None else box_sheet(kept, paths, root, points or Points())
    return Section(
        title="Detection",
        content=paragraph(_intro(kept, measured.figures))
        + box(_table(names, measured.figures), "wide")
        + (_explained() if root is not None and shown else ""),
        plots=plots,
        pictures=() if root is None else box_pictures(kept, paths, root, shown, CONFIDENCE),
        figures=measured.figures,
        card=_card(measured.figures),
        files={} if sheet is None else {SHEET_FILE: sheet},
    )


def _intro(kept: Detections, figures: Mapping[str, Estimate]) -> str:
    annotated = len(np.unique(kept.truth.image))
    crowds = (
        f" {len(kept.crowds):,} annotated crowds are not boxes to be found: a detected box that hits none, but lies in one, "
        "is left out, as COCO does."
        if len(kept.crowds)
        else ""
    )
    precision = figures.get("detection.map50")
    some = precision is not None and precision.value > 0
    nothing = "" if some else " No detected box hits an annotated one: average precision is 0."
    return (
        f"{len(kept.found):,} detected boxes against {len(kept.truth):,} annotated ones in {annotated:,} of {len(kept):,} "
        "images. A detected box is a hit where it overlaps an unmatched annotated box of its class by the stated IoU; "
        "average precision is the mean precision at 101 levels of recall, as COCO computes it." + crowds + nothing
    )


def _explained() -> str:
    return paragraph(
        joined(
            "On the images below the plots, green boxes were annotated by readers and orange ones found, with their "
            "confidence: first the largest missed boxes, then the surest false alarms, then the hits that fit worst. ",
            code(SHEET_FILE),
            ", beside this report, shows images chosen at random, annotated and found boxes side by side.",
        )
    )


def _table(names: Sequence[str], figures: Mapping[str, Estimate]) -> str:
    rows = [
        row(
            [
                cell(label),
                figure_cell(figures.get(f"detection.{key}")),
                figure_cell(figures.get(f"detection.marked.{key}")),
            ]
        )
        for key, label in (ROWS | _per_class(names, figures)).items()
        if f"detection.{key}" in figures
    ]
    first = table(("", "all images", "only images with a box"), rows, caption="Average precision, with 95 % intervals")
    rates = {"froc": "Sensitivity for boxes, mean over the rates"}
    rates |= {f"froc_at_{rate:g}": f"at {rate:g} false positives per image" for rate in FROC_RATES}
    lines = [
        row([cell(words), figure_cell(figures.get(f"detection.{key}"))])
        for key, words in (
            rates | {key: f"{word}, confidence ≥ {CONFIDENCE:g}" for key, word in COUNTS.items()}
        ).items()
        if f"detection.{key}" in figures
    ]
    return first + table(("", "value and 95 % interval"), lines, caption="Sensitivity for boxes, and counts")


def _per_class(names: Sequence[str], figures: Mapping[str, Estimate]) -> dict[str, str]:
    if len(names) < 2:
        return {}
    keys = {f"ap50.{name}": f"AP of {name}, IoU 0.5" for name in names}
    keys |= {f"ap.{name}": f"AP of {name}, IoU 0.5 to 0.95" for name in names}
    keys |= {f"ap20_50.{name}": f"AP of {name}, IoU 0.2 to 0.5" for name in names}
    return {key: words for key, words in keys.items() if f"detection.{key}" in figures}


def _card(figures: Mapping[str, Estimate]) -> str:
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    for key, label in (ROWS | {"froc": "FROC, mean sensitivity"} | COUNTS).items():
        estimate = figures.get(f"detection.{key}")
        if estimate is not None:
            lines.append(f"| {label} | {estimate.value:.3f} | {estimate.between} |")
    lines += ["", f"Precision, recall and F1 of boxes at confidence ≥ {CONFIDENCE:g} and IoU ≥ {IOU:g}."]
    return "\n".join(lines)
