"""What several readers said of the same cases, as a matrix of categories."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.core.errors import DataError
from osteon.stats.checks import Floats, Integers

MISSING: Final = -1
"""A reader did not judge the case; never counted as a category."""


@dataclass(frozen=True)
class Ratings:
    """Categories that readers gave to cases.

    Attributes:
        codes: number of the category, or :data:`MISSING`, (cases, readers).
        categories: how many there are; their numbers are their order where the scale is ordinal.
    """

    codes: Integers
    categories: int

    def __post_init__(self) -> None:
        """Check shape and range.

        Raises:
            DataError: it is no matrix of at least one case and two readers, or a category is not there.
        """
        if self.codes.ndim != 2 or self.codes.shape[0] < 1 or self.codes.shape[1] < 2:
            raise DataError(
                "these are not the judgements of several readers",
                expected="a matrix of at least one case and two readers",
                got=f"shape {self.codes.shape}",
            )
        if self.categories < 1 or int(self.codes.max()) >= self.categories or int(self.codes.min()) < MISSING:
            raise DataError(
                "a judgement is of a category that is not there",
                expected=f"0 to {self.categories - 1}, or {MISSING} for none",
                got=f"{int(self.codes.min())} to {int(self.codes.max())}",
            )

    @property
    def n(self) -> int:
        """Number of cases."""
        return self.codes.shape[0]

    @property
    def counts(self) -> Floats:
        """How many readers gave each category to each case, (cases, categories)."""
        return np.stack([(self.codes == code).sum(axis=1) for code in range(self.categories)], axis=1).astype(float)

    @property
    def paired(self) -> int:
        """Number of cases that at least two readers judged."""
        return int(((self.codes != MISSING).sum(axis=1) >= 2).sum())

    def pair(self, first: int, second: int) -> Ratings:
        """Two of the readers."""
        return Ratings(self.codes[:, [first, second]], self.categories)


def ratings(codes: ArrayLike, categories: int) -> Ratings:
    """Judgements from numbers of categories, (cases, readers), -1 where a reader gave none.

    Raises:
        DataError: as :class:`Ratings`.
    """
    return Ratings(np.asarray(codes, np.int64), categories)


def coded(values: Sequence[Sequence[Hashable | None]], categories: Sequence[Hashable]) -> Ratings:
    """Judgements from names of categories, None where a reader gave none.

    Args:
        values: a row for each case, in it a judgement for each reader.
        categories: all that there are, in their order where the scale is ordinal.

    Raises:
        DataError: a judgement is none of the categories, or as :class:`Ratings`.
    """
    number = {name: code for code, name in enumerate(categories)}
    strange = {value for row in values for value in row if value is not None and value not in number}
    if strange:
        raise DataError(
            "some judgements are of no known category",
            expected=", ".join(map(str, categories)),
            got=f"{len(strange)} other values",
        )
    codes = [[MISSING if value is None else number[value] for value in row] for row in values]
    return Ratings(np.asarray(codes, np.int64).reshape(len(values), -1), len(categories))
