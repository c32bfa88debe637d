"""Plots of a reproduction: our figures and the paper's, confusion matrices, ROC curves, and differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from osteon.evaluation.claims.cells import metric_label
from osteon.evaluation.claims.claims import Claims, Entry
from osteon.evaluation.detection.metrics import CONFIDENCE, IOU, counted_boxes
from osteon.evaluation.html.section import Plot
from osteon.evaluation.multiclass.metrics import called, confusion
from osteon.evaluation.multiclass.plots import class_curves, confusion_plot
from osteon.evaluation.predictions.classes import Classes
from osteon.evaluation.predictions.pooling import pooled
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.plot_style import INK, MODEL, QUIET, STYLE, new_axes
from osteon.learning.reproduce.results.comparison import Answer
from osteon.learning.reproduce.results.outcomes import Variant
from osteon.learning.runs.run import open_run
from osteon.learning.training.curves import curves_of, draw_curves
from osteon.stats.checks import Integers
from osteon.stats.detection.froc import detection_confusion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

OF_BOXES = "detection.map50"
"""Figure of detectors that is drawn."""

MOST = 6
"""Variants of which curves are drawn."""


def beside_plot(tables: Sequence[Claims], *, simulated: bool, metric: str | None = None) -> Figure | None:
    """One figure of each row of the tables: the paper's and ours, each with its standard deviation or interval.

    Args:
        tables: of the paper.
        simulated: whether ours is of phantoms.
        metric: which; None takes the first of the first row.
    """
    import matplotlib as mpl

    entries: dict[str, Entry] = {}
    for table in tables:
        for entry in table.entries:
            if metric in (None, entry.metric):
                entries.setdefault(entry.variant, entry)
    metric = next((entry.metric for entry in entries.values()), None)
    rows = [one for one in entries.values() if one.metric == metric and (one.paper is not None or one.ours is not None)]
    if metric is None or not any(one.ours for one in rows):
        return None
    with mpl.rc_context(STYLE):
        figure, axes = new_axes(
            f"{metric_label(metric)}: the paper and ours", metric_label(metric), "", (7.2, 1.5 + 0.32 * len(rows))
        )
        for y, one in enumerate(rows):
            if one.paper is not None:
                half = one.paper_sd or 0.0
                label = "paper, mean ± sd" if one.paper_sd is not None else "paper"
                axes.errorbar(
                    one.paper, y - 0.13, xerr=half, fmt="D", ms=5, color=QUIET, capsize=2.5, lw=1.2, label=label
                )
            if one.ours is None:
                continue
            ours = one.ours
            if ours.sd is not None:
                spread = np.array([[ours.sd], [ours.sd]])
                label = "ours, mean ± sd over seeds"
            else:
                low, high = ours.low or ours.value, ours.high or ours.value
                spread = np.array([[max(ours.value - low, 0.0)], [max(high - ours.value, 0.0)]])
                label = "ours, 95 % interval"
            label += ", SYNTHETIC data" if simulated else ""
            axes.errorbar(
                ours.value, y + 0.13, xerr=spread, fmt="o", ms=6, color=MODEL, capsize=2.5, lw=1.4, label=label
            )
        axes.set_yticks(range(len(rows)), [one.variant for one in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        handles, labels = axes.get_legend_handles_labels()
        unique = dict(zip(labels, handles, strict=True))
        figure.legend(unique.values(), unique.keys(), loc="outside lower center", ncols=2)
    return figure


def differences_plot(answers: Sequence[Answer]) -> Figure | None:
    """The first figure of each answer, as a difference with its interval."""
    import matplotlib as mpl

    # Two questions may come down to the same pair.
    rows = list({_sides(answer): answer.pairs[0] for answer in answers if answer.pairs}.items())
    if not rows:
        return None
    with mpl.rc_context(STYLE):
        words = metric_label(rows[0][1].figure)
        figure, axes = new_axes(
            "Differences on the same cases", f"Difference of {words}", "", (7.2, 1.3 + 0.5 * len(rows))
        )
        axes.axvline(0, color=INK, lw=0.9)
        for y, (_, pair) in enumerate(rows):
            one = pair.difference
            sure = one.ends is not None and (one.ends[0] > 0 or one.ends[1] < 0)
            if one.ends is not None:
                axes.plot(one.ends, [y, y], color=MODEL if sure else QUIET, lw=2)
            axes.plot(one.value, y, "o", ms=7, color=MODEL if sure else QUIET, mec="white", mew=1)
        axes.set_yticks(range(len(rows)), [sides for sides, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
    return figure


def _sides(answer: Answer) -> str:
    """Who is compared with whom, and whether by study."""
    return f"{answer.contrast.first}\nless {answer.best}" + (", by study" if answer.contrast.averaged else "")


def variant_plots(found: Sequence[Variant], data: str) -> dict[str, tuple[str, Plot]]:
    """Confusion over all seeds and ROC curves of the first seed, by name, with the variant: as PediURF's Figure 5."""
    made: dict[str, tuple[str, Plot]] = {}
    for variant in found[:MOST]:
        known = [_known(variant, run.predictions) for run in variant.runs]
        runs = [classes for classes in known if classes is not None]
        if not runs:
            continue
        names = runs[0].names
        if runs[0].exclusive:
            cells = sum(confusion(classes.truth, called(classes), np.ones((1, len(classes))))[0] for classes in runs)
            drawing = confusion_plot(np.asarray(cells, np.float64), names, names, variant.name)
            seeds = f"{len(runs)} seeds together" if len(runs) > 1 else "one seed"
            made[f"confusion_{variant.name}"] = (
                variant.name,
                Plot(
                    drawing,
                    f"Confusion matrix: cases by true class (rows) and called class (columns), {seeds}. {data}",
                ),
            )
        curve = class_curves(runs[0])["classes_roc"]
        curve.axes[0].set_title(f"{variant.name}: ROC", loc="left", fontsize=11, fontweight="bold", pad=10)
        made[f"roc_{variant.name}"] = (variant.name, Plot(curve, f"Each class against all others, first seed. {data}"))
    return made


def box_plots(found: Sequence[Variant], data: str) -> dict[str, Plot]:
    """The confusion matrix of each detector over all seeds, by name: as FractuVision's Figure 3."""
    made: dict[str, Plot] = {}
    for variant in found:
        cells = box_confusion(variant)
        if cells is None:
            continue
        names = next(run.boxes.names for run in variant.runs if run.boxes is not None)
        counts = cells.astype(np.float64)
        counts[-1, -1] = np.nan
        drawing = confusion_plot(counts, (*names, "nothing there"), (*names, "not found"), variant.name)
        words = (
            f"Boxes with confidence ≥ {CONFIDENCE:g}, paired at IoU ≥ {IOU:g}: what is marked (rows), what was found."
        )
        made[f"boxes_{variant.name}"] = Plot(drawing, f"{words} {data}".strip())
    return made


def training_plots(found: Sequence[Variant], data: str) -> dict[str, Plot]:
    """Training curves of the first seed of each recipe that is trained by itself, by name."""
    made: dict[str, Plot] = {}
    for variant in [one for one in found if one.recipe.trainable][:MOST]:
        folder = variant.runs[0].work.run
        curves = curves_of(open_run(folder)) if (folder / "run.json").is_file() else ()
        if curves:
            drawing = draw_curves(curves, variant.recipe.selection.metric, f"{variant.name}: training")
            words = "Loss, accuracy and learning rate by epoch, first seed; dashed: the epoch that each phase kept."
            made[f"curves_{variant.name}"] = Plot(drawing, f"{words} {data}".strip())
    return made


def box_confusion(variant: Variant) -> Integers | None:
    """Confusion matrix of boxes, over all seeds, (classes + 1, classes + 1); None of a classifier or a fusion."""
    if variant.recipe.fuses:
        return None
    every = [run.boxes.select(run.boxes.read) for run in variant.runs if run.boxes is not None]
    if not every or len({one.names for one in every}) > 1:
        return None
    each = [
        detection_confusion(
            one.truth, counted_boxes(one, CONFIDENCE), classes=len(one.names), iou=IOU, confidence=CONFIDENCE
        )
        for one in every
    ]
    return np.sum(each, axis=0)


def _known(variant: Variant, predictions: Predictions) -> Classes | None:
    """Classes of the rows that figures are made of; of studies where the network sees all images of one."""
    table = pooled(predictions, "mean") if variant.recipe.images.together else predictions
    if table.classes is None or not table.classes.usable().any():
        return None
    return table.classes.select(table.classes.usable())
