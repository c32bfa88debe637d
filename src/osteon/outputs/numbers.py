"""How a probability is written for people."""

from __future__ import annotations


def number(value: float) -> str:
    """A probability: two decimals, or three significant digits where it is small or near one."""
    if value < 0.0005:
        return "< 0.001"
    if value > 0.9995:
        return "> 0.999"
    return f"{value:.2f}" if 0.095 <= value < 0.995 else f"{value:.3f}"
