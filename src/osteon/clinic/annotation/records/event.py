"""Events: each change that a reader makes, kept for ever in the order in which the server acknowledged them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """What happened, with payloads that are records of JSON.

    - ``answer``: ``label``, ``value`` (1, 0, -1; null takes the answer back), ``image`` (null for labels of the study)
    - ``region``: a ``Region``, which is added, or takes the place of the one with its ``id``
    - ``region_removed``: ``id``
    - ``proposal``: ``number`` and ``decision``: ``accepted`` (with ``id`` of the region to be made) or ``rejected``,
      or ``open``, which takes a rejection back. To edit one, accept it and send a ``region`` with the same ``id``.
    - ``question``: ``text``; empty takes it back
    - ``active``: ``seconds`` since the last one, idle time cut off by the client; the server caps it
    - ``finish``: nothing; refused with what is missing where a rule of the schema is broken
    - ``skip``: ``reason``
    - ``sent_back``: ``reason``; by a lead or adjudicator, never by the reader: begins another round
    """

    ANSWER = "answer"
    REGION = "region"
    REGION_REMOVED = "region_removed"
    PROPOSAL = "proposal"
    QUESTION = "question"
    ACTIVE = "active"
    FINISH = "finish"
    SKIP = "skip"
    SENT_BACK = "sent_back"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of an assignment.

    Attributes:
        assignment: identifier.
        sequence: from 1, without gaps, in the order of acknowledgement.
        client_id: a UUID that the client chose: the same one sent again is acknowledged and not kept again.
        author: name of the account.
        kind: see ``EventKind``.
        payload: see ``EventKind``.
        at: by the clock of the store.
        client_at: by the clock of the client; None where it stated none.
    """

    assignment: str
    sequence: int
    client_id: str
    author: str
    kind: EventKind
    payload: Mapping[str, Any]
    at: datetime
    client_at: datetime | None = None
