"""Streams: shares of studies that are watched, each with its share in the reference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from osteon.bundle.reference import CategoryReference, QuantityReference, Reference
from osteon.monitoring.fields import AGREEMENT, FIELDS
from osteon.monitoring.freeze import category
from osteon.monitoring.observation import Observation

TAIL: Final = 0.1
"""Part of the reference that is its low end, and its high end."""

WIDEST: Final = 0.35
"""An end with more than this (many equal values) is not watched."""

COMMON: Final = 0.02
"""A value that fewer have is watched together with other such, and with new ones."""

LEAST: Final = 30
"""Studies of a field in the reference, so that it is watched."""


class Kind(StrEnum):
    """Which studies a stream counts."""

    LOW = "low"
    """A quantity at or below ``limit``."""
    HIGH = "high"
    """A quantity above ``limit``."""
    UNSEEN = "unseen"
    """A quantity outside of all that the reference has, from ``limit`` to ``upper``."""
    VALUE = "value"
    """A category with this ``value``."""
    OTHER = "other"
    """A category with a value that few or none of the reference have."""
    MISSING = "missing"
    """Nothing is stated."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A share that is watched.

    Attributes:
        field: name of its field.
        kind: which studies it counts.
        hits: such studies in the reference.
        cases: all of the reference that it could count.
        limit: of a quantity.
        upper: of what is unseen.
        value: of a category.
        common: values of a category that are not ``OTHER``.
    """

    field: str
    kind: Kind
    hits: int
    cases: int
    limit: float | None = None
    upper: float | None = None
    value: str | None = None
    common: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The stream in one word, e.g. ``age.low`` or ``sex.value.F``."""
        return ".".join(part for part in (self.field, self.kind.value, self.value) if part)

    def counts(self, observation: Observation) -> bool | None:
        """Whether it counts a study; None where it says nothing of it."""
        if self.kind in (Kind.LOW, Kind.HIGH, Kind.UNSEEN):
            number = observation.quantities.get(self.field)
            return None if number is None else self.counts_number(number)
        value = category(observation, self.field)
        if self.kind is Kind.MISSING:
            return value is None and self.field not in observation.quantities
        if value is None:
            return None
        return value == self.value if self.kind is Kind.VALUE else value not in self.common

    def counts_number(self, number: float) -> bool:
        """Whether a quantity is one that it counts."""
        limit = self.limit if self.limit is not None else 0.0
        if self.kind is Kind.LOW:
            return number <= limit
        if self.kind is Kind.HIGH:
            return number > limit
        return number < limit or (self.upper is not None and number > self.upper)


def streams_of(reference: Reference) -> tuple[Stream, ...]:
    """All streams that a reference allows, in the order of the fields."""
    found: list[Stream] = []
    for field in FIELDS:
        if (quantity := reference.quantities.get(field.name)) is not None:
            found += _of_quantity(field.name, quantity)
        elif (values := reference.categories.get(field.name)) is not None:
            found += _of_agreement(values) if field.name == AGREEMENT else _of_category(field.name, values)
    return tuple(found)


def _of_quantity(field: str, histogram: QuantityReference) -> list[Stream]:
    cases, found = sum(histogram.counts), _missing(field, sum(histogram.counts), histogram.missing)
    if cases < LEAST:
        return found
    below = [sum(histogram.counts[: index + 1]) for index in range(len(histogram.cuts))]
    low = next((index for index, count in enumerate(below) if count >= TAIL * cases), None)
    high = next((index for index in reversed(range(len(below))) if cases - below[index] >= TAIL * cases), None)
    if low is not None and below[low] <= WIDEST * cases:
        found.append(Stream(field, Kind.LOW, below[low], cases, histogram.cuts[low]))
    if high is not None and cases - below[high] <= WIDEST * cases:
        found.append(Stream(field, Kind.HIGH, cases - below[high], cases, histogram.cuts[high]))
    return [*found, Stream(field, Kind.UNSEEN, 0, cases, histogram.lowest, histogram.highest)]


def _of_category(field: str, values: CategoryReference) -> list[Stream]:
    cases = sum(values.counts.values()) + values.rare
    found = _missing(field, cases, values.missing)
    if cases < LEAST:
        return found
    common = {value: count for value, count in values.counts.items() if count >= COMMON * cases}
    if len(common) > 1:
        found += [Stream(field, Kind.VALUE, count, cases, value=value) for value, count in common.items()]
    return [*found, Stream(field, Kind.OTHER, cases - sum(common.values()), cases, common=frozenset(common))]


def _of_agreement(values: CategoryReference) -> list[Stream]:
    cases = sum(values.counts.values()) + values.rare
    return (
        [Stream(AGREEMENT, Kind.VALUE, cases - values.counts.get("yes", 0), cases, value="no")]
        if cases >= LEAST
        else []
    )


def _missing(field: str, stated: int, missing: int) -> list[Stream]:
    return [Stream(field, Kind.MISSING, missing, stated + missing)] if stated + missing >= LEAST else []
