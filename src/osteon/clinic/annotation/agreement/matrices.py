"""From reads to matrices: a row for each study or image, a column for each reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from osteon.clinic.annotation.agreement.judgements import Judgements
from osteon.clinic.annotation.agreement.records import Level, Variable
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import Item
from osteon.clinic.annotation.records.read import Read
from osteon.stats.agreement.ratings import MISSING
from osteon.stats.checks import Integers

Column = TypeVar("Column", int, str)


@dataclass(frozen=True)
class Matrices(Generic[Column]):
    """Judgements of all variables of one level.

    Attributes:
        columns: who judged: numbers of readers, or other names.
        units: (item, image) of each row; the image is -1 for the study.
        codes: (units, columns) by the variable's id; ``MISSING`` where there is no judgement.
    """

    columns: tuple[Column, ...]
    units: tuple[tuple[int, int], ...]
    codes: Mapping[str, Integers]

    def clusters(self, items: Mapping[int, Item]) -> list[str]:
        """Patient of each row, or study where no patient is known."""
        return [cluster(items[item]) for item, _ in self.units]


def cluster(item: Item) -> str:
    """What is resampled: the patient, or the study where no patient is known."""
    return f"p{item.patient}" if item.patient else f"s{item.examination or item.id}"


def matrices(
    reads: Mapping[tuple[int, Column], Read | Consensus],
    columns: Sequence[Column],
    items: Mapping[int, Item],
    judgements: Judgements,
    variables: Sequence[Variable],
    level: Level,
) -> Matrices[Column]:
    """Judgements of studies or images.

    Args:
        reads: by item and column.
        columns: who judged.
        items: of the project, by number.
        judgements: of the schema.
        variables: that are judged.
        level: ``STUDY`` or ``IMAGE``.
    """
    place = {column: number for number, column in enumerate(columns)}
    units: dict[tuple[int, int], int] = {}
    cells: list[tuple[int, int, list[int]]] = []
    for (number, column), read in sorted(reads.items()):
        item, said = items[number], judgements.said(read)
        images = [-1] if level is Level.STUDY else [image.position for image in item.images]
        for image in images:
            unit = units.setdefault((number, image), len(units))
            values = [
                judgements.of_study(said, variable, item)
                if level is Level.STUDY
                else judgements.of_image(said, variable, image)
                for variable in variables
            ]
            cells.append((unit, place[column], values))
    codes = {variable.id: np.full((len(units), len(columns)), MISSING, np.int64) for variable in variables}
    for number, variable in enumerate(variables):
        for unit, column, values in cells:
            codes[variable.id][unit, column] = values[number]
    return Matrices(tuple(columns), tuple(units), codes)
