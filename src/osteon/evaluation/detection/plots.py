"""Plots of boxes: precision-recall curve at IoU 0.5, average precision over IoU, and FROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from osteon.evaluation.multiclass.plots import COLOURS, DASHES
from osteon.html.plot_style import MODEL, QUIET, STYLE, has_labels, new_axes, unit_square
from osteon.stats.detection.average_precision import AveragePrecision
from osteon.stats.detection.boxes import Matches
from osteon.stats.detection.froc import FROC_RATES, froc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEWEST: Final = 0.05
"""False positives per image at the left end of the FROC curve."""


def box_plots(matches: Matches, names: tuple[str, ...]) -> dict[str, Figure]:
    """``detection_precision_recall``, ``detection_iou`` and ``detection_froc``.

    Args:
        matches: at COCO's ten thresholds.
        names: of the classes.
    """
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        table = AveragePrecision(matches, names).table(np.ones((1, matches.images)))[0]
        return {
            "detection_precision_recall": _precision_recall(matches, names, table[:, 0]),
            "detection_iou": _over_iou(matches, names, table),
            "detection_froc": _froc(matches),
        }


def _precision_recall(matches: Matches, names: tuple[str, ...], areas: np.ndarray) -> Figure:
    figure, axes = new_axes("Precision and recall of boxes, IoU 0.5", "Recall (annotated boxes hit)", "Precision")
    for i, name in enumerate(names):
        total = int(matches.positives[:, i].sum())
        hit = matches.hit[(matches.found.label == i) & ~matches.ignored[:, 0], 0]
        if not total or not len(hit):
            continue
        recall = np.cumsum(hit) / total
        precision = np.maximum.accumulate((np.cumsum(hit) / np.arange(1, len(hit) + 1))[::-1])[::-1]
        axes.step(
            np.append(0.0, recall),
            np.append(precision[0], precision),
            where="pre",
            color=COLOURS[i % len(COLOURS)],
            ls=DASHES[i // len(COLOURS) % len(DASHES)],
            lw=1.7,
            label=f"{name}: AP {areas[i]:.3f}",
        )
    unit_square(axes)
    if has_labels(axes):
        axes.legend(loc="upper right")
    return figure


def _over_iou(matches: Matches, names: tuple[str, ...], table: np.ndarray) -> Figure:
    figure, axes = new_axes("Average precision over IoU", "IoU that counts as a hit", "Average precision")
    for i, name in enumerate(names):
        if np.isfinite(table[i]).all():
            axes.plot(matches.thresholds, table[i], "o-", ms=4, lw=1.6, color=COLOURS[i % len(COLOURS)], label=name)
    axes.set_ylim(0, 1.015)
    if has_labels(axes):
        axes.legend(loc="upper right")
    return figure


def _froc(matches: Matches) -> Figure:
    curve = froc(matches)
    figure, axes = new_axes("FROC curve, IoU 0.5", "False positives per image", "Sensitivity for annotated boxes")
    shown = np.maximum(curve.alarms, FEWEST)
    axes.step(shown, curve.sensitivity, where="post", color=MODEL, lw=1.8, label=f"mean at the marks {curve.mean:.3f}")
    end = max(float(curve.alarms[-1]), FEWEST)
    axes.hlines(curve.sensitivity[-1], end, FROC_RATES[-1], color=MODEL, lw=1, ls=(0, (2, 2)))
    axes.set_xscale("log")
    axes.set_xticks(FROC_RATES, [f"{rate:g}" for rate in FROC_RATES])
    axes.minorticks_off()
    for rate in FROC_RATES:
        axes.axvline(rate, color=QUIET, lw=0.6, ls=(0, (2, 3)))
    axes.set_xlim(FEWEST, FROC_RATES[-1])
    axes.set_ylim(0, 1.015)
    axes.legend(loc="upper left")
    return figure
