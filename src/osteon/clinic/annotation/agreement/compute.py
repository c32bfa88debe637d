"""Agreement of a project: every comparison at every level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import combinations

import numpy as np

from osteon.clinic.annotation.agreement.angles import angle_rows
from osteon.clinic.annotation.agreement.judgements import Judgements
from osteon.clinic.annotation.agreement.matrices import Matrices, matrices
from osteon.clinic.annotation.agreement.overlap import region_rows
from osteon.clinic.annotation.agreement.readers import reader_rows
from osteon.clinic.annotation.agreement.records import (
    Agreement,
    AgreementOptions,
    AgreementRow,
    Compared,
    Level,
    Variable,
)
from osteon.clinic.annotation.agreement.regions import not_compared
from osteon.clinic.annotation.agreement.selection import Selection, selected
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Read
from osteon.stats.agreement.measure import Figures, group_figures, pair_figures
from osteon.stats.agreement.ratings import MISSING, Ratings
from osteon.stats.checks import Booleans


def measure(content: ProjectContent, options: AgreementOptions, made: datetime) -> Agreement:
    """Measure the agreement of the readers of a project.

    Args:
        content: of the project.
        options: what is measured.
        made: the time to state.
    """
    chosen = selected(content, options)
    judgements = Judgements(content.schema)
    variables = {level: judgements.variables(level) for level in (Level.STUDY, Level.IMAGE)}
    rows: list[AgreementRow] = []
    for level, judged in variables.items():
        rows += _level_rows(chosen, judgements, judged, level, options)
    drawn, regions = region_rows(chosen, judgements, options)
    measured, angles = angle_rows(chosen, judgements, options)
    drawn += tuple(one for one in measured if one not in drawn)
    readers_of = _readers_of(chosen)
    return Agreement(
        project=content.project.name,
        title=content.schema.title,
        made=made,
        options=options,
        variables=variables | {Level.REGION: drawn},
        rows=(*rows, *regions, *angles),
        readers=reader_rows(content),
        studies=len(chosen.items),
        read_twice=sum(1 for count in readers_of.values() if count > 1),
        agreed=len(chosen.consensus),
        left_out=chosen.left_out,
        not_compared=not_compared(chosen.first.values()),
    )


def _readers_of(chosen: Selection) -> dict[int, int]:
    count: dict[int, int] = {}
    for item, _ in chosen.first:
        count[item] = count.get(item, 0) + 1
    return count


def _level_rows(
    chosen: Selection, judgements: Judgements, variables: tuple[Variable, ...], level: Level, options: AgreementOptions
) -> Iterator[AgreementRow]:
    """Rows of all comparisons of one level; those without a case judged twice are left out."""
    readers = list(chosen.readers)
    table = matrices(chosen.first, readers, chosen.items, judgements, variables, level)
    clusters = np.array(table.clusters(chosen.items))
    fewer = replace(options, resampling=replace(options.resampling, resamples=options.pair_resamples))
    for variable in variables:
        codes = table.codes[variable.id]
        if len(readers) > 1 and len(codes):
            judged = Ratings(codes, len(variable.categories))
            yield from _row(Compared.ALL, level, variable, judged, clusters, options)
            for first, second in combinations(range(len(readers)), 2):
                names = (chosen.readers[readers[first]], chosen.readers[readers[second]])
                yield from _row(
                    Compared.PAIR, level, variable, judged.pair(first, second), clusters, fewer, readers=names
                )
            for period, kept in _periods(chosen, table).items():
                part = Ratings(codes[kept], judged.categories)
                yield from _row(Compared.PERIOD, level, variable, part, clusters[kept], fewer, period=period)
    for number in readers:
        own = {(item, "reader"): read for (item, reader), read in chosen.first.items() if reader == number}
        agreed: dict[tuple[int, str], Read | Consensus] = {
            (item, "consensus"): chosen.consensus[item] for item, _ in own if item in chosen.consensus
        }
        yield from _two(Compared.CONSENSUS, chosen, number, {**own, **agreed}, judgements, variables, level, fewer)
        again: dict[tuple[int, str], Read | Consensus] = {}
        for first_read, second_read in chosen.repeated:
            if second_read.reader == number:
                again |= {(first_read.item, "reader"): first_read, (first_read.item, "consensus"): second_read}
        yield from _two(Compared.REPEAT, chosen, number, again, judgements, variables, level, fewer)


def _two(
    compared: Compared,
    chosen: Selection,
    reader: int,
    reads: Mapping[tuple[int, str], Read | Consensus],
    judgements: Judgements,
    variables: tuple[Variable, ...],
    level: Level,
    options: AgreementOptions,
) -> Iterator[AgreementRow]:
    """A reader with the consensus, or with their own second read."""
    table = matrices(reads, ["reader", "consensus"], chosen.items, judgements, variables, level)
    if not table.units:
        return
    clusters = np.array(table.clusters(chosen.items))
    for variable in variables:
        judged = Ratings(table.codes[variable.id], len(variable.categories))
        yield from _row(compared, level, variable, judged, clusters, options, readers=(chosen.readers[reader],))


def _row(
    compared: Compared,
    level: Level,
    variable: Variable,
    judged: Ratings,
    clusters: np.ndarray,
    options: AgreementOptions,
    *,
    readers: tuple[str, ...] = (),
    period: str = "",
) -> Iterator[AgreementRow]:
    if not judged.paired:
        return
    twice: Booleans = (judged.codes != MISSING).sum(axis=1) >= 2
    counts = judged.counts[twice].sum(axis=0)
    yield AgreementRow(
        compared,
        level,
        variable.id,
        judged.paired,
        _figures(compared, variable, judged, clusters, options),
        readers,
        period,
        {name: int(count) for name, count in zip(variable.categories, counts.tolist(), strict=True)},
    )


def _figures(
    compared: Compared, variable: Variable, judged: Ratings, clusters: np.ndarray, options: AgreementOptions
) -> Figures:
    names, how = list(variable.categories), options.resampling
    if compared in {Compared.ALL, Compared.PERIOD}:
        found = group_figures(judged, names, clusters, how)
        if variable.ordered:
            found["alpha_ordinal"] = group_figures(judged, names, clusters, how, scale="ordinal")["alpha"]
        return found
    found = pair_figures(judged, names, clusters, how)
    if variable.ordered:
        found["kappa_linear"] = pair_figures(judged, names, clusters, how, weighting="linear")["kappa"]
        found["kappa_quadratic"] = pair_figures(judged, names, clusters, how, weighting="quadratic")["kappa"]
    return found


def _periods(chosen: Selection, table: Matrices[int]) -> dict[str, Booleans]:
    """Rows of each month in which the last read of the study was finished; none where all are of one month."""
    last: dict[int, datetime] = {}
    for (item, _), read in chosen.first.items():
        last[item] = max(last.get(item, read.finished), read.finished)
    months = np.array([f"{last[item]:%Y-%m}" for item, _ in table.units])
    found = sorted(set(months.tolist()))
    return {month: months == month for month in found} if len(found) > 1 else {}
