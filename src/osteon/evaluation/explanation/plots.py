"""Plots of what heat maps are worth: pointing, deletion and insertion, shuffled weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.estimate import Estimate
from osteon.evaluation.binary.averages import mean_curve
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.explanation.perturbation import ORDERS, SHARES, Curves, Order
from osteon.html.plot_style import INK, MODEL, POINTS, QUIET, STYLE, new_axes
from osteon.stats.checks import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_LOOKS: Final[Mapping[Order, tuple[str, str]]] = {
    "map": (MODEL, "by the heat map"),
    "shuffled": (QUIET, "by the map with its cells shuffled"),
    "centre": (POINTS[2], "by distance from the middle"),
}

GROUPS: Final = {
    "": "all images",
    "call.fracture.": "called fracture",
    "call.doubt.": "called doubt",
    "call.no_fracture.": "called no fracture",
    "box.small.": "small boxes",
    "box.middle.": "middle boxes",
    "box.large.": "large boxes",
}
"""What groups of images are called, by the prefix of their figures."""


def pointing_plot(figures: Mapping[str, Estimate]) -> Drawing:
    """Hits of the pointing game in each group of images, beside what chance would reach."""
    import matplotlib as mpl

    looks = (
        ("pointing.hit", "pointing.chance", MODEL, "in a box"),
        ("pointing.hit_near", "pointing.chance_near", POINTS[2], "in or near a box"),
    )
    shown = [name for name in GROUPS if f"explanation.{name}pointing.hit" in figures]
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes("Pointing game", "Share of the images whose map points there", "", (5.2, 4.5))
        for shift, (name, chance, colour, words) in zip((-0.14, 0.14), looks, strict=True):
            for y, group in enumerate(shown):
                found = figures.get(f"explanation.{group}{name}")
                other = figures.get(f"explanation.{group}{chance}")
                if found is not None:
                    if found.ends is not None:
                        axes.plot(found.ends, [y + shift] * 2, color=colour, lw=1.6, solid_capstyle="butt")
                    axes.plot(found.value, y + shift, "o", ms=6, color=colour)
                if other is not None:
                    axes.plot(other.value, y + shift, "|", ms=9, mew=2, color=colour)
            axes.plot([], [], "o-", ms=6, color=colour, label=words)
        axes.plot([], [], "|", ms=9, mew=2, color=INK, label="by chance")
        axes.set_xlim(-0.02, 1.02)
        axes.grid(visible=False, axis="y")
        axes.set_yticks(range(len(shown)), [_with_count(group, figures) for group in shown])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        drawing.legend(loc="outside lower center", ncols=3)
    return drawing


def _with_count(group: str, figures: Mapping[str, Estimate]) -> str:
    return f"{GROUPS[group]}, {figures[f'explanation.{group}pointing.hit'].n:,}"


def perturbation_plot(
    curves: Sequence[Curves], kind: Literal["deletion", "insertion"], clusters: ArrayLike, settings: Settings
) -> Drawing:
    """Mean probability as pixels are deleted or inserted, by order, with the interval as a band."""
    import matplotlib as mpl

    verb = {"deletion": "deleted", "insertion": "inserted"}[kind]
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes(kind.capitalize(), f"Share of the image {verb}", "Mean probability", (4.6, 4.5))
        for order in ORDERS:
            colour, words = _LOOKS[order]
            values = np.stack([getattr(curve, kind)[order] for curve in curves])
            _band(axes, np.array(SHARES), mean_curve(values, clusters, settings), colour, words)
        # Most happens in the first hundredths: the square root gives them room.
        axes.set_xscale("function", functions=(np.sqrt, np.square))
        axes.set_xlim(0, 1)
        ticks = (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks], fontsize=8)
        axes.set_ylim(0, 1)
        drawing.legend(loc="outside lower center", ncols=1)
    return drawing


def _band(axes: Axes, x: Floats, curve: tuple[Floats, Floats, Floats], colour: str, label: str) -> None:
    value, low, high = curve
    axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
    axes.plot(x, value, color=colour, lw=1.8, label=label)


def sanity_plot(figures: Mapping[str, Estimate], counts: Sequence[int]) -> Drawing:
    """Similarity to the trained maps as more layers are shuffled, from the output on."""
    import matplotlib as mpl

    prefix = "explanation.randomised"
    with mpl.rc_context(STYLE):
        drawing, axes = new_axes(
            "Maps of shuffled weights", "Layers shuffled, from the output on", "Likeness to the trained map", (5.2, 4.2)
        )
        for colour, (word, label) in zip(
            (MODEL, POINTS[2]), (("rank", "rank correlation, absolute"), ("ssim", "SSIM")), strict=True
        ):
            shown = [(0, 1.0, 1.0, 1.0)]
            for place, count in enumerate(counts, 1):
                found = figures.get(f"{prefix}.{count}.{word}")
                if found is not None:
                    shown.append((place, found.value, *(found.ends or (found.value, found.value))))
            x, value, low, high = np.array(shown).T
            _band(axes, x, (value, low, high), colour, label)
            axes.plot(x, value, "o", ms=4, color=colour)
            other = figures.get(f"{prefix}.unrelated.{word}")
            if other is not None:
                axes.axhline(other.value, color=colour, lw=1, ls=(0, (3, 3)))
        axes.plot([], [], color=INK, lw=1, ls=(0, (3, 3)), label="trained maps of two images")
        axes.set_xticks(range(len(counts) + 1), ["none", *(str(count) for count in counts)])
        axes.set_ylim(-0.05, 1.03)
        axes.legend(loc="upper right")
    return drawing
