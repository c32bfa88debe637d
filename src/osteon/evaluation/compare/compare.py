"""Two systems or more on the same cases: what each measures, how far they differ, and whether chance would do as much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.comparison import Comparison, Test, compared_figures, reversed_comparison
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import guard
from osteon.evaluation.compare.panel import columns_of, mean_of_runs, panel, panel_names, worded
from osteon.evaluation.compare.seeds import SeedSummary, of_runs
from osteon.evaluation.compare.systems import Aligned, System, align
from osteon.evaluation.predictions.pooling import Pooling
from osteon.stats.bootstrap import Replicates, defined, figure, replicate
from osteon.stats.checks import Integers, both_classes
from osteon.stats.paired import holm, mcnemar, paired_delong, sign_flip, sign_flip_interval
from osteon.stats.ranking import auroc
from osteon.stats.ranks import Ranks, rank_systems
from osteon.stats.statistic import Joint, Named


@dataclass(frozen=True)
class Compared:
    """Everything that was found.

    Attributes:
        aligned: the systems on the cases that were compared.
        reference: name of the system that plots show the others against.
        figures: of each system, by name of the system and of the figure.
        pairs: every two systems, figure by figure.
        ranks: over seeds or blocks, by figure; empty where there are fewer than three systems or two blocks.
        unranked: blocks in which some system has no AUROC, and that were left out of the ranks.
        settings: of the intervals.
    """

    aligned: Aligned
    reference: str
    figures: Mapping[str, Mapping[str, SeedSummary]]
    pairs: tuple[Comparison, ...]
    ranks: Ranks | None
    unranked: tuple[str, ...]
    settings: Settings

    @property
    def tests(self) -> int:
        """How many tests Holm's correction is for."""
        return sum(one.test is not None for one in self.pairs)

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """Every two systems in the order in which they are shown: each against the reference, then the others."""
        others = [system.name for system in self.aligned.systems if system.name != self.reference]
        return (*((name, self.reference) for name in others), *combinations(others, 2))

    def between(self, first: str, second: str) -> dict[str, Comparison]:
        """All comparisons of two systems as first minus second, by figure; turned round where they were made so."""
        found = {one.figure: one for one in self.pairs if (one.first, one.second) == (first, second)}
        return found or {
            one.figure: reversed_comparison(one) for one in self.pairs if (one.first, one.second) == (second, first)
        }


def compare(
    systems: Sequence[System],
    settings: Settings | None = None,
    *,
    reference: str | None = None,
    blocks: str | None = None,
    common: bool = False,
    pooling: Pooling | None = None,
) -> Compared:
    """Compare every two systems on the images that all of them read.

    For each pair: AUROC (paired DeLong), calls at each operating point that all have (McNemar, or the exact sign-flip
    test over clusters where clusters hold several cases or systems have several seeds), and differences of all figures
    with bootstrap intervals. A difference with a test has the interval that agrees with the test, DeLong's or the exact
    one, and that of the bootstrap beside it. P values are adjusted over all tests together, intervals are not.

    Args:
        systems: two or more, with different names.
        settings: of the intervals.
        reference: system that plots show the others against; the first where it is None.
        blocks: attribute whose values (sources, folds) are the blocks in which systems are ranked; None takes seeds,
            where all systems have equally many.
        common: compare on the images that all name, instead of refusing systems that name different ones.
        pooling: compare per study; None compares per image.

    Raises:
        DataError: there are fewer than two systems; they do not agree on images, labels or clusters; there is only one
            class or cluster; or there is no such reference or attribute.
    """
    if len(systems) < 2:
        raise DataError("there is nothing to compare", expected="two systems or more", got=f"{len(systems)}")
    settings = settings or Settings()
    names = [system.name for system in systems]
    if reference is not None and reference not in names:
        raise DataError("there is no such reference", expected=", ".join(names), got=reference)
    aligned = align(systems, common=common, pooling=pooling)
    cases = aligned.cases
    both_classes(cases.label == 1, np.ones(len(cases)), "a comparison")
    ranks, unranked = _ranks(aligned, blocks, settings)
    parts = _replicates(aligned, settings)
    shown = panel_names(aligned.points)
    figures = {
        system.name: of_runs(part, shown, len(system.runs), settings, cases)
        for system, part in zip(aligned.systems, parts, strict=True)
    }
    means = [
        mean_of_runs(part, shown, len(system.runs), settings.seed, stream)
        for stream, (system, part) in enumerate(zip(aligned.systems, parts, strict=True))
    ]
    pairs: list[Comparison] = []
    for (one, first), (two, second) in combinations(zip(aligned.systems, means, strict=True), 2):
        pairs += _pair(aligned, (one, two), (first, second), settings)
    return Compared(aligned, reference or names[0], figures, _corrected(pairs), ranks, unranked, settings)


def _replicates(aligned: Aligned, settings: Settings) -> list[Replicates]:
    """Replicates of every system on the same resamples of the cases; the columns are its runs, one after the other."""
    statistics = [
        Named(f"{i}.{j}", panel(run, points))
        for i, system in enumerate(aligned.systems)
        for j, (run, points) in enumerate(zip(system.runs, system.points, strict=True))
    ]
    everything = replicate(
        Joint(statistics),
        clusters=aligned.cases.cluster,
        resamples=settings.resamples,
        seed=settings.seed,
        jackknife=True,
    )
    found: list[Replicates] = []
    start = 0
    for system in aligned.systems:
        width = len(system.runs) * len(panel_names(aligned.points))
        found.append(columns_of(everything, slice(start, start + width)))
        start += width
    return found


def _pair(
    aligned: Aligned, systems: tuple[System, System], means: tuple[Replicates, Replicates], settings: Settings
) -> list[Comparison]:
    one, two = systems
    first, second = means
    gap = replace(
        first,
        values=first.values - second.values,
        draws=first.draws - second.draws,
        left_out=None if first.left_out is None or second.left_out is None else first.left_out - second.left_out,
    )
    runs = (len(one.runs), len(two.runs))
    tests, closed = _tests(aligned, systems, settings)
    known = guard(aligned.cases)
    found: list[Comparison] = []
    for name in compared_figures(aligned.points):
        if name not in defined(gap):
            continue
        percentile = worded(figure(gap, name, level=settings.level), *runs)
        others: dict[str, Estimate] = {}
        if max(runs) == 1:
            # Of several seeds the acceleration would be that of the cases only.
            others["bca"] = figure(gap, name, level=settings.level, method="bca")
        if name in closed:
            # Beside a test stands the interval that agrees with it.
            others["percentile"] = percentile
        at = gap.names.index(name)
        found.append(
            Comparison(
                one.name,
                two.name,
                name,
                (float(first.values[at]), float(second.values[at])),
                known.applied(name, closed.get(name, percentile)),
                {kind: known.applied(name, other) for kind, other in others.items()},
                None if known.reason(name) else tests.get(name),
            )
        )
    return found


def _tests(
    aligned: Aligned, systems: tuple[System, System], settings: Settings
) -> tuple[dict[str, Test], dict[str, Estimate]]:
    """Tests by figure, not yet adjusted, and differences with the intervals that agree with them."""
    cases = aligned.cases
    one, two = (np.stack([run.probability for run in system.runs]) for system in systems)
    clusters = cases.cluster if len(np.unique(cases.cluster)) < len(cases) else None
    tests: dict[str, Test] = {}
    closed: dict[str, Estimate] = {}
    # Undefined where a class has one case, or classes are separated without a fault; intervals stand without it.
    with suppress(DataError):
        difference, p = paired_delong(cases.label, one, two, clusters=clusters, level=settings.level)
        words = "paired DeLong" + ("" if clusters is None else ", clustered (Obuchowski)")
        tests["classification.auroc"] = Test(words + _over(systems), p, p)
        closed["classification.auroc"] = _given(difference, systems)
    truth = cases.label == 1
    for point in aligned.points:
        calls = [
            probability >= np.array([[points[point]] for points in system.points])
            for probability, system in zip((one, two), systems, strict=True)
        ]
        right = [call == truth for call in calls]
        # Counts of right calls over the seeds, brought to one denominator.
        counts: Integers = len(right[1]) * right[0].sum(axis=0) - len(right[0]) * right[1].sum(axis=0)
        name = f"classification.{point}.accuracy"
        tests[name] = _calls_test(truth, calls, counts, clusters, systems)
        scale = len(right[0]) * len(right[1])
        closed[name] = _given(sign_flip_interval(counts, clusters, scale=scale, level=settings.level), systems)
    return tests, closed


def _given(difference: Estimate, systems: tuple[System, System]) -> Estimate:
    return difference.model_copy(update={"method": difference.method + _over(systems)})


def _calls_test(
    truth: np.ndarray,
    calls: Sequence[np.ndarray],
    counts: Integers,
    clusters: np.ndarray | None,
    systems: tuple[System, System],
) -> Test:
    details: dict[str, float] = {}
    single = all(len(call) == 1 for call in calls)
    if single:
        table = mcnemar(truth, calls[0][0], calls[1][0])
        details = {
            "only_first": table.only_first,
            "only_second": table.only_second,
            "mcnemar_exact": table.exact,
            "mcnemar_mid_p": table.mid_p,
            "mcnemar_chi_squared": table.chi_squared,
            "mcnemar_chi_squared_p": table.chi_squared_p,
        }
        if clusters is None:
            return Test("McNemar, exact", table.exact, table.exact, details)
    p = sign_flip(counts, clusters)
    unit = "cases" if clusters is None else "clusters"
    return Test(f"McNemar over {unit} (exact sign-flip)" + _over(systems), p, p, details)


def _over(systems: tuple[System, System]) -> str:
    one, two = (len(system.runs) for system in systems)
    return "" if one == two == 1 else f", mean over {one} and {two} seeds, which are taken as given"


def _corrected(pairs: Sequence[Comparison]) -> tuple[Comparison, ...]:
    adjusted = iter(holm([one.test.p for one in pairs if one.test is not None]))
    return tuple(
        one if one.test is None else replace(one, test=replace(one.test, adjusted=next(adjusted))) for one in pairs
    )


def _ranks(aligned: Aligned, blocks: str | None, settings: Settings) -> tuple[Ranks | None, tuple[str, ...]]:
    """Ranks of the AUROC over the values of an attribute, or over seeds; and the blocks that had to be left out."""
    systems, cases = aligned.systems, aligned.cases
    counts = {len(system.runs) for system in systems}
    if blocks is not None and blocks not in cases.attributes:
        known = ", ".join(cases.attributes) or "none"
        raise DataError("there is no such attribute to make blocks of", expected=known, got=blocks)
    if len(systems) < 3 or (blocks is None and (len(counts) > 1 or counts == {1})):
        return None, ()
    rows: dict[str, list[float]] = {}
    left: list[str] = []
    if blocks is None:
        for i in range(counts.pop()):
            rows[str(i + 1)] = [auroc(cases.label, system.runs[i].probability) for system in systems]
    else:
        for value in np.unique(cases.attributes[blocks]).tolist():
            inside = cases.attributes[blocks] == value
            if len(np.unique(cases.label[inside])) < 2 or not value:
                left.append(value or "not stated")
                continue
            rows[value] = [
                float(np.mean([auroc(cases.label[inside], run.probability[inside]) for run in system.runs]))
                for system in systems
            ]
    if len(rows) < 2:
        return None, tuple(left)
    kind = "seed" if blocks is None else blocks
    ranks = rank_systems(
        list(rows.values()),
        [system.name for system in systems],
        list(rows),
        kind=kind,
        figure="AUROC",
        level=settings.level,
    )
    return ranks, tuple(left)
