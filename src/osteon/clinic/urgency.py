"""The order of the worklist: its one source. The store sorts by this rank, and the API gives it with each study."""

from __future__ import annotations

from typing import Final

from osteon.clinic.state import State
from osteon.core.labels import Call

_ORDER: Final[tuple[frozenset[Call | State], ...]] = (
    frozenset({Call.FRACTURE}),
    frozenset({Call.DOUBT}),
    frozenset({Call.ABSTAIN}),
    frozenset({State.FAILED}),
    frozenset({Call.NO_FRACTURE}),
    frozenset({State.QUEUED, State.READING}),
)
"""What somebody must look at comes first, also where nothing could be said of it. Stores hold the ranks: append only."""


def urgency(outcome: Call | State) -> int:
    """The rank of a study in the worklist, 0 first.

    Args:
        outcome: its call, or its state where it has none.
    """
    return next(rank for rank, outcomes in enumerate(_ORDER) if outcome in outcomes)
