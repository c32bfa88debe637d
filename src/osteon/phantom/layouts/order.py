"""The order of the cases of a layout: exact shares of every class, in an order that says nothing about them.

A layout lists its cases class by class, deals splits and views out evenly along that list, and shuffles it. Seeds,
names and rows of the tables then follow the shuffled order, so that neither a file's number nor its row predicts a label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """Divide `total` by weights, by largest remainder, with at least one for each where there are enough."""
    exact = np.asarray(weights, dtype=np.float64) / np.sum(weights) * total
    if total >= len(weights):
        exact = np.maximum(exact, 1.0)
        exact *= total / exact.sum()
    counts = np.floor(exact).astype(int)
    if total >= len(weights):
        counts = np.maximum(counts, 1)
    while counts.sum() > total:
        counts[np.argmax(counts)] -= 1
    for i in np.argsort(counts - exact, kind="stable")[: total - counts.sum()]:
        counts[i] += 1
    return [int(count) for count in counts]


def shuffled(items: Sequence[T], random: np.random.Generator) -> list[T]:
    """The same items in a random order."""
    return [items[i] for i in random.permutation(len(items))]


def blocks(options: Sequence[T], total: int, random: np.random.Generator) -> list[T]:
    """Each option equally often, one after the other, in a random order; the remainder goes to random options."""
    order = shuffled(options, random)
    return [
        option for option, count in zip(order, shares(total, [1.0] * len(order)), strict=True) for _ in range(count)
    ]


def dealt(weights: Sequence[tuple[T, float]], total: int, random: np.random.Generator) -> list[T]:
    """Options in the proportion of their weights, spread evenly, so that every stretch of the list has that proportion.

    Args:
        weights: each option and its weight.
        total: length of the list.
        random: where the first of each option stands.

    Returns:
        a list in which each option occurs as often as `shares` says.
    """
    places: list[tuple[float, int]] = []
    for number, count in enumerate(shares(total, [weight for _, weight in weights])):
        start = float(random.random())
        places += [((i + start) / count, number) for i in range(count)]
    return [weights[number][0] for _, number in sorted(places)]
