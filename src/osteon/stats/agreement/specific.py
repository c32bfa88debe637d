"""Raw and specific agreement: how often another reader says the same, for each category.

Two readers: Cicchetti and Feinstein, J. Clin. Epidemiol. 43:551, 1990. Several: the share of pairs, as Uebersax,
Int. J. Epidemiol. 11:180, 1982, extends it. Unlike kappa they do not depend on chance; positive agreement is low where
a finding is rare and missed, even if the readers agree on nearly all cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from osteon.core.errors import DataError
from osteon.stats.agreement.ratings import Ratings
from osteon.stats.checks import Floats


class SpecificAgreement:
    """``observed``: the share of pairs of judgements that agree; ``specific.<name>``: the same given one category."""

    def __init__(self, ratings: Ratings, names: Sequence[str]) -> None:
        """Count pairs of judgements in each case.

        Raises:
            DataError: there is not a name for each category.
        """
        if len(names) != ratings.categories:
            raise DataError(
                "names and categories differ in number", expected=f"{ratings.categories}", got=f"{len(names)}"
            )
        counts = ratings.counts
        readers = counts.sum(axis=1, keepdims=True)
        agreeing, possible = counts * (counts - 1), counts * (readers - 1).clip(min=0)
        self._agreeing = np.concatenate([agreeing.sum(axis=1, keepdims=True), agreeing], axis=1)
        self._possible = np.concatenate([possible.sum(axis=1, keepdims=True), possible], axis=1)
        self.n: int = ratings.n
        self.names: tuple[str, ...] = ("observed", *(f"specific.{name}" for name in names))

    def __call__(self, weights: Floats) -> Floats:
        """The shares for each row of weights; NaN for a category that nobody gave."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return (weights @ self._agreeing) / (weights @ self._possible)
