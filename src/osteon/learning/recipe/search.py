"""What a search may try: ranges and values of a recipe's leaves."""

from __future__ import annotations

from dataclasses import dataclass

Value = bool | int | float | str | None
"""Of a leaf that is searched."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Some values of a leaf.

    Attributes:
        keys: leaves that move together and take the same value, as ``--set`` names them.
        values: to try.
    """

    keys: tuple[str, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """All values of a leaf between two ends, which belong to it.

    Attributes:
        keys: leaves that move together and take the same value, as ``--set`` names them.
        low: the lower end.
        high: the upper end.
        log: whether the logarithm is drawn uniformly, not the value.
        points: into which a grid divides it, both ends among them.
    """

    keys: tuple[str, ...]
    low: float
    high: float
    log: bool
    points: int


Axis = Choices | Range


@dataclass(frozen=True, slots=True)
class Space:
    """What ``osteon search`` tries.

    Attributes:
        axes: that are combined with each other.
        source: table or section of the paper, or who chose them.
    """

    axes: tuple[Axis, ...]
    source: str
