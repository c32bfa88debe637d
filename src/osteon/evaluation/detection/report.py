"""Detection in the report: average precision, FROC, the confusion matrix of detectors, and films with boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.detection.contact_sheet import FILMS, Points, box_sheet
from osteon.evaluation.detection.metrics import CONFIDENCE, IOU, measure_boxes
from osteon.evaluation.detection.pictures import box_pictures, worst_boxes
from osteon.evaluation.detection.plots import box_plots
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.multiclass.plots import confusion_plot
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Texts
from osteon.html.parts import box, cell, code, figure_cell, joined, paragraph, row, table
from osteon.stats.detection.froc import FROC_RATES, detection_confusion

CAPTIONS: Final = {
    "detection_precision_recall": "Boxes in falling order of confidence; precision is made falling, as COCO reads it.",
    "detection_iou": "How much of the average precision is left when boxes must fit more tightly.",
    "detection_froc": "Share of the true boxes that are hit against false alarms per image; marks as in LUNA16.",
    "detection_confusion": f"Boxes with confidence ≥ {CONFIDENCE:g}, paired at IoU ≥ {IOU:g}.",
}

ROWS: Final = {
    "map50": "mAP, IoU 0.5",
    "map": "mAP, IoU 0.5 to 0.95",
    "map75": "mAP, IoU 0.75",
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
    """Measure found boxes against marked ones.

    Args:
        detections: of the images of a table.
        clusters: what intervals resample, (n,).
        images: paths, (n,).
        root: their folder; without it no film is shown.
        settings: of the intervals.
        points: confidences from which boxes are shown, and shown as certain; None takes that of the confusion matrix.

    Raises:
        DataError: nothing is marked in the images that were read, or there is only one cluster.
    """
    measured = measure_boxes(detections, clusters, settings)
    kept = detections.select(detections.read)
    names = kept.names
    plots = {name: Plot(one, CAPTIONS[name]) for name, one in box_plots(measured.matches, names).items()}
    cells = detection_confusion(kept.truth, kept.found, classes=len(names), iou=IOU, confidence=CONFIDENCE)
    counts = cells.astype(np.float64)
    counts[-1, -1] = np.nan
    drawing = confusion_plot(counts, (*names, "nothing there"), (*names, "not found"), "Boxes found and missed")
    plots["detection_confusion"] = Plot(drawing, CAPTIONS["detection_confusion"])
    paths = [image for image, read in zip(images, detections.read.tolist(), strict=True) if read]
    shown = worst_boxes(kept, CONFIDENCE, IOU)
    films = None if root is None else box_sheet(kept, paths, root, points or Points())
    return Section(
        title="Detection",
        content=paragraph(_intro(kept, measured.figures))
        + box(_table(names, measured.figures), "wide")
        + (_explained() if root is not None and shown else ""),
        plots=plots,
        pictures=() if root is None else box_pictures(kept, paths, root, shown, CONFIDENCE),
        figures=measured.figures,
        card=_card(measured.figures),
        files={} if films is None else {FILMS: films},
    )


def _intro(kept: Detections, figures: Mapping[str, Estimate]) -> str:
    marked = len(np.unique(kept.truth.image))
    precision = figures.get("detection.map50")
    some = precision is not None and precision.value > 0
    nothing = "" if some else " No found box hits a marked one: average precision is 0."
    return (
        f"{len(kept.found):,} found boxes against {len(kept.truth):,} marked ones in {marked:,} of {len(kept):,} "
        "images. A found box is a hit where it overlaps a free true box of its class by the IoU that is named; "
        "average precision is the mean precision at 101 levels of recall, as COCO computes it." + nothing
    )


def _explained() -> str:
    return paragraph(
        joined(
            "On the images below the plots, green boxes were annotated by readers and orange ones found, with their "
            "confidence: first the largest missed boxes, then the surest false alarms, then the hits that fit worst. ",
            code(FILMS),
            ", beside this report, shows images chosen at random, annotated and found boxes side by side.",
        )
    )


def _table(names: Sequence[str], figures: Mapping[str, Estimate]) -> str:
    rows = [
        row(
            [
                cell(words),
                figure_cell(figures.get(f"detection.{key}")),
                figure_cell(figures.get(f"detection.marked.{key}")),
            ]
        )
        for key, words in (ROWS | _per_class(names, figures)).items()
        if f"detection.{key}" in figures
    ]
    first = table(("", "all images", "only images with a box"), rows, caption="Average precision, with 95 % intervals")
    rates = {"froc": "Sensitivity for boxes, mean over the rates"}
    rates |= {f"froc_at_{rate:g}": f"at {rate:g} false alarms per image" for rate in FROC_RATES}
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
    return {key: words for key, words in keys.items() if f"detection.{key}" in figures}


def _card(figures: Mapping[str, Estimate]) -> str:
    lines = ["| figure | value | 95 % interval |", "|---|---|---|"]
    for key, words in (ROWS | {"froc": "FROC, mean sensitivity"} | COUNTS).items():
        one = figures.get(f"detection.{key}")
        if one is not None:
            lines.append(f"| {words} | {one.value:.3f} | {one.between} |")
    lines += ["", f"Precision, recall and F1 of boxes at confidence ≥ {CONFIDENCE:g} and IoU ≥ {IOU:g}."]
    return "\n".join(lines)
