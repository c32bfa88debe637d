"""Agreement on regions: F1 of boxes between readers, and each reader against the consensus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

import numpy as np

from osteon.clinic.annotation.agreement.judgements import Judgements
from osteon.clinic.annotation.agreement.matrices import cluster
from osteon.clinic.annotation.agreement.records import AgreementOptions, AgreementRow, Compared, Level, Variable
from osteon.clinic.annotation.agreement.regions import COMPARED, boxes_of
from osteon.clinic.annotation.agreement.selection import Selection
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.read import Read
from osteon.clinic.annotation.schema.records import LabelScope
from osteon.stats.agreement.boxes import IOU_THRESHOLDS
from osteon.stats.agreement.measure import Figures, Resampling, box_figures, froc_figures
from osteon.stats.detection.boxes import Boxes

ANY: Final = "*"
"""Regions of all labels together; they still match their own label only."""

Spoken = Read | Consensus
PairsOfReads = Sequence[tuple[int, Spoken, Spoken]]
"""Item, and both reads of it."""


def region_rows(
    chosen: Selection, judgements: Judgements, options: AgreementOptions
) -> tuple[tuple[Variable, ...], tuple[AgreementRow, ...]]:
    """What regions are compared by, and the comparisons that had an image to compare."""
    labels = [
        label
        for label in judgements.labels.values()
        if label.scope is LabelScope.REGION and set(COMPARED) & set(label.kinds)
    ]
    if not labels:
        return (), ()
    variables = [Variable(label.id, label.name, ()) for label in labels]
    if len(variables) > 1:
        variables.insert(0, Variable(ANY, "All regions", ()))
    return tuple(variables), tuple(_rows(chosen, [variable.id for variable in variables], options))


def _rows(chosen: Selection, names: Sequence[str], options: AgreementOptions) -> Iterator[AgreementRow]:
    numbers = {name: place for place, name in enumerate(name for name in names if name != ANY)}
    by_reader: dict[int, dict[int, Read]] = {number: {} for number in chosen.readers}
    for (item, reader), read in chosen.first.items():
        by_reader[reader][item] = read
    fewer = replace(options.resampling, resamples=options.pair_resamples)
    every: list[tuple[int, Spoken, Spoken]] = []
    for first, second in combinations(chosen.readers, 2):
        shared = by_reader[first].keys() & by_reader[second].keys()
        both = [(item, by_reader[first][item], by_reader[second][item]) for item in sorted(shared)]
        every += both
        readers = (chosen.readers[first], chosen.readers[second])
        yield from _compared(chosen, both, names, numbers, Compared.PAIR, readers, fewer)
    if every:
        yield from _compared(chosen, every, names, numbers, Compared.ALL, (), options.resampling)
    for number, name in chosen.readers.items():
        agreed = [
            (item, chosen.consensus[item], read)
            for item, read in sorted(by_reader[number].items())
            if item in chosen.consensus
        ]
        yield from _compared(chosen, agreed, names, numbers, Compared.CONSENSUS, (name,), fewer)
        again = [(one.item, one, two) for one, two in chosen.repeated if two.reader == number]
        yield from _compared(chosen, again, names, numbers, Compared.REPEAT, (name,), fewer)


def _compared(
    chosen: Selection,
    reads: PairsOfReads,
    names: Sequence[str],
    numbers: Mapping[str, int],
    compared: Compared,
    readers: tuple[str, ...],
    how: Resampling,
) -> Iterator[AgreementRow]:
    """Rows of all labels for pairs of reads; the same study may stand there several times, by other pairs of readers."""
    images: dict[tuple[int, int], int] = {}
    clusters: list[str] = []
    for place, (item, _, _) in enumerate(reads):
        for image in chosen.items[item].images:
            images[place, image.position] = len(images)
            clusters.append(cluster(chosen.items[item]))
    if not images:
        return
    first = boxes_of([(place, one) for place, (_, one, _) in enumerate(reads)], images, numbers)
    second = boxes_of([(place, two) for place, (_, _, two) in enumerate(reads)], images, numbers)
    for name in names:
        one, two = (_of_label(found, None if name == ANY else numbers[name]) for found in (first, second))
        if not len(one) and not len(two):
            continue
        yield AgreementRow(
            compared,
            Level.REGION,
            name,
            len(images),
            _figures(one, two, len(images), np.array(clusters), how, froc=compared is Compared.CONSENSUS),
            readers,
            counts={"first": len(one), "second": len(two)},
        )


def _of_label(found: Boxes, number: int | None) -> Boxes:
    return found if number is None else found.select(found.label == number)


def _figures(first: Boxes, second: Boxes, images: int, clusters: np.ndarray, how: Resampling, *, froc: bool) -> Figures:
    found: Figures = {}
    for iou in IOU_THRESHOLDS:
        measured = box_figures(first, second, images=images, iou=iou, clusters=clusters, resampling=how)
        if froc:
            measured |= froc_figures(first, second, images=images, iou=iou, clusters=clusters, resampling=how)
        found |= {f"{name}_{round(100 * iou)}": figure for name, figure in measured.items()}
    return found
