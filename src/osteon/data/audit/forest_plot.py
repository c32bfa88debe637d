"""A forest plot of shortcuts, drawn as SVG directly: the base install has no plotting library."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from osteon.data.audit.checks.shortcuts import Shortcut

ROWS: Final = 40
"""Maximum number of shortcuts drawn, the strongest first."""

_LEFT, _WIDTH, _RIGHT, _ROW = 260, 420, 150, 22
_LOWEST: Final = 0.3


def forest(shortcuts: Sequence[Shortcut]) -> str:
    """An SVG with a dot and a 95 % interval for each shortcut; an AUC of 0.5 is a dashed line.

    Args:
        shortcuts: the strongest first; values below 0.3 are drawn at 0.3.
    """
    shown = list(shortcuts)[:ROWS]
    several = len({shortcut.label for shortcut in shown}) > 1
    bottom = 10 + _ROW * len(shown)
    ticks = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    parts = [
        f'<line class="{"chance" if tick == 0.5 else "axis"}" x1="{_x(tick):.1f}" y1="6" x2="{_x(tick):.1f}" '
        f'y2="{bottom}"/><text class="soft" text-anchor="middle" x="{_x(tick):.1f}" y="{bottom + 18}">{tick:g}</text>'
        for tick in ticks
    ]
    for row, shortcut in enumerate(shown):
        y = 10 + _ROW * (row + 0.5)
        name = f"{shortcut.attribute}, {shortcut.label}" if several else shortcut.attribute
        kind = "stands" if shortcut.floor > 0.5 else "chance-like"
        fill = "" if shortcut.floor > 0.5 else ' style="fill: var(--ground)"'
        parts.append(
            f'<g><title>{escape(shortcut.example)}</title><text text-anchor="end" x="{_LEFT - 12}" y="{y + 4:.1f}">'
            f'{escape(name[:38])}</text><line class="{kind}" stroke-width="2" x1="{_x(shortcut.low):.1f}" y1="{y:.1f}" '
            f'x2="{_x(shortcut.high):.1f}" y2="{y:.1f}"/><circle class="{kind}"{fill} stroke-width="2" '
            f'cx="{_x(shortcut.auc):.1f}" cy="{y:.1f}" r="4.5"/><text x="{_LEFT + _WIDTH + 14}" y="{y + 4:.1f}">'
            f'{shortcut.auc:.3f} <tspan class="soft">{shortcut.low:.3f} to {shortcut.high:.3f}</tspan></text></g>'
        )
    height, width = bottom + 30, _LEFT + _WIDTH + _RIGHT
    left = f"<p>{len(shortcuts) - ROWS:,} weaker ones are not drawn.</p>" if len(shortcuts) > ROWS else ""
    return f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img">{"".join(parts)}</svg>{left}'


def _x(area: float) -> float:
    share = (min(max(area, _LOWEST), 1.0) - _LOWEST) / (1.0 - _LOWEST)
    return _LEFT + _WIDTH * share
