"""Plots of a comparison: differences with intervals, curves of all systems, seeds, and the critical difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from osteon.evaluation.binary.comparison import LOWER_IS_BETTER, Comparison, compared_figures, point_and_name
from osteon.evaluation.compare.compare import Compared
from osteon.evaluation.html.labels import LABELS
from osteon.html.plot_style import GRID, INK, QUIET, STYLE, new_axes, unit_square
from osteon.stats.ranking import precision_recall_curve, roc_curve
from osteon.stats.ranks import Ranks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS: Final = ("#1f5fa8", "#c2410c", "#0f766e", "#7c3aed", "#b45309", "#be185d", "#475569", "#4d7c0f")
"""Of the systems, in order."""

MARKS: Final = "osD^vPX*"
"""Beside the colours, for readers who do not tell them apart."""


def comparison_plots(compared: Compared) -> dict[str, Figure]:
    """Every plot of a comparison, by name."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        plots = {
            "differences": differences_plot(compared),
            "roc": _curves(compared, "roc"),
            "precision_recall": _curves(compared, "precision_recall"),
        }
        if any(len(system.runs) > 1 for system in compared.aligned.systems):
            plots["seeds"] = seeds_plot(compared)
        if compared.ranks is not None:
            plots["critical_difference"] = critical_difference_plot(compared.ranks)
    return plots


def title_of(figure: str) -> str:
    """What a figure is called in words, e.g. ``Sensitivity, doubt``."""
    point, name = point_and_name(figure)
    return LABELS[name] + (f", {point.replace('>=', ' ≥ ')}" if point else "")


def differences_plot(compared: Compared) -> Figure:
    """Forest plot: each system less the reference, for each figure, with bootstrap intervals."""
    others = [system.name for system in compared.aligned.systems if system.name != compared.reference]
    pairs = {name: compared.between(name, compared.reference) for name in others}
    shown = [
        figure
        for figure in compared_figures(compared.aligned.points)
        if any(figure in found for found in pairs.values())
    ]
    step = 1.0 if len(others) == 1 else 0.62 * len(others) + 0.5
    height = 1.25 + 0.29 * step * len(shown) + (0.25 if len(others) > 1 else 0.0)
    subject = others[0] if len(others) == 1 else "Each system"
    figure, axes = new_axes(
        f"{_short(subject)} less {_short(compared.reference)}", "Difference with 95 % interval", "", (7.4, height)
    )
    level = f"{compared.settings.level * 100:g} %"
    axes.set_xlabel(f"Difference, {level}: that of the test beside a p value, otherwise paired cluster bootstrap")
    axes.axvline(0, color=INK, lw=1)
    for row, name in enumerate(shown):
        if row % 2:
            axes.axhspan((row - 0.5) * step, (row + 0.5) * step, color=GRID, alpha=0.45, lw=0)
        for i, other in enumerate(others):
            if name in pairs[other]:
                y = row * step + (i - (len(others) - 1) / 2) * 0.62 * (len(others) > 1)
                _bar(axes, pairs[other][name], y, _index(compared, other))
    axes.set_yticks([row * step for row in range(len(shown))], [_line(name) for name in shown])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_ylim((len(shown) - 0.5) * step, -0.5 * step)
    # Zero in the middle: neither side looks larger than it is.
    reach = max(map(abs, axes.get_xlim()))
    axes.set_xlim(-reach, reach)
    if len(others) > 1:
        _key(axes, compared, others)
    return figure


def _bar(axes: Axes, one: Comparison, y: float, at: int) -> None:
    significant = one.test is not None and one.test.adjusted < 0.05
    colour = COLOURS[at % len(COLOURS)]
    if one.difference.ends is not None:
        axes.plot(one.difference.ends, [y, y], color=colour, lw=1.6, solid_capstyle="butt")
    axes.plot(
        one.difference.value,
        y,
        MARKS[at % len(MARKS)],
        ms=6,
        color=colour,
        mfc=colour if significant or one.test is None else "white",
        mew=1.4,
    )
    if one.test is not None:
        words = f"p = {one.test.adjusted:.3f}" if one.test.adjusted >= 0.001 else "p < 0.001"
        axes.annotate(
            words,
            (1.0, y),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=8,
            va="center",
            color=INK if significant else QUIET,
            annotation_clip=False,
        )


def _line(figure: str) -> str:
    worse = point_and_name(figure)[1] in LOWER_IS_BETTER
    return f"{title_of(figure)}\n(lower is better)" if worse else title_of(figure)


def _key(axes: Axes, compared: Compared, names: list[str]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color=COLOURS[at % len(COLOURS)], marker=MARKS[at % len(MARKS)], lw=1.6, label=_short(name))
        for name in names
        for at in (_index(compared, name),)
    ]
    axes.figure.legend(handles=marks, loc="outside lower center", ncols=3)


def _index(compared: Compared, name: str) -> int:
    return [system.name for system in compared.aligned.systems].index(name)


def _short(name: str, most: int = 34) -> str:
    return name if len(name) <= most else f"…{name[-most + 1 :]}"


def _curves(compared: Compared, kind: str) -> Figure:
    """ROC or precision-recall curves of all systems; of several seeds, each in a thin line."""
    roc = kind == "roc"
    figure, axes = (
        new_axes("ROC curves", "1 − specificity", "Sensitivity")
        if roc
        else new_axes("Precision-recall curves", "Recall (sensitivity)", "Precision (PPV)")
    )
    name = "classification.auroc" if roc else "classification.average_precision"
    cases = compared.aligned.cases
    if roc:
        axes.plot([0, 1], [0, 1], color=QUIET, lw=0.9, ls=(0, (4, 3)))
    else:
        axes.axhline(float(np.mean(cases.label)), color=QUIET, lw=0.9, ls=(0, (4, 3)))
    for at, system in enumerate(compared.aligned.systems):
        colour = COLOURS[at % len(COLOURS)]
        thin = len(system.runs) > 1
        summary = compared.figures[system.name].get(name)
        words = _short(system.name, 24) + ("" if summary is None else f"  {_brief(summary.mean, summary.sd)}")
        for i, run in enumerate(system.runs):
            if roc:
                curve = roc_curve(run.label, run.probability)
                x, y = 1 - curve.specificity, curve.sensitivity
            else:
                steps = precision_recall_curve(run.label, run.probability)
                x, y = np.append(0.0, steps.recall), np.append(steps.precision[0], steps.precision)
            axes.step(
                x,
                y,
                where="post" if roc else "pre",
                color=colour,
                lw=0.9 if thin else 1.7,
                alpha=0.75 if thin else 1.0,
                label=words if i == 0 else None,
            )
    unit_square(axes)
    legend = axes.legend(loc="lower right" if roc else "lower left")
    for line in legend.get_lines():
        line.set_linewidth(2.0)
    return figure


def _brief(mean: float, sd: float | None) -> str:
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def seeds_plot(compared: Compared) -> Figure:
    """AUROC of each run as a dot, with the mean and its interval over cases and seeds."""
    systems = compared.aligned.systems
    figure, axes = new_axes(
        "AUROC of each seed",
        "AUROC; bar: mean with its interval over cases and seeds",
        "",
        (7.4, 1.2 + 0.5 * len(systems)),
    )
    for at, system in enumerate(systems):
        one = compared.figures[system.name].get("classification.auroc")
        if one is None:
            continue
        colour = COLOURS[at % len(COLOURS)]
        if one.interval is not None and one.interval.ends is not None:
            axes.plot(one.interval.ends, [at, at], color=colour, lw=1.6, solid_capstyle="butt")
        axes.plot(one.mean, at, MARKS[at % len(MARKS)], ms=7, color=colour, mfc="white", mew=1.5, zorder=3)
        if len(one.values) > 1:
            axes.plot(one.values, np.full(len(one.values), at - 0.24), "|", ms=9, color=colour, mew=1.3)
    axes.set_yticks(range(len(systems)), [f"{_short(s.name)} ({len(s.runs)})" for s in systems])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.set_ylim(len(systems) - 0.5, -0.6)
    return figure


def critical_difference_plot(ranks: Ranks) -> Figure:
    """Mean ranks on a line, the best on the left; bars join systems that do not differ (Demšar 2006)."""
    from matplotlib.figure import Figure

    order = np.argsort(ranks.mean_ranks, kind="stable")
    count = len(order)
    left = (count + 1) // 2
    bars = ranks.alike
    first_row = 0.75 + 0.22 * len(bars)
    depth = first_row + 0.42 * max(left, count - left)
    figure = Figure(figsize=(7.4, 1.3 + 0.75 * depth), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(f"Mean rank by {ranks.figure} over {len(ranks.blocks)} blocks ({ranks.kind})", pad=8)
    axes.set_xlim(0.35, count + 0.65)
    axes.set_ylim(depth, -1.25)
    axes.axis("off")
    axes.plot([1, count], [0, 0], color=INK, lw=1.2)
    for tick in range(1, count + 1):
        axes.plot([tick, tick], [0, -0.13], color=INK, lw=1.2)
        axes.text(tick, -0.2, str(tick), ha="center", va="bottom", fontsize=9)
    _gauge(axes, ranks, count)
    for row, at in enumerate(order):
        best = row < left
        y = first_row + 0.42 * (row if best else count - 1 - row)
        rank, end = float(ranks.mean_ranks[at]), 0.9 if best else count + 0.1
        colour = COLOURS[int(at) % len(COLOURS)]
        axes.plot([rank, rank, end], [0, y, y], color=colour, lw=1.2)
        axes.plot(rank, 0, "o", ms=5, color=colour, zorder=3)
        words = f"{_short(ranks.systems[int(at)], 22)}  {rank:.2f}"
        axes.text(end, y, f"{words} " if best else f" {words}", ha="right" if best else "left", va="center", fontsize=9)
    position = dict(zip(ranks.systems, ranks.mean_ranks.tolist(), strict=True))
    for i, group in enumerate(bars):
        ends = [position[name] for name in group]
        y = 0.3 + 0.22 * i
        axes.plot([min(ends) - 0.03, max(ends) + 0.03], [y, y], color=INK, lw=3.2, solid_capstyle="round")
    return figure


def _gauge(axes: Axes, ranks: Ranks, count: int) -> None:
    """The critical difference drawn to scale above the line, cut where it is longer than all ranks."""
    length = min(ranks.critical_difference, count - 1.0)
    words = f"critical difference {ranks.critical_difference:.2f}"
    words += " (more than all ranks)" if ranks.critical_difference > count - 1 else ""
    axes.plot([1, 1 + length], [-0.78, -0.78], color=QUIET, lw=1.4)
    for end in (1, 1 + length):
        axes.plot([end, end], [-0.7, -0.86], color=QUIET, lw=1.4)
    axes.text(1, -0.92, words, ha="left", va="bottom", fontsize=8.5, color=QUIET)


CAPTIONS: Final[Mapping[str, str]] = {
    "differences": "Right of zero the figure is larger than the reference's. Filled marks: the test's p value after "
    "Holm's correction, at the right, is below 0.05. Marks without a p value have an interval only.",
    "roc": "On the cases that all systems read; a thin line for each seed.",
    "precision_recall": "The dashed line is the share of positive cases.",
    "seeds": "Strokes are the seeds, the mark is their mean.",
    "critical_difference": "1 is the best. Systems joined by a bar are not further apart than Nemenyi's critical "
    "difference.",
}
"""What the plots show."""
