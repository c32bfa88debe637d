"""What observations are compared with where nobody froze a reference: the first of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from osteon.bundle.reference import Reference
from osteon.core.errors import DataError
from osteon.monitoring.freeze import freeze
from osteon.monitoring.observation import Observation

BASELINE: Final = 500
"""Studies that the watch learns from."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """A reference of a room's own first studies, and those after it.

    Attributes:
        reference: of the first.
        first: what it is of.
        later: all others, which are watched.
        begin: UTC day of the first of all.
        end: of the last one of the reference.
    """

    reference: Reference
    first: tuple[Observation, ...]
    later: tuple[Observation, ...]
    begin: date
    end: date


def learn(observations: Sequence[Observation], count: int = BASELINE) -> Learnt:
    """Divide observations: the first are the reference.

    A day is not divided, so that an answer of a reader counts once.

    Args:
        observations: of one bundle, in any order.
        count: studies of the reference, at least.

    Raises:
        DataError: there are not more than ``count``.
    """
    ordered = sorted(observations, key=lambda one: one.time)
    if len(ordered) <= count:
        raise DataError(
            "the watch is still learning what is usual here",
            expected=f"more than {count} studies",
            got=f"{len(ordered)}",
            hint="Wait, or compare with a reference: --reference.",
        )
    last = ordered[count - 1].time.astimezone(UTC).date()
    first = [one for one in ordered if one.time.astimezone(UTC).date() <= last]
    begin = ordered[0].time.astimezone(UTC).date()
    made = datetime.now(UTC).date().isoformat()
    return Learnt(freeze(first, data="", made=made), tuple(first), tuple(ordered[len(first) :]), begin, last)
