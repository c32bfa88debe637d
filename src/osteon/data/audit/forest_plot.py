"""The geometry of a forest plot of shortcuts, which the report draws as SVG: the base install has no plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from osteon.data.audit.checks.shortcuts import Shortcut
from osteon.data.audit.problem_words import extremes_words

ROWS: Final = 40
"""Maximum number of shortcuts drawn, the strongest first."""

_LEFT, _WIDTH, _RIGHT, _ROW = 260, 420, 150, 22
_LOWEST: Final = 0.3
_TICKS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line at a value of the axis.

    Attributes:
        kind: ``chance`` or ``axis``.
        x: in pixels.
        label: below it.
    """

    kind: str
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A shortcut: a dot with its interval.

    Attributes:
        name: of the attribute, and of the label where there are several.
        example: its values with the most and the fewest positives in words, shown when the pointer rests on it.
        kind: ``certain`` where it stays above chance after correction, else ``uncertain``.
        y: of the dot, in pixels.
        baseline: of the text.
        low: x of the lower end of the interval.
        auc: x of the dot.
        high: x of the upper end.
        figure: the area in words.
        interval: its interval in words.
    """

    name: str
    example: str
    kind: str
    y: str
    baseline: str
    low: str
    auc: str
    high: str
    figure: str
    interval: str


@dataclass(frozen=True, slots=True)
class ForestPlot:
    """A plot.

    Attributes:
        width: in pixels.
        height: in pixels.
        bottom: of the rows.
        name_x: where the names end.
        figure_x: where the figures begin.
        ticks: of the axis.
        rows: from top to bottom.
        left: shortcuts that are not drawn.
    """

    width: int
    height: int
    bottom: int
    name_x: int
    figure_x: int
    ticks: tuple[Tick, ...]
    rows: tuple[Row, ...]
    left: int


def forest(shortcuts: Sequence[Shortcut]) -> ForestPlot:
    """A dot and a 95 % interval for each shortcut; chance is a dashed line.

    Args:
        shortcuts: the strongest first; values below 0.3 are drawn at 0.3.
    """
    shown = list(shortcuts)[:ROWS]
    several = len({shortcut.label for shortcut in shown}) > 1
    bottom = 10 + _ROW * len(shown)
    return ForestPlot(
        width=_LEFT + _WIDTH + _RIGHT,
        height=bottom + 30,
        bottom=bottom,
        name_x=_LEFT - 12,
        figure_x=_LEFT + _WIDTH + 14,
        ticks=tuple(Tick("chance" if tick == 0.5 else "axis", _x(tick), f"{tick:g}") for tick in _TICKS),
        rows=tuple(_row(one, 10 + _ROW * (place + 0.5), several=several) for place, one in enumerate(shown)),
        left=len(shortcuts) - len(shown),
    )


def _row(one: Shortcut, y: float, *, several: bool) -> Row:
    name = f"{one.attribute}, {one.label}" if several else one.attribute
    return Row(
        name=name[:38],
        example=extremes_words(one.values()),
        kind="certain" if one.floor > 0.5 else "uncertain",
        y=f"{y:.1f}",
        baseline=f"{y + 4:.1f}",
        low=_x(one.low),
        auc=_x(one.auc),
        high=_x(one.high),
        figure=f"{one.auc:.3f}",
        interval=f"{one.low:.3f} to {one.high:.3f}",
    )


def _x(area: float) -> str:
    share = (min(max(area, _LOWEST), 1.0) - _LOWEST) / (1.0 - _LOWEST)
    return f"{_LEFT + _WIDTH * share:.1f}"
