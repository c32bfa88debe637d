"""Several systems over several data sets, folds or seeds: Friedman's test and Nemenyi's critical difference.

After Demšar, J. Mach. Learn. Res. 7:1, 2006: in each block (data set, fold, seed) the systems are ranked, 1 being the
best; two of them differ where their mean ranks are further apart than the critical difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats


@dataclass(frozen=True)
class Ranks:
    """How systems rank over blocks.

    Attributes:
        systems: their names, (k,).
        blocks: names of the blocks, (n,).
        kind: what a block is, e.g. ``seed`` or ``source``.
        figure: what is ranked; more is better.
        scores: (n, k).
        mean_ranks: 1 is the best, (k,).
        chi_squared: Friedman's, corrected for ties, k - 1 degrees of freedom.
        p: of it.
        f: Iman and Davenport's F; None where all blocks rank alike, and it is infinite.
        f_p: p of it.
        critical_difference: of mean ranks, Nemenyi.
        pairwise: Nemenyi's p for each two systems, (k, k).
        level: of confidence.
    """

    systems: tuple[str, ...]
    blocks: tuple[str, ...]
    kind: str
    figure: str
    scores: Floats
    mean_ranks: Floats
    chi_squared: float
    p: float
    f: float | None
    f_p: float
    critical_difference: float
    pairwise: Floats
    level: float

    @property
    def alike(self) -> tuple[tuple[str, ...], ...]:
        """Largest groups of two or more systems that lie within one critical difference, best first."""
        order = np.argsort(self.mean_ranks, kind="stable")
        found: list[tuple[int, int]] = []
        for start in range(len(order)):
            within = self.mean_ranks[order] <= self.mean_ranks[order[start]] + self.critical_difference
            end = int(np.flatnonzero(within)[-1])
            if end > start and (not found or end > found[-1][1]):
                found.append((start, end))
        return tuple(tuple(self.systems[i] for i in order[start : end + 1]) for start, end in found)


def rank_systems(
    scores: ArrayLike,
    systems: Sequence[str],
    blocks: Sequence[str],
    *,
    kind: str = "block",
    figure: str = "score",
    level: float = 0.95,
) -> Ranks:
    """Rank systems in each block, and test whether they differ.

    Args:
        scores: of each system in each block, more being better, shape (n, k).
        systems: names, (k,).
        blocks: names, (n,).
        kind: what a block is.
        figure: what is ranked.
        level: of confidence.

    Raises:
        DataError: fewer than three systems or two blocks, or a score that is no number.
    """
    from scipy.special import chdtrc, fdtrc
    from scipy.stats import rankdata

    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or table.shape != (len(blocks), len(systems)):
        raise DataError(
            "the scores do not fit their names", expected=f"({len(blocks)}, {len(systems)})", got=f"{table.shape}"
        )
    n, k = table.shape
    if k < 3 or n < 2:
        raise DataError(
            "there is too little to rank", expected="three systems or more in two blocks or more", got=f"{k} in {n}"
        )
    if not np.isfinite(table).all():
        raise DataError("a score is NaN or infinite", expected="a figure of each system in each block")
    # Equal to twelve digits is equal: sums in another order must not break a tie.
    ranks = np.asarray(rankdata(-np.round(table, 12), axis=1), np.float64)
    means = ranks.mean(axis=0)
    chi = _friedman(ranks)
    rest = n * (k - 1) - chi
    f = (n - 1) * chi / rest if rest > 1e-9 else None
    f_p = 0.0 if f is None else float(fdtrc(k - 1, (k - 1) * (n - 1), f))
    critical, pairwise = nemenyi(means, n, level)
    return Ranks(
        systems=tuple(systems),
        blocks=tuple(blocks),
        kind=kind,
        figure=figure,
        scores=table,
        mean_ranks=means,
        chi_squared=chi,
        p=float(chdtrc(k - 1, chi)),
        f=f,
        f_p=f_p,
        critical_difference=critical,
        pairwise=pairwise,
        level=level,
    )


def _friedman(ranks: Floats) -> float:
    """Friedman's statistic with the correction for ties, from ranks (n, k); 0 where all systems tie in all blocks."""
    n, k = ranks.shape
    spread = float(np.sum(ranks**2)) - n * k * (k + 1) ** 2 / 4
    if spread <= 1e-9:
        return 0.0
    between = float(np.sum((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2))
    return (k - 1) * between / spread


def nemenyi(mean_ranks: ArrayLike, blocks: int, level: float = 0.95) -> tuple[float, Floats]:
    """Critical difference of mean ranks, and the p value of each two systems.

    Args:
        mean_ranks: of k systems, shape (k,).
        blocks: over how many data sets, folds or seeds.
        level: of confidence.

    Returns:
        The critical difference, and p of shape (k, k) with ones on the diagonal.
    """
    from scipy.stats import studentized_range

    means = np.asarray(mean_ranks, np.float64)
    k = len(means)
    unit = (k * (k + 1) / (6 * blocks)) ** 0.5
    critical = float(studentized_range.ppf(level, k, np.inf)) / 2**0.5 * unit
    gaps = np.abs(means[:, None] - means)
    p = np.clip(np.asarray(studentized_range.sf(gaps / unit * 2**0.5, k, np.inf), np.float64), 0.0, 1.0)
    np.fill_diagonal(p, 1.0)
    return critical, p
