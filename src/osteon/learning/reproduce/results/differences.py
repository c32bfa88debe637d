"""Figures of one recipe minus those of another, resampled together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from osteon.core.estimate import Estimate
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
    tests: Mapping[str, tuple[Test, Estimate]] | None = None,
) -> tuple[Comparison, ...]:
    """First minus second, figure by figure.

    Args:
        sides: the two recipes.
        replicates: of each, from the same resamples.
        figures: names in the replicates; those without an interval are left out.
        group: of the figures, put before their names.
        level: of the intervals.
        tests: by figure, with the difference and the interval that agrees with the test.
    """
    first, second = replicates
    gap = replace(first, values=first.values - second.values, draws=first.draws - second.draws)
    counts = [len(side.runs) for side in sides]
    found: list[Comparison] = []
    for name in figures:
        if name not in defined(gap):
            continue
        at = gap.names.index(name)
        percentile = worded(figure(gap, name, level=level), *counts)
        test, tested = (tests or {}).get(name, (None, None))
        found.append(
            Comparison(
                sides[0].name,
                sides[1].name,
                f"{group}.{name}",
                (float(first.values[at]), float(second.values[at])),
                percentile if tested is None else tested,
                {} if tested is None else {"percentile": percentile},
                test,
            )
        )
    return tuple(found)
