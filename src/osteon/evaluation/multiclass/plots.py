"""Plots of several classes: ROC and precision-recall curves of each against the rest, and confusion matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from osteon.evaluation.predictions.classes import Classes
from osteon.html.plot_style import INK, QUIET, STYLE, has_labels, new_axes, unit_square
from osteon.stats.checks import Floats
from osteon.stats.ranking import auroc, average_precision, precision_recall_curve, roc_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#1f5fa8", "#c2410c", "#0f766e", "#7c3aed", "#a16207", "#be185d", "#4d7c0f", "#475569")
DASHES: Final = ("-", (0, (5, 1.5)), (0, (1.5, 1)))
"""Eight colours, then the same dashed and dotted: 24 distinguishable classes."""


def class_curves(classes: Classes) -> dict[str, Figure]:
    """``classes_roc`` and ``classes_precision_recall``, one curve for each class with positive and negative cases.

    Args:
        classes: of usable rows.
    """
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        roc, roc_axes = new_axes("ROC curve of each class", "1 − specificity", "Sensitivity", (5.4, 5.2))
        recall, recall_axes = new_axes("Precision and recall of each class", "Recall", "Precision", (5.4, 5.2))
        roc_axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)))
        for i, name in enumerate(classes.names):
            known = classes.truth[:, i] >= 0
            truth, chance = classes.truth[known, i], classes.probability[known, i]
            if not 0 < truth.sum() < len(truth):
                continue
            look: dict[str, Any] = {
                "color": COLOURS[i % len(COLOURS)],
                "ls": DASHES[i // len(COLOURS) % len(DASHES)],
                "lw": 1.5,
            }
            curve = roc_curve(truth, chance)
            roc_axes.plot(1 - curve.specificity, curve.sensitivity, label=f"{name} {auroc(truth, chance):.3f}", **look)
            steps = precision_recall_curve(truth, chance)
            recall_axes.step(
                np.append(0.0, steps.recall),
                np.append(steps.precision[0], steps.precision),
                where="pre",
                label=f"{name} {average_precision(truth, chance):.3f}",
                **look,
            )
        size = 8 if len(classes.names) < 9 else 6.5
        unit_square(roc_axes)
        unit_square(recall_axes)
        if has_labels(roc_axes):
            roc_axes.legend(loc="lower right", fontsize=size)
            recall_axes.legend(loc="lower left", fontsize=size)
    return {"classes_roc": roc, "classes_precision_recall": recall}


def confusion_plot(cells: Floats, rows: tuple[str, ...], columns: tuple[str, ...], title: str) -> Figure:
    """A confusion matrix: counts, shaded by their share of the row.

    Args:
        cells: counts, rows true, columns predicted; NaN where undefined.
        rows: names of the true classes.
        columns: names of the predicted classes.
        title: of the plot.
    """
    import matplotlib as mpl

    size = (2.2 + 0.62 * len(columns), 1.6 + 0.5 * len(rows))
    with mpl.rc_context(STYLE):
        figure, axes = new_axes(title, "Predicted", "True", size)
        share = np.divide(cells, np.nansum(cells, axis=1, keepdims=True), out=np.zeros(cells.shape), where=cells > 0)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.grid(visible=False)
        axes.set_xticks(range(len(columns)), columns, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), rows)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        for (y, x), count in np.ndenumerate(cells):
            if np.isnan(count):
                continue
            dark = bool(share[y, x] > 0.55)
            colour = "white" if dark else (INK if count else QUIET)
            axes.text(x, y, f"{count:,.0f}", ha="center", va="center", color=colour, fontsize=8.5)
    return figure
