"""Figures of one recipe minus those of another, resampled together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from osteon.evaluation.binary.comparison import Comparison, Test
from osteon.evaluation.compare.panel import worded
from osteon.learning.reproduce.results.outcomes import Variant
from osteon.stats.bootstrap import Replicates, defined, figure


def differences(
    sides: tuple[Variant, Variant],
    replicates: tuple[Replicates, Replicates],
    figures: Sequence[str],
    *,
    group: str,
    level: float,
    tests: Mapping[str, Test] | None = None,
) -> tuple[Comparison, ...]:
    """First minus second, figure by figure.

    Args:
        sides: the two recipes.
        replicates: of each, from the same resamples.
        figures: names in the replicates; those without an interval are left out.
        group: of the figures, put before their names.
        level: of the intervals.
        tests: by figure.
    """
    first, second = replicates
    gap = replace(first, values=first.values - second.values, draws=first.draws - second.draws)
    counts = [len(side.runs) for side in sides]
    return tuple(
        Comparison(
            sides[0].name,
            sides[1].name,
            f"{group}.{name}",
            (float(first.values[first.names.index(name)]), float(second.values[second.names.index(name)])),
            worded(figure(gap, name, level=level), *counts),
            test=(tests or {}).get(name),
        )
        for name in figures
        if name in defined(gap)
    )
