"""The look of all plots: colours, fonts, empty axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#1f2a37"
QUIET: Final = "#8a94a3"
GRID: Final = "#e7eaef"
MODEL: Final = "#1f5fa8"
POSITIVE: Final = "#c2410c"
NEGATIVE: Final = "#64809c"
POINTS: Final = ("#0f766e", "#7c3aed", "#b45309", "#be185d")
"""Colours that can be distinguished with red-green colour blindness and in greyscale print."""

STYLE: Final[dict[Any, Any]] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 3,
    "ytick.major.size": 3,
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.hashsalt": "osteon",
    "figure.facecolor": "white",
}


def new_axes(title: str, x: str, y: str, size: tuple[float, float] = (4.6, 4.5)) -> tuple[Figure, Axes]:
    """An empty plot with title and axis labels; `size` in inches. To be called within ``STYLE``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, pad=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure, axes


def unit_square(axes: Axes) -> None:
    """Both axes from 0 to 1."""
    axes.set_xlim(-0.015, 1.015)
    axes.set_ylim(-0.015, 1.015)
    axes.set_aspect("equal")


def has_labels(axes: Axes) -> bool:
    """Whether anything drawn has a label for a legend."""
    return bool(axes.get_legend_handles_labels()[0])
