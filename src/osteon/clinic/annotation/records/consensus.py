"""What was decided of the reads of a study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from osteon.clinic.annotation.records.read import Answer, Region


class ConsensusRule(StrEnum):
    """How a consensus was reached: by a rule over the readers, by their agreement in everything, or by a person.

    ``majority``: what more than half of the readers say; a tie stays unknown. ``any``: what at least one says. ``all``: what
    every one says. ``weighted``: what more than half of the readers' weights say. Of boxes that match, the mean is taken.
    """

    MAJORITY = "majority"
    ANY = "any"
    ALL = "all"
    WEIGHTED = "weighted"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Consensus:
    """The consensus on a study; of several the latest holds, and earlier ones are kept.

    Attributes:
        id: number, unique in the store.
        item: number of the item.
        rule: how it was reached.
        answers: as in a ``Read``.
        regions: as in a ``Read``; those of a rule have the provenance of the first region that they are made of.
        reads: numbers of the reads that it is made from.
        author: name of the account that decided, or let the rule decide.
        created: when it was acknowledged.
        signed: when it was signed, which locks the study; None while it may be replaced.
        note: of the author.
    """

    id: int
    item: int
    rule: ConsensusRule
    answers: tuple[Answer, ...]
    regions: tuple[Region, ...]
    reads: tuple[int, ...]
    author: str
    created: datetime
    signed: datetime | None = None
    note: str = ""
