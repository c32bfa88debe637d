"""Systems to be compared: their predictions, of one run or several seeds, and how they come to be of the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.predictions.pooling import Pooling, pooled
from osteon.evaluation.predictions.predictions import Predictions, Texts


@dataclass(frozen=True)
class System:
    """One system.

    Attributes:
        name: what tables and plots call it.
        runs: predictions of each run; several where they differ in the seed only.
        points: thresholds of each run by the name of the operating point, fixed on other cases.
        sources: where each run came from, for the record.
    """

    name: str
    runs: tuple[Predictions, ...]
    points: tuple[Mapping[str, float], ...] = ()
    sources: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        """Check that it has runs, and points for all of them or for none.

        Raises:
            DataError: it has not.
        """
        if not self.runs:
            raise DataError(f"{self.name} has no predictions", expected="at least one run", got="none")
        if not self.points:
            object.__setattr__(self, "points", tuple({} for _ in self.runs))
        if len(self.points) != len(self.runs):
            raise DataError(
                f"{self.name} has other runs than thresholds", expected=f"{len(self.runs)}", got=f"{len(self.points)}"
            )


@dataclass(frozen=True)
class Aligned:
    """Systems on the same cases in the same order, all of them labelled and read by every run.

    Attributes:
        systems: with complete predictions.
        points: operating points that every run has.
        left_out: rows of each system that another lacks; not 0 only where the common cases were asked for.
        incomplete: common cases without a label, or that some run did not read.
    """

    systems: tuple[System, ...]
    points: tuple[str, ...]
    left_out: Mapping[str, int]
    incomplete: int

    @property
    def cases(self) -> Predictions:
        """Images, labels and clusters, as in the first run."""
        return self.systems[0].runs[0]


def align(systems: Sequence[System], *, common: bool = False, pooling: Pooling | None = None) -> Aligned:
    """Bring systems to the same cases.

    Args:
        systems: with different names.
        common: compare on the images that all name, instead of refusing systems that name different ones.
        pooling: how the images of a study become one case; None keeps images.

    Raises:
        DataError: two systems have the same name; or they do not agree on images, labels or clusters, or no case is
            left. No image is named in the message, only how many differ and in which row of which system the first.
    """
    names = [system.name for system in systems]
    if len(set(names)) != len(names):
        raise DataError("two systems have the same name", got=", ".join(sorted(names)))
    runs = [(system.name, run) for system in systems for run in system.runs]
    shared = _shared(runs, common=common)
    tables = [run.select(np.flatnonzero(np.isin(run.image, shared))) for _, run in runs]
    tables = [table.select(np.argsort(table.image, kind="stable")) for table in tables]
    _same_labels(runs, tables)
    tables = _same_groups(runs, tables)
    kept = np.logical_and.reduce([table.labelled & table.read for table in tables])
    if not kept.any():
        raise DataError("no case is left to compare", expected="cases with a label that every run read", got="none")
    incomplete = int(np.count_nonzero(~kept))
    tables = [table.select(np.flatnonzero(kept)) for table in tables]
    if pooling is not None:
        tables = [pooled(table, pooling) for table in tables]
    points = _shared_points(systems)
    found: list[System] = []
    rest = iter(tables)
    for system in systems:
        at = tuple({name: one[name] for name in points} for one in system.points)
        found.append(replace(system, runs=tuple(next(rest) for _ in system.runs), points=at))
    left_out = {
        system.name: max(len(run) for run in system.runs) - len(shared)
        for system in systems
        if max(len(run) for run in system.runs) > len(shared)
    }
    return Aligned(tuple(found), points, left_out, incomplete)


def _shared(runs: Sequence[tuple[str, Predictions]], *, common: bool) -> Texts:
    """Images that all runs name."""
    shared = runs[0][1].image
    for _, run in runs[1:]:
        shared = np.intersect1d(shared, run.image)
    if common or all(len(run) == len(shared) for _, run in runs):
        if not len(shared):
            raise DataError("the systems share no image", hint="Are images named alike in all tables?")
        return shared
    surplus = {name: len(run) - len(shared) for name, run in runs if len(run) > len(shared)}
    raise DataError(
        "the systems were run on different images",
        expected=f"the same images; {len(shared):,} are common to all",
        got="; ".join(f"{name} has {count:,} that not all have" for name, count in surplus.items()),
        hint="Name images alike in all tables, or compare on the common ones with --common.",
    )


def _same_labels(runs: Sequence[tuple[str, Predictions]], tables: Sequence[Predictions]) -> None:
    first = tables[0]
    for (name, run), table in zip(runs[1:], tables[1:], strict=True):
        apart = np.flatnonzero(table.label != first.label)
        if len(apart):
            row = int(np.flatnonzero(run.image == table.image[apart[0]])[0]) + 1
            raise DataError(
                "the systems disagree on the labels",
                expected=f"the labels of {runs[0][0]}",
                got=f"{len(apart):,} other labels in {name}, the first in row {row}",
                hint="Compare predictions made with the same table of cases.",
            )


def _same_groups(runs: Sequence[tuple[str, Predictions]], tables: Sequence[Predictions]) -> list[Predictions]:
    """Give all tables the same studies and clusters; a table that states none takes those of the others."""
    images = [table.image for table in tables]
    studies = _agreed("studies", runs, [table.study for table in tables], images)
    clusters = _agreed("clusters", runs, [table.cluster for table in tables], [table.study for table in tables])
    study = images[0] if studies is None else studies
    return [replace(table, study=study, cluster=study if clusters is None else clusters) for table in tables]


def _agreed(
    attribute: str, runs: Sequence[tuple[str, Predictions]], groups: Sequence[Texts], otherwise: Sequence[Texts]
) -> Texts | None:
    """The groups on which all tables that state some agree; None where none does."""
    stated = [i for i, names in enumerate(groups) if not np.array_equal(names, otherwise[i])]
    for i in stated[1:]:
        apart = int(np.count_nonzero(groups[i] != groups[stated[0]]))
        if apart:
            raise DataError(
                f"the systems disagree on the {attribute}",
                expected=f"the {attribute} of {runs[stated[0]][0]}",
                got=f"{apart:,} images in another one in {runs[i][0]}",
                hint="Compare predictions made with the same table of cases.",
            )
    return groups[stated[0]] if stated else None


def _shared_points(systems: Sequence[System]) -> tuple[str, ...]:
    """Operating points that all runs have, in the order of the first."""
    every = [points for system in systems for points in system.points]
    return tuple(name for name in every[0] if all(name in points for points in every))
