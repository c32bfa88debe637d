"""Readings of a bundle in shadow beside the live ones, and both beside readers."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.store.tables.registry import ShadowReading
from osteon.clinic.store.tables.studies import Opinion, Study
from osteon.core.labels import Call
from osteon.stats.intervals import wilson

_POSITIVE = (Call.DOUBT.value, Call.FRACTURE.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Shadow against live.

    Attributes:
        studies: read by both.
        failed: that the shadow bundle could not read at all.
        calls: studies by the live call, the shadow call.
        median_difference: of the probabilities, without sign; None where there is none.
        judged: studies for which a reader gave a call of their own, or agreed with the live call.
        live_right: of these, where the live bundle and the reader say the same of a fracture (doubt counts as yes).
        shadow_right: likewise of the shadow bundle.
    """

    studies: int
    failed: int
    calls: tuple[tuple[str, str, int], ...]
    median_difference: float | None
    judged: int
    live_right: int
    shadow_right: int

    def to_json(self) -> dict[str, Any]:
        """As values of JSON."""
        return asdict(self)

    def lines(self, identity: str) -> list[str]:
        """In words, for a terminal."""
        same = sum(count for before, after, count in self.calls if before == after)
        found = [f"{identity} read {self.studies} studies in shadow; {self.failed} could not be read."]
        if self.studies:
            share = wilson(same, self.studies)
            found.append(f"The same call as the live bundle: {share.value:.3f} ({share.between}).")
        if self.median_difference is not None:
            found.append(f"Median difference of probabilities: {self.median_difference:.4f}.")
        found += [f"  live {before}, shadow {after}: {count}" for before, after, count in self.calls if before != after]
        if self.judged:
            live, shadow = wilson(self.live_right, self.judged), wilson(self.shadow_right, self.judged)
            found.append(
                f"Of {self.judged} studies with a reader's call: live right {live.value:.3f} ({live.between}), "
                f"shadow right {shadow.value:.3f} ({shadow.between}). Readers saw the live result before they answered."
            )
        return found


def compare_shadow(session: Session, digest: str) -> Comparison:
    """Compare a bundle in shadow with the live readings of the same studies."""
    rows = session.execute(
        select(Study.id, Study.call, Study.probability, ShadowReading.call, ShadowReading.probability)
        .join(ShadowReading, ShadowReading.study_id == Study.id)
        .where(ShadowReading.digest == digest)
    ).all()
    both = [row for row in rows if row[1] is not None and row[3] is not None]
    pairs = [(row[2], row[4]) for row in both]
    differences = [abs(live - shadow) for live, shadow in pairs if live is not None and shadow is not None]
    truths = _truths(session, {row[0]: str(row[1]) for row in both})
    judged = [row for row in both if row[0] in truths]
    calls = Counter((str(row[1]), str(row[3])) for row in both)
    return Comparison(
        studies=len(both),
        failed=len(rows) - len(both),
        calls=tuple((before, after, count) for (before, after), count in sorted(calls.items())),
        median_difference=float(np.median(differences)) if differences else None,
        judged=len(judged),
        live_right=sum((row[1] in _POSITIVE) == truths[row[0]] for row in judged),
        shadow_right=sum((row[3] in _POSITIVE) == truths[row[0]] for row in judged),
    )


def _truths(session: Session, live: dict[str, str]) -> dict[str, bool]:
    """Whether readers see a fracture: their own call, or that of the live bundle where they agree; the latest opinion counts."""
    found: dict[str, bool] = {}
    for row in session.scalars(select(Opinion).order_by(Opinion.created, Opinion.id)):
        call = row.call or (live.get(row.study_id) if row.agrees else None)
        if row.study_id in live and call is not None and call != Call.ABSTAIN:
            found[row.study_id] = call in _POSITIVE
    return found
