"""The order of the worklist."""

from __future__ import annotations

from osteon.clinic.state import State
from osteon.clinic.urgency import urgency
from osteon.core.labels import Call


def test_every_outcome_has_a_rank_and_stored_ranks_keep_their_meaning() -> None:
    ranks = {outcome: urgency(outcome) for outcome in (*Call, State.FAILED, State.QUEUED, State.READING)}
    assert ranks == {
        Call.FRACTURE: 0,
        Call.DOUBT: 1,
        Call.ABSTAIN: 2,
        State.FAILED: 3,
        Call.NO_FRACTURE: 4,
        State.QUEUED: 5,
        State.READING: 5,
    }
