"""From observations to the reference that later ones are compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from osteon.bundle.reference import RARE, CategoryReference, QuantityReference, Reference
from osteon.core.errors import DataError
from osteon.monitoring.fields import AGREEMENT, FIELDS
from osteon.monitoring.observation import Observation

MINIMUM: Final = 50
"""Studies that a reference needs at least: with fewer no change could be detected."""

BINS: Final = 20


def freeze(observations: Sequence[Observation], *, data: str, made: str) -> Reference:
    """Count what is watched.

    Args:
        observations: of one bundle.
        data: what they are, in words.
        made: UTC date, ISO 8601.

    Raises:
        DataError: there are too few, or of several bundles.
    """
    bundles = sorted({observation.bundle for observation in observations})
    if len(observations) < MINIMUM or len(bundles) != 1:
        raise DataError(
            "no reference can be made of these studies",
            expected=f"at least {MINIMUM} studies read by one bundle",
            got=f"{len(observations)} studies read by {len(bundles)} ({', '.join(bundles) or 'none'})",
        )
    quantities: dict[str, QuantityReference] = {}
    categories: dict[str, CategoryReference] = {}
    for field in FIELDS:
        if field.quantity:
            values = [one.quantities[field.name] for one in observations if field.name in one.quantities]
            if values:
                quantities[field.name] = _histogram(values, len(observations) - len(values))
        else:
            named = [value for one in observations if (value := category(one, field.name)) is not None]
            if named:
                categories[field.name] = _counts(
                    named, 0 if field.name == AGREEMENT else len(observations) - len(named)
                )
    agreement = categories.pop(AGREEMENT, None)
    if agreement is not None:  # of all studies, some without an answer
        answered = sum(agreement.counts.values()) + agreement.rare
        categories[AGREEMENT] = agreement.model_copy(update={"missing": len(observations) - answered})
    return Reference(
        bundle=bundles[0],
        data=data,
        made=made,
        studies=len(observations),
        quantities=quantities,
        categories=categories,
    )


def category(observation: Observation, field: str) -> str | None:
    """The value of a category; of the readers' agreement ``yes`` or ``no``."""
    if field != AGREEMENT:
        return observation.categories.get(field)
    return None if observation.answer is None else "yes" if observation.answer.agrees else "no"


def _histogram(values: Sequence[float], missing: int) -> QuantityReference:
    array = np.asarray(values, np.float64)
    cuts = np.unique(np.quantile(array, np.arange(1, BINS) / BINS, method="inverted_cdf"))
    cuts = cuts[cuts < array.max()]  # the last bin is never empty
    counts = np.bincount(np.searchsorted(cuts, array, "left"), minlength=len(cuts) + 1)
    return QuantityReference(
        cuts=tuple(cuts.tolist()),
        counts=tuple(counts.tolist()),
        missing=missing,
        lowest=float(array.min()),
        highest=float(array.max()),
    )


def _counts(values: Sequence[str], missing: int) -> CategoryReference:
    every = Counter(values)
    often = {value: count for value, count in sorted(every.items()) if count >= RARE}
    return CategoryReference(counts=often, rare=len(values) - sum(often.values()), missing=missing)
