"""Plots of predictions, each a separate Matplotlib figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.binary.subgroups import Subgroup
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.plot_style import INK, MODEL, NEGATIVE, POINTS, POSITIVE, QUIET, STYLE, new_axes, unit_square
from osteon.stats.classification import confusion_at
from osteon.stats.ranking import auroc, average_precision, precision_recall_curve, roc_curve
from osteon.stats.recalibration.smooth import calibration_curve
from osteon.stats.reliability import reliability_bins
from osteon.stats.utility import decision_curve, risk_coverage

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def all_plots(table: Predictions, thresholds: Mapping[str, float], groups: Sequence[Subgroup]) -> dict[str, Figure]:
    """Every plot that these cases allow, by name.

    Args:
        table: with known labels and probabilities, and both classes.
        thresholds: operating points by name.
        groups: subgroups; without them they are not plotted.
    """
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        plots = {
            "roc": _roc(table, thresholds),
            "precision_recall": _precision_recall(table, thresholds),
            "scores": _scores(table, thresholds),
            "reliability": _reliability(table),
            "decision_curve": _decisions(table, thresholds),
            "risk_coverage": _coverage(table, thresholds),
        }
        if any("auroc" in group.figures for group in groups):
            plots["subgroups"] = _forest(groups, "auroc", "AUROC")
    return plots


def _roc(table: Predictions, thresholds: Mapping[str, float]) -> Figure:
    """ROC curve with the operating points."""
    curve = roc_curve(table.label, table.probability)
    figure, axes = new_axes("ROC curve", "1 − specificity", "Sensitivity")
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)))
    area = auroc(table.label, table.probability)
    axes.plot(1 - curve.specificity, curve.sensitivity, color=MODEL, lw=1.8, label=f"AUROC {area:.3f}")
    for colour, (name, at) in zip(POINTS, thresholds.items(), strict=False):
        cells = confusion_at(table.label, table.probability, at)
        axes.plot(
            1 - cells.specificity,
            cells.sensitivity,
            "o",
            ms=7,
            color=colour,
            mec="white",
            mew=1.2,
            label=f"{name} (p ≥ {at:.3f})",
        )
    unit_square(axes)
    axes.legend(loc="lower right")
    return figure


def _precision_recall(table: Predictions, thresholds: Mapping[str, float]) -> Figure:
    """Precision-recall curve, in steps as average precision sums them."""
    curve = precision_recall_curve(table.label, table.probability)
    figure, axes = new_axes("Precision-recall curve", "Recall (sensitivity)", "Precision (PPV)")
    share = float(np.mean(table.label))
    axes.axhline(share, color=QUIET, lw=0.9, ls=(0, (4, 3)))
    axes.text(0.0, share + 0.012, f"prevalence {share:.2f}", color=QUIET, fontsize=8, ha="left")
    area = average_precision(table.label, table.probability)
    recall, precision = np.append(0.0, curve.recall), np.append(curve.precision[0], curve.precision)
    axes.step(recall, precision, where="pre", color=MODEL, lw=1.8, label=f"average precision {area:.3f}")
    for colour, (name, at) in zip(POINTS, thresholds.items(), strict=False):
        cells = confusion_at(table.label, table.probability, at)
        if cells.true_positive + cells.false_positive:
            axes.plot(cells.sensitivity, cells.ppv, "o", ms=7, color=colour, mec="white", mew=1.2, label=name)
    unit_square(axes)
    axes.legend(loc="lower left", bbox_to_anchor=(0, min(share + 0.03, 0.7)))
    return figure


def _scores(table: Predictions, thresholds: Mapping[str, float]) -> Figure:
    """Histograms of the probability in both classes, positives above, negatives below, with the thresholds."""
    figure, axes = new_axes("Probabilities by class", "Calibrated probability", "Share of the class")
    edges = np.linspace(0, 1, 41)
    for sign, value, colour, word in ((1, 1, POSITIVE, "positive"), (-1, 0, NEGATIVE, "negative")):
        chosen = table.probability[table.label == value]
        heights = np.histogram(chosen, edges)[0] / len(chosen)
        axes.bar(
            edges[:-1],
            sign * heights,
            width=1 / 40,
            align="edge",
            color=colour,
            alpha=0.85,
            lw=0,
            label=f"{word} (n = {len(chosen):,})",
        )
    axes.axhline(0, color=INK, lw=0.8)
    low, high = axes.get_ylim()
    axes.set_ylim(low * 1.05, high * 1.25)
    for row, (colour, (name, at)) in enumerate(zip(POINTS, thresholds.items(), strict=False)):
        axes.axvline(at, color=colour, lw=1.4)
        axes.annotate(
            name,
            (at, 1.0),
            (4, -10 - 11 * row),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=colour,
            fontsize=8.5,
        )
    axes.yaxis.set_major_formatter(lambda value, _position: f"{abs(value):.2g}")
    axes.set_xlim(0, 1)
    axes.legend(loc="lower right")
    return figure


def _reliability(table: Predictions) -> Figure:
    """Share of positives against mean probability: bins of equal numbers of cases, and a smooth curve with its band."""
    bins = reliability_bins(table.label, table.probability, bins=10)
    figure, axes = new_axes("Reliability diagram", "Mean predicted probability", "Observed share of positives")
    axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)), label="perfect")
    # Few cases, or classes that do not overlap, have no curve; the bins stand without it.
    with suppress(DataError):
        curve = calibration_curve(table.label, table.probability, clusters=table.cluster)
        axes.fill_between(curve.predicted, curve.low, curve.high, color=MODEL, alpha=0.14, lw=0)
        axes.plot(curve.predicted, curve.observed, color=MODEL, lw=1.8, label="smooth curve, 95 % band")
    x = [bin_.predicted for bin_ in bins]
    y = np.array([bin_.observed.value for bin_ in bins])
    ends = np.array([[bin_.observed.low, bin_.observed.high] for bin_ in bins]).T
    axes.errorbar(
        x,
        y,
        yerr=np.abs(ends - y),
        color=INK,
        fmt="o",
        ms=4.5,
        elinewidth=1,
        capsize=2.5,
        label="tenths of the cases, 95 % Wilson",
    )
    unit_square(axes)
    axes.legend(loc="upper left")
    return figure


def _decisions(table: Predictions, thresholds: Mapping[str, float]) -> Figure:
    """Decision curve."""
    curve = decision_curve(table.label, table.probability)
    figure, axes = new_axes("Decision curve", "Threshold probability", "Net benefit per case")
    axes.axhline(0, color=INK, lw=1, label="treat none")
    axes.plot(curve.thresholds, curve.everyone, color=QUIET, lw=1.3, label="treat all")
    axes.plot(curve.thresholds, curve.model, color=MODEL, lw=1.8, label="treat by the model")
    for row, (colour, (name, at)) in enumerate(zip(POINTS, thresholds.items(), strict=False)):
        axes.axvline(at, color=colour, lw=1, ls=(0, (2, 2)))
        axes.annotate(
            name,
            (at, 0.01),
            (4, 4 + 11 * row),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=colour,
            fontsize=8,
        )
    share = float(np.mean(table.label))
    axes.set_ylim(-0.25 * share, 1.15 * share)
    axes.set_xlim(0, 1)
    axes.legend(loc="upper right")
    return figure


def _coverage(table: Predictions, thresholds: Mapping[str, float]) -> Figure:
    """Error rate among the retained cases as the least certain are rejected."""
    at = thresholds.get("definite", 0.5)
    curve = risk_coverage(table.label, table.probability, at if 0 < at < 1 else 0.5)
    figure, axes = new_axes(
        "Risk and coverage", "Share of cases kept, the most certain first", "Wrong calls among them"
    )
    axes.step(curve.coverage, curve.risk, where="post", color=MODEL, lw=1.8, label=f"area {curve.area:.3f}")
    axes.set_xlim(0, 1.01)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left")
    return figure


def _forest(groups: Sequence[Subgroup], name: str, title: str) -> Figure:
    """One figure in every subgroup, with its interval; groups with a warning are drawn hollow."""
    rows = [group for group in groups if name in group.figures]
    lines: list[tuple[str, Subgroup | None]] = []
    for group in rows:
        if not lines or (lines[-1][1] is not None and lines[-1][1].attribute != group.attribute):
            lines.append((group.attribute.replace("_", " "), None))
        lines.append((f"{group.value}  (n = {group.n:,}, {group.positives:,} positive)", group))
    figure, axes = new_axes(f"{title} by subgroup", title, "", (7.2, 0.7 + 0.27 * len(lines)))
    for y, (_, group) in enumerate(lines):
        if group is not None:
            estimate = group.figures[name]
            if estimate.ends is not None:
                axes.plot(estimate.ends, [y, y], color=MODEL, lw=1.5, solid_capstyle="butt")
            axes.plot(estimate.value, y, "o", ms=6, color=MODEL, mfc="white" if group.warning else MODEL, mew=1.4)
    axes.set_yticks(range(len(lines)), [text for text, _ in lines])
    for tick, (_, group) in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if group is None else "normal")
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(right=1.005)
    return figure
