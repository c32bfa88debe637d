"""A share by week as a small picture (SVG)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 170, 46, 24, 12


def share_chart(weeks: Sequence[Sequence[int]], before: float, since_week: float, first: str, last: str) -> bytes:
    """Shares by week as points joined by a line, the reference as a dashed line, and when it changed.

    Args:
        weeks: hits and cases of each; one without cases leaves a gap.
        before: share in the reference.
        since_week: when the change began, in weeks from the first.
        first: first day, for the axis.
        last: last day, likewise.
    """
    shares = [hits / cases if cases else None for hits, cases in weeks]
    most = max([before, *(share for share in shares if share is not None)], default=0.0) * 1.15 or 1.0
    width, height = _WIDTH - _LEFT - 10, _HEIGHT - _BOTTOM - _TOP

    def x(week: float) -> float:
        return round(_LEFT + width * min(1.0, (week + 0.5) / max(1, len(weeks))), 1)

    def y(share: float) -> float:
        return round(_TOP + height * (1 - share / most), 1)

    lines: list[list[str]] = [[]]
    for week, share in enumerate(shares):
        if share is None:
            lines.append([])
        else:
            lines[-1].append(f"{x(week)},{y(share)}")
    drawn = "".join(
        f'<polyline points="{" ".join(line)}" fill="none" stroke="#1b5e9e" stroke-width="2"/>'
        + "".join(
            f'<circle cx="{point.split(",")[0]}" cy="{point.split(",")[1]}" r="2.5" fill="#1b5e9e"/>' for point in line
        )
        for line in lines
        if line
    )
    when = x(since_week - 0.5)
    top = min(most, 1.0)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        'font-family="sans-serif" font-size="11" fill="#444">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f'<rect x="{when}" y="{_TOP}" width="{round(_WIDTH - 10 - when, 1)}" height="{height}" fill="#fbe9d0"/>'
        f'<line x1="{_LEFT}" y1="{y(before)}" x2="{_WIDTH - 10}" y2="{y(before)}" stroke="#777" stroke-dasharray="5 4"/>'
        f'<line x1="{_LEFT}" y1="{_TOP + height}" x2="{_WIDTH - 10}" y2="{_TOP + height}" stroke="#999"/>'
        f"{drawn}"
        f'<text x="{_LEFT - 6}" y="{y(0)}" text-anchor="end">0 %</text>'
        f'<text x="{_LEFT - 6}" y="{y(top) + 4}" text-anchor="end">{top * 100:.3g} %</text>'
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">{escape(first)}</text>'
        f'<text x="{_WIDTH - 10}" y="{_HEIGHT - 6}" text-anchor="end">{escape(last)}</text>'
        f'<text x="{_LEFT + 4}" y="{y(before) - 4}" stroke="#fff" stroke-width="3" paint-order="stroke">'
        f"before: {before * 100:.3g} %</text>"
        "</svg>"
    ).encode()
