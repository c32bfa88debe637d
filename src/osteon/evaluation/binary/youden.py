"""The threshold of Youden's index in the report: the index over all thresholds of validation predictions, and the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import guard
from osteon.evaluation.html.section import Plot, Section
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.parts import paragraph
from osteon.html.plot_style import MODEL, POINTS, QUIET, STYLE, new_axes
from osteon.stats.bootstrap import defined, figure, replicate
from osteon.stats.operating import YoudenThreshold, youden, youden_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE: Final = "Threshold of Youden's index"
CALIBRATED: Final = "threshold.youden"
UNCALIBRATED: Final = "threshold.youden_uncalibrated"
PLOT: Final = "youden"


def youden_section(validation: Predictions, settings: Settings, *, calibrated: bool = True) -> Section | None:
    """Youden's index over the threshold on validation predictions, with the threshold of the highest.

    The figure is ``threshold.youden``, or ``threshold.youden_uncalibrated``: papers choose theirs on the probabilities of the
    network as it is. Its interval is over resamples of the validation cases.

    Args:
        validation: predictions of the validation part; rows without label or probability are left out.
        settings: of the interval.
        calibrated: whether the probabilities are those of a calibrated bundle.

    Returns:
        None where validation has one class, or one cluster, only.
    """
    rows = validation.labelled & validation.read
    if len(np.unique(validation.label[rows])) < 2:
        return None
    known = validation.select(rows)
    if len(np.unique(known.cluster)) < 2:
        return None
    chosen = youden(known.label, known.probability)
    statistic = YoudenThreshold(known.label, known.probability)
    replicates = replicate(statistic, clusters=known.cluster, resamples=settings.resamples, seed=settings.seed)
    name = CALIBRATED if calibrated else UNCALIBRATED
    figures: dict[str, Estimate] = {}
    if "threshold" in defined(replicates):
        figures[name] = guard(known).applied(name, figure(replicates, "threshold", level=settings.level))
    index = chosen.sensitivity + chosen.specificity - 1
    kind = "calibrated" if calibrated else "not calibrated"
    between = f" (interval {figures[name].between})" if name in figures and figures[name].ends is not None else ""
    words = (
        f"On {len(known):,} validation images the index, sensitivity + specificity - 1, is highest at {chosen.threshold:.4f}"
        f"{between}, where it is {index:.3f}: sensitivity {chosen.sensitivity:.3f}, specificity {chosen.specificity:.3f}. "
        f"Probabilities are {kind}."
    )
    drawing = _drawing(known, chosen.threshold, index, figures.get(name))
    caption = (
        "Youden's index at every threshold of the validation part; the dot is the chosen one, with its 95 % interval."
    )
    return Section(TITLE, content=paragraph(words), plots={PLOT: Plot(drawing, caption)}, figures=figures)


def _drawing(known: Predictions, threshold: float, index: float, estimate: Estimate | None) -> Figure:
    import matplotlib as mpl

    curve = youden_curve(known.label, known.probability)
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes("Youden's index, validation part", "Threshold", "Sensitivity + specificity − 1")
        if estimate is not None and estimate.ends is not None:
            axes.axvspan(*estimate.ends, color=QUIET, alpha=0.18, lw=0)
        axes.plot(curve.thresholds, curve.heights, color=MODEL, lw=1.8)
        axes.axvline(threshold, color=QUIET, lw=0.9, ls=(0, (4, 3)))
        label = f"c* = {threshold:.4f}, J = {index:.3f}"
        axes.plot(threshold, index, "o", ms=7, color=POINTS[0], mec="white", mew=1.2, label=label)
        axes.set_xlim(0, 1)
        axes.legend(loc="lower center")
    return drawing
