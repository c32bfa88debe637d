"""Plots of corrupted images: figures over severity, and calls that change though the bone does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.robustness.corruptions import Corruption
from osteon.html.plot_style import GRID, MODEL, POINTS, STYLE, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_CURVES: Final = (
    ("auroc", "AUROC", MODEL, "o-"),
    ("doubt.sensitivity", "sensitivity, doubt", POINTS[0], "s--"),
    ("doubt.specificity", "specificity, doubt", POINTS[0], "^:"),
    ("definite.sensitivity", "sensitivity, definite", POINTS[2], "s--"),
    ("definite.specificity", "specificity, definite", POINTS[2], "^:"),
)


def severity_plot(figures: Mapping[str, Estimate], one: Corruption) -> Drawing:
    """AUROC with its interval, calls at both points, and the share of abstentions, over the levels of a corruption."""
    import matplotlib as mpl

    steps = sorted([*one.levels, 0]) if min(one.levels) < 0 else [0, *one.levels]
    names = ["none" if level == 0 else f"{one.name}.{level:g}" for level in steps]
    if one.name in ("tone", "squeeze"):  # a factor: at 1 nothing changes
        steps = sorted([*one.levels, 1])
        names = ["none" if level == 1 else f"{one.name}.{level:g}" for level in steps]
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes(one.title, f"{one.words[0].upper()}{one.words[1:]} ({one.unit})", "", (4.6, 4.5))
        abstained = _points(figures, names, "abstained")
        axes.bar(abstained[0], abstained[1], width=0.6, color=GRID, label="abstained", zorder=0.5)
        for key, label, colour, look in _CURVES:
            x, value, low, high = _points(figures, names, key)
            if key == "auroc":
                axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
            axes.plot(x, value, look, color=colour, lw=1.9 if key == "auroc" else 1.1, ms=4, label=label)
        labels = ["none" if name == "none" else f"{level:g}" for name, level in zip(names, steps, strict=True)]
        axes.set_xticks(range(len(steps)), labels)
        axes.set_xlim(-0.4, len(steps) - 0.6)
        axes.set_ylim(0, 1.02)
        axes.grid(visible=False, axis="x")
        drawing.legend(loc="outside lower center", ncols=2)
    return drawing


def _points(figures: Mapping[str, Estimate], names: Sequence[str], key: str) -> np.ndarray:
    """Place, value, low and high of a figure along the levels, (4, k); NaN where it is undefined."""
    found = [figures.get(f"robustness.{name}.{key}") for name in names]
    rows = [
        (place, np.nan, np.nan, np.nan) if one is None else (place, one.value, *(one.ends or (np.nan, np.nan)))
        for place, one in enumerate(found)
    ]
    return np.array(rows, np.float64).T


def flips_plot(figures: Mapping[str, Estimate], probes: Sequence[Corruption]) -> Drawing:
    """Share of calls that change under each shortcut probe."""
    import matplotlib as mpl

    lines = [
        (
            f"{one.title}{f', {level:g} {one.unit}' if one.unit else ''}",
            figures.get(f"robustness.{one.name}.{level:g}.flipped"),
        )
        for one in probes
        for level in one.levels
    ]
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes("Shortcut probe", "Share of calls that change", "", (4.6, 4.5))
        for y, (_, found) in enumerate(lines):
            _dot(axes, y, found)
        axes.set_yticks(
            range(len(lines)), [f"{words}{'' if one is None else f' (n = {one.n:,})'}" for words, one in lines]
        )
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(left=0)
    return drawing


def _dot(axes: Axes, y: float, found: Estimate | None) -> None:
    if found is not None:
        if found.ends is not None:
            axes.plot(found.ends, [y, y], color=MODEL, lw=1.6, solid_capstyle="butt")
        axes.plot(found.value, y, "o", ms=6, color=MODEL)
