"""Plots of a search: how it went, what matters, the figure along each dimension, and the epochs of all trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from osteon.evaluation.html.section import Plot
from osteon.html.plot_style import INK, MODEL, POSITIVE, QUIET, STYLE, has_labels, new_axes
from osteon.learning.search.result import SearchResult, figure, problem
from osteon.learning.search.space import Dimension, text_of
from osteon.learning.search.standing import original

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST: Final = 9
"""Dimensions that are drawn, the most important first."""

JITTER: Final = 0.12
"""Of points above the same value, in widths of a value, so that they do not hide each other."""


def all_plots(found: SearchResult) -> dict[str, Plot]:
    """Every plot that the trials allow, by name."""
    import matplotlib as mpl

    metric = found.search.metric
    data = " SYNTHETIC data." if found.search.source.simulated else ""
    made: dict[str, Plot] = {}
    if not found.complete:
        return made
    with mpl.rc_context(STYLE):
        made["history"] = Plot(
            _history(found),
            f"{metric} of each trial in the order in which they were begun, and the best so far.{data}",
        )
        if found.importances:
            made["importance"] = Plot(
                _importance(found),
                f"Share of each setting in what tells the best quarter of the complete trials from all (PED-ANOVA).{data}",
            )
        made["slices"] = Plot(
            _slices(found),
            f"{metric} along each setting, whatever the others were; later trials are darker, the ring is the best.{data}",
        )
        if any(len(trial.intermediate_values) > 1 for trial in found.trials):
            made["epochs"] = Plot(
                _epochs(found),
                f"{metric} after each epoch, counted through all phases; trials that were stopped early end in a cross.{data}",
            )
    return made


def _history(found: SearchResult) -> Figure:
    """Figures by the number of the trial, with the best so far."""
    from matplotlib.ticker import MaxNLocator

    drawing, axes = new_axes("Trials", "Trial", found.search.metric, (4.8, 3.6))
    order = sorted(found.complete, key=original)
    numbers, values = [original(trial) for trial in order], np.array([trial.value for trial in order], np.float64)
    so_far = (np.maximum if found.maximise else np.minimum).accumulate(values)
    axes.step(numbers, so_far, where="post", color=MODEL, lw=1.6, label="best so far")
    axes.plot(numbers, values, "o", ms=5, color=MODEL, mec="white", mew=0.8, alpha=0.85, label="complete")
    stopped = [(original(trial), figure(trial)) for trial in found.trials if trial.state == TrialState.PRUNED]
    if stopped:
        axes.plot(*zip(*stopped, strict=True), "x", ms=5, color=QUIET, label="stopped early")
    failed = [original(trial) for trial in found.trials if problem(trial)]
    if failed:
        axes.plot(failed, [axes.get_ylim()[0]] * len(failed), "|", ms=9, color=POSITIVE, label="failed", clip_on=False)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(loc="best")
    return drawing


def _importance(found: SearchResult) -> Figure:
    """Bars, the largest above."""
    rows = list(found.importances.items())
    drawing, axes = new_axes("What matters", "Importance", "", (4.8, 1.2 + 0.4 * len(rows)))
    bars = axes.barh(range(len(rows)), [value for _, value in rows], color=MODEL, height=0.62)
    axes.bar_label(bars, [f"{value:.2f}" for _, value in rows], padding=4, color=INK, fontsize=8.5)
    axes.set_yticks(range(len(rows)), [_short(name) for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, max(value for _, value in rows) * 1.15 or 1)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    return drawing


def _slices(found: SearchResult) -> Figure:
    """A small plot for each dimension."""
    from matplotlib.figure import Figure as Drawing

    names = list(found.importances)
    order = sorted(found.search.dimensions, key=lambda one: names.index(one.name) if one.name in names else len(names))
    shown = order[:MOST]
    columns = min(3, len(shown))
    lines = -(-len(shown) // columns)
    drawing = Drawing(figsize=(0.6 + 2.9 * columns, 2.6 * lines + 0.3), layout="constrained")
    grid = drawing.subplots(lines, columns, sharey=True, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(shown):
            axes.set_axis_off()
            continue
        _slice(axes, found, shown[place])
        if place % columns == 0:
            axes.set_ylabel(found.search.metric)
    return drawing


def _slice(axes: Axes, found: SearchResult, dimension: Dimension) -> None:
    """Figures of the complete trials along a dimension; listed values stand side by side."""
    rows = sorted(found.complete, key=original)
    listed = not hasattr(dimension.distribution, "low")
    random = np.random.default_rng(0)
    words = [text_of(value) for value in dimension.grid]
    x: list[Any] = [
        words.index(text_of(trial.params[dimension.name])) + random.uniform(-JITTER, JITTER)
        if listed
        else trial.params[dimension.name]
        for trial in rows
    ]
    y = np.array([trial.value for trial in rows], np.float64)
    axes.scatter(x, y, c=range(len(rows)), cmap="Blues", vmin=-0.6 * len(rows) - 1, s=26, edgecolors="white", lw=0.6)
    if found.best is not None:
        at = rows.index(found.best)
        axes.plot(x[at], y[at], "o", ms=10, mfc="none", mec=POSITIVE, mew=1.4)
    if listed:
        axes.set_xticks(range(len(words)), words)
        axes.set_xlim(-0.5, len(words) - 0.5)
    elif dimension.log:
        axes.set_xscale("log")
    axes.set_xlabel(_short(dimension.name))


def _epochs(found: SearchResult) -> Figure:
    """Curves over the epochs; the best is drawn strong."""
    from matplotlib.ticker import MaxNLocator

    drawing, axes = new_axes("Epochs", "Epoch, through all phases", found.search.metric, (4.8, 3.6))
    for trial in reversed(found.trials):
        if trial.intermediate_values:
            _curve(axes, trial, strong=trial is found.best)
    start = 0
    for phase in found.search.recipe.phases[:-1]:
        start += phase.epochs
        axes.axvline(start + 0.5, color=QUIET, lw=0.8, ls=(0, (3, 3)))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if has_labels(axes):
        axes.legend(loc="best")
    return drawing


def _curve(axes: Axes, trial: FrozenTrial, *, strong: bool) -> None:
    steps: Sequence[int] = sorted(trial.intermediate_values)
    x, y = [step + 1 for step in steps], [trial.intermediate_values[step] for step in steps]
    pruned = trial.state == TrialState.PRUNED
    colour = POSITIVE if strong else QUIET if pruned else MODEL
    label = f"trial {original(trial)}, the best" if strong else None
    single = "." if len(x) == 1 else None  # a line of one point would not be seen
    axes.plot(x, y, marker=single, color=colour, lw=2 if strong else 0.9, alpha=1 if strong else 0.45, label=label)
    if pruned:
        axes.plot(x[-1], y[-1], "x", ms=5, color=QUIET)


def _short(name: str) -> str:
    """Names of leaves, the keys of one axis below each other."""
    return name.replace("+", "\n")
