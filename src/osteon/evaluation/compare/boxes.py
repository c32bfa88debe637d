"""Two detectors on the same images: differences of FROC and average precision, on the same resamples of clusters.

FROC comes first: it is the mean of sensitivities at seven rates of false alarms, and does not hang on the order of the few
highest boxes as average precision does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from osteon.core.errors import DataError
from osteon.evaluation.binary.comparison import Comparison
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.compare.sources import table_in
from osteon.evaluation.compare.systems import System
from osteon.evaluation.detection.metrics import affordable, matched
from osteon.evaluation.predictions.boxfiles import read_boxes
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Texts, read_predictions
from osteon.stats.bootstrap import Replicates, defined, figure, replicate
from osteon.stats.checks import Floats
from osteon.stats.detection.average_precision import CHUNK, AveragePrecision
from osteon.stats.detection.froc import FROC_RATES, FrocRates
from osteon.stats.statistic import Joint

FIGURES: Final = ("froc", *(f"froc_at_{rate:g}" for rate in FROC_RATES), "map50", "map")


class BoxedSystem(NamedTuple):
    """A detector's boxes in the images of an evaluation, in the order of their names.

    Attributes:
        name: of the system.
        images: names, (n,).
        clusters: (n,).
        boxes: found and marked.
    """

    name: str
    images: Texts
    clusters: Texts
    boxes: Detections


def boxed_systems(systems: Sequence[System]) -> tuple[BoxedSystem, ...]:
    """The systems of one run each whose evaluations hold boxes.

    Raises:
        DataError: the boxes cannot be read.
    """
    found: list[BoxedSystem] = []
    for system in systems:
        folder = Path(system.sources[0]) if len(system.sources) == 1 else None
        if folder is None or not folder.is_dir():
            continue
        said = read_predictions(table_in(folder))
        boxes = read_boxes(folder, said.image.tolist())
        if boxes is None:
            continue
        order = np.argsort(said.image, kind="stable")
        row = np.argsort(order, kind="stable")
        truth, detected, crowds = (
            replace(part, image=row[part.image]) for part in (boxes.truth, boxes.found, boxes.crowds)
        )
        ordered = replace(boxes, truth=truth, found=detected, crowds=crowds, read=boxes.read[order])
        found.append(BoxedSystem(system.name, said.image[order], said.cluster[order], ordered))
    return tuple(found)


def compare_boxes(systems: Sequence[BoxedSystem], settings: Settings) -> tuple[Comparison, ...]:
    """First minus second of every two detectors, figure by figure, with intervals over clusters.

    Images that one of them refused to read are left out of both, as they are where calls are compared.

    Args:
        systems: two or more; with fewer there is nothing to compare.
        settings: of the intervals.

    Raises:
        DataError: they were not measured on the same images, or there is none that all of them read.
    """
    if len(systems) < 2:
        return ()
    if any(not np.array_equal(other.images, systems[0].images) for other in systems):
        raise DataError("the detectors were not measured on the same images")
    read = np.logical_and.reduce([one.boxes.read for one in systems])
    if not read.any():
        raise DataError("there is no image that all detectors read")
    systems = [BoxedSystem(one.name, one.images[read], one.clusters[read], one.boxes.select(read)) for one in systems]
    first = systems[0]
    # As many resamples for all, whichever of them gives out most boxes: only then are they the same resamples.
    resamples = affordable(settings, max(len(one.boxes.found) for one in systems))
    drawn = [_replicates(one, first.clusters, resamples, settings.seed) for one in systems]
    found: list[Comparison] = []
    for (one, its), (two, other) in combinations(zip(systems, drawn, strict=True), 2):
        gap = replace(its, values=its.values - other.values, draws=its.draws - other.draws)
        for name in defined(gap):
            at = gap.names.index(name)
            values = (float(its.values[at]), float(other.values[at]))
            difference = figure(gap, name, level=settings.level)
            found.append(Comparison(one.name, two.name, f"detection.{name}", values, difference))
    return tuple(found)


def _replicates(system: BoxedSystem, clusters: Texts, resamples: int, seed: int) -> Replicates:
    matches = matched(system.boxes)
    parts = [FrocRates(matches), AveragePrecision(matches, system.boxes.names)]
    whole = replicate(Joint(parts), clusters=clusters, resamples=resamples, seed=seed, chunk=CHUNK)
    columns = [whole.names.index(name) for name in FIGURES]
    draws: Floats = whole.draws[:, columns]
    return replace(whole, names=FIGURES, values=whole.values[columns], draws=draws, left_out=None)
