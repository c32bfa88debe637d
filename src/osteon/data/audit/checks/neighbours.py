"""Images of what is probably one patient in two parts of the split, where the dataset names no patients."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import DataError
from osteon.core.values import Value
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.duplicates.lookalikes import FEWEST, lookalikes
from osteon.data.files.names import as_path
from osteon.data.splits.runs import GAP, body_parts, numbering
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table

DISTANT: Final = (20, 60)
"""Distances in number at which two images are taken as those of different patients."""

EVIDENCE: Final = 5.0
"""Standard errors by which neighbours must agree more often than distant images, for numbers to run within patients."""

ENOUGH: Final = 50
"""Pairs of neighbours without which nothing is concluded."""


def neighbours_across_parts(evidence: Evidence) -> list[Problem]:
    """Images with neighbouring numbers and the same stated body part in two parts of the split.

    Only where the dataset names no patients and the numbers do run within patients: where neighbours agree in what is
    stated of them (body part, hardware, labels) more often than images 20 to 60 numbers apart.
    """
    table = evidence.table
    if _few_parts(table) or table.frame["patient"].null_count() < len(table) or not numbers_run_within_patients(table):
        return []
    parts = table.frame["split"].to_list()
    regions = body_parts(table)
    rows = _rows(table)
    found: list[Problem] = []
    for step in range(1, GAP + 1):
        for first, second in _pairs(rows, step).tolist():
            both = (parts[first], parts[second])
            if None not in both and both[0] != both[1] and regions[first] == regions[second]:
                values: dict[str, Value] = {"apart": step, "first": both[0], "second": both[1]}
                pair = (table.images[first], table.images[second])
                found.append(problem(Kind.NEIGHBOUR_ACROSS_SPLITS, pair, ProblemCode.NUMBERS_IN_TWO_PARTS, values))
    return found


def lookalikes_across_parts(evidence: Evidence) -> list[Problem]:
    """Images that a network finds almost equal, in two parts of the split: the same plate or cast, or two projections."""
    table = evidence.table
    parts = table.frame["split"].to_list()
    rows = [row for row, part in enumerate(parts) if part is not None]
    if evidence.embed is None or _few_parts(table) or len(rows) < FEWEST:
        return []
    names = [table.images[row] for row in rows]
    regions = body_parts(table)
    try:
        features = evidence.embed([as_path(evidence.root, name) for name in names])
        pairs = lookalikes(features, names, [regions[row] for row in rows])
    except DataError:
        return []
    found: list[Problem] = []
    for i, j in pairs.tolist():
        first, second = parts[rows[i]], parts[rows[j]]
        if first != second:
            values = {"first": first, "second": second}
            found.append(problem(Kind.LOOKALIKE_ACROSS_SPLITS, (names[i], names[j]), ProblemCode.IN_TWO_PARTS, values))
    return found


def numbers_run_within_patients(table: Table) -> bool:
    """Whether images with neighbouring numbers agree more often than such with distant ones."""
    stated = [table.frame[name].to_list() for name in ("body_part", "hardware")]
    stated += [table.label(name).tolist() for name in table.labels]
    codes = np.stack([_coded(column) for column in stated])
    rows = _rows(table)
    near = _pairs(rows, 1)
    distant = np.concatenate([_pairs(rows, step) for step in range(DISTANT[0], DISTANT[1] + 1)])
    if len(near) < ENOUGH or len(distant) < ENOUGH:
        return False
    shares = [float((codes[:, pairs[:, 0]] == codes[:, pairs[:, 1]]).all(axis=0).mean()) for pairs in (near, distant)]
    pooled = (shares[0] * len(near) + shares[1] * len(distant)) / (len(near) + len(distant))
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(near) + 1 / len(distant)))
    return bool(shares[0] - shares[1] > EVIDENCE * error)


def _coded(values: Sequence[Hashable]) -> NDArray[np.int64]:
    """A number for each value."""
    codes = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return np.array([codes[value] for value in values], np.int64)


def _few_parts(table: Table) -> bool:
    return table.frame["split"].drop_nulls().n_unique() < 2


def _rows(table: Table) -> dict[tuple[Hashable, int], int]:
    """The row of each number of each series."""
    series, numbers = numbering(table.images)
    return {key: row for row, key in enumerate(zip(series, numbers.tolist(), strict=True))}


def _pairs(row: Mapping[tuple[Hashable, int], int], step: int) -> NDArray[np.int64]:
    """Rows of images of one series whose numbers differ by ``step``: (K, 2)."""
    pairs = [
        (index, row[name, number + step])
        for (name, number), index in row.items()
        if number >= 0 and (name, number + step) in row
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)
