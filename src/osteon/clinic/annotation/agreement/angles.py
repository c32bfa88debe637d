"""Agreement on angles: Krippendorff's alpha of degrees, where a reader drew one angle of a label in an image."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from osteon.clinic.annotation.agreement.judgements import Judgements
from osteon.clinic.annotation.agreement.matrices import cluster
from osteon.clinic.annotation.agreement.records import AgreementOptions, AgreementRow, Compared, Level, Variable
from osteon.clinic.annotation.agreement.selection import Selection
from osteon.clinic.annotation.records.read import Read, Region
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.stats.agreement.measure import number_figures


def degrees(region: Region) -> float:
    """The angle between both legs, in [0, 180]; NaN where a leg has no length."""
    (ax, ay), (x, y), (bx, by) = region.points
    first, second = math.hypot(ax - x, ay - y), math.hypot(bx - x, by - y)
    if not first or not second:
        return math.nan
    cosine = ((ax - x) * (bx - x) + (ay - y) * (by - y)) / (first * second)
    return math.degrees(math.acos(min(1.0, max(-1.0, cosine))))


def angle_rows(
    chosen: Selection, judgements: Judgements, options: AgreementOptions
) -> tuple[tuple[Variable, ...], tuple[AgreementRow, ...]]:
    """Labels that angles are drawn for, and the comparison of all readers for each that was drawn twice in an image."""
    labels = [label for label in judgements.labels.values() if RegionKind.ANGLE in label.kinds]
    variables = tuple(Variable(label.id, label.name, ()) for label in labels)
    return variables, tuple(row for variable in variables for row in _row(chosen, variable, options))


def _row(chosen: Selection, variable: Variable, options: AgreementOptions) -> Iterator[AgreementRow]:
    readers = {number: place for place, number in enumerate(chosen.readers)}
    found: dict[tuple[int, int], list[float]] = {}
    for (item, reader), read in chosen.first.items():
        for image, angle in _angles(read, variable.id).items():
            found.setdefault((item, image), [math.nan] * len(readers))[readers[reader]] = angle
    values = np.array([*found.values()]).reshape(len(found), len(readers))
    twice = (~np.isnan(values)).sum(axis=1) >= 2
    if not twice.any():
        return
    clusters = np.array([cluster(chosen.items[item]) for item, _ in found])
    figures = number_figures(values, clusters, options.resampling)
    drawn = int((~np.isnan(values[twice])).sum())
    yield AgreementRow(
        Compared.ALL,
        Level.REGION,
        variable.id,
        int(twice.sum()),
        {"alpha_angle": figures["alpha"]},
        counts={"drawn": drawn},
    )


def _angles(read: Read, label: str) -> Mapping[int, float]:
    """Degrees by image; of an image with several angles of one label nobody knows which is which."""
    found: dict[int, list[float]] = {}
    for region in read.regions:
        if region.label == label and region.kind is RegionKind.ANGLE:
            found.setdefault(region.image, []).append(degrees(region))
    return {image: angles[0] for image, angles in found.items() if len(angles) == 1 and not math.isnan(angles[0])}
