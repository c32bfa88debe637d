"""How figures are written for people."""

from __future__ import annotations

from typing import Final

from osteon.core.estimate import Estimate

MINUS: Final = "\N{MINUS SIGN}"


def number(value: float, *, signed: bool = False, digits: int = 3) -> str:
    """A figure with a typographic minus; 0 has no sign."""
    words = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(words) == 0:
        words = f"{0:.{digits}f}"
    return words.replace("-", MINUS)


def interval(figure: Estimate) -> str:
    """The interval of a figure, with its level."""
    return figure.between.replace("-", MINUS)


def between(figure: Estimate, *, signed: bool = False) -> str:
    """The ends of the interval of a figure, or that there is none."""
    if figure.ends is None:
        return figure.between
    low, high = (number(end, signed=signed) for end in figure.ends)
    return f"{low} to {high}"


def p_value(p: float) -> str:
    """A p value as it is read."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
