"""The figures by which systems and seeds are compared, and their replicates, for one run or the mean of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from osteon.core.estimate import Estimate
from osteon.evaluation.predictions.predictions import Predictions
from osteon.stats.bootstrap import Replicates
from osteon.stats.checks import Floats
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking
from osteon.stats.reliability import Reliability
from osteon.stats.statistic import Joint, Named, Statistic


def panel(table: Predictions, thresholds: Mapping[str, float]) -> Statistic:
    """The figures by which systems and seeds are compared: ranking, calibration, calls at each point."""
    label, probability = table.label, table.probability
    parts: list[Statistic] = [
        Named("classification", Ranking(label, probability)),
        Named("calibration", Reliability(label, probability)),
    ]
    parts += [Named(f"classification.{name}", Decisions(label, probability >= at)) for name, at in thresholds.items()]
    return Joint(parts)


def panel_names(points: Sequence[str]) -> tuple[str, ...]:
    """Names of the figures of :func:`panel`, in order."""
    names = [f"classification.{name}" for name in Ranking.names] + [f"calibration.{name}" for name in Reliability.names]
    return (*names, *(f"classification.{point}.{name}" for point in points for name in Decisions.names))


def mean_of_runs(replicates: Replicates, names: Sequence[str], runs: int, seed: int, stream: int = 0) -> Replicates:
    """The mean over runs as measured and in each resample of cases and runs.

    A resample of few runs spreads too little, by (runs - 1) / runs in the variance; its distance from the plain mean is
    stretched by as much. A single run is left as it is.

    Args:
        replicates: (resamples, runs * len(names)), one run after the other.
        names: of the figures of a run.
        runs: how many.
        seed: of the random numbers.
        stream: of them; systems with other seeds draw their runs independently.
    """
    draws = replicates.draws.reshape(len(replicates.draws), runs, len(names))
    share = np.full((len(draws), runs), 1 / runs)
    if runs > 1:
        random = np.random.default_rng([seed, 1 + stream])
        drawn = random.integers(0, runs, (len(draws), runs))
        counts = np.zeros((len(draws), runs))
        np.add.at(counts, (np.arange(len(draws))[:, None], drawn), 1.0)
        share += (runs / (runs - 1)) ** 0.5 * (counts - 1) / runs
    left_out = replicates.left_out
    return Replicates(
        names=tuple(names),
        values=replicates.values.reshape(runs, len(names)).mean(axis=0),
        draws=np.einsum("br,brk->bk", share, draws),
        left_out=None if left_out is None else left_out.reshape(len(left_out), runs, len(names)).mean(axis=1),
        n=replicates.n,
        clusters=replicates.clusters,
        clustered=replicates.clustered,
    )


def worded(one: Estimate, *runs: int) -> Estimate:
    """The figure with the seeds in the words of its method, where there are several."""
    if max(runs) == 1:
        return one
    return one.model_copy(update={"method": f"{one.method}, crossed with {' and '.join(map(str, runs))} seeds"})


def columns_of(replicates: Replicates, chosen: slice) -> Replicates:
    """Some of the columns."""
    left_out: Floats | None = None if replicates.left_out is None else replicates.left_out[:, chosen]
    return Replicates(
        replicates.names[chosen],
        replicates.values[chosen],
        replicates.draws[:, chosen],
        left_out,
        replicates.n,
        replicates.clusters,
        replicates.clustered,
    )
