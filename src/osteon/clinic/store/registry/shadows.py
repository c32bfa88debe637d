"""Readings of a bundle in shadow beside the live ones, and both beside readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.bundle.promotion.record import PairedFigure
from osteon.clinic.store.tables.registry import ShadowReading
from osteon.clinic.store.tables.studies import Opinion, Study
from osteon.core.labels import Call
from osteon.core.wording.promotion import figure_words
from osteon.html.numbers import between, number
from osteon.stats.bootstrap import paired_difference, replicate
from osteon.stats.intervals import wilson
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Mean, Named, Statistic, Within

_POSITIVE = (Call.DOUBT.value, Call.FRACTURE.value)

RESAMPLES: Final = 2000

Rows = NDArray[np.intp]
Values = NDArray[np.float64]


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
        figures: of both, shadow as the candidate, with paired intervals over patients: ``called``, ``abstained`` of all
            studies; ``right``, ``sensitivity``, ``specificity``, ``auroc`` of those that were judged.
    """

    studies: int
    failed: int
    calls: tuple[tuple[str, str, int], ...]
    median_difference: float | None
    judged: int
    live_right: int
    shadow_right: int
    figures: tuple[PairedFigure, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As values of JSON."""
        return {**asdict(self), "figures": [one.model_dump(mode="json") for one in self.figures]}

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
        found += [
            f"  {figure_words(f'shadow.{one.figure}')}: shadow {number(one.candidate)}, live {number(one.live)}, difference "
            f"{number(one.difference.value, signed=True)} ({between(one.difference, signed=True)})"
            for one in self.figures
        ]
        if self.judged:
            live, shadow = wilson(self.live_right, self.judged), wilson(self.shadow_right, self.judged)
            found.append(
                f"Of {self.judged} studies with a reader's call: live right {live.value:.3f} ({live.between}), "
                f"shadow right {shadow.value:.3f} ({shadow.between}). Readers saw the live result before they answered."
            )
        return found


class _Both(NamedTuple):
    """A study that both read."""

    study: str
    patient: str
    live: str
    live_probability: float | None
    shadow: str
    shadow_probability: float | None


def compare_shadow(session: Session, digest: str) -> Comparison:
    """Compare a bundle in shadow with the live readings of the same studies."""
    rows = session.execute(
        select(Study.id, Study.pseudonym, Study.call, Study.probability, ShadowReading.call, ShadowReading.probability)
        .join(ShadowReading, ShadowReading.study_id == Study.id)
        .where(ShadowReading.digest == digest)
        .order_by(Study.received, Study.id)
    ).all()
    both = [
        _Both(row[0], row[1] or row[0], str(row[2]), row[3], str(row[4]), row[5])
        for row in rows
        if row[2] is not None and row[4] is not None
    ]
    pairs = [(one.live_probability, one.shadow_probability) for one in both]
    differences = [abs(live - shadow) for live, shadow in pairs if live is not None and shadow is not None]
    truths = _truths(session, {one.study: one.live for one in both})
    judged = [one for one in both if one.study in truths]
    calls = Counter((one.live, one.shadow) for one in both)
    return Comparison(
        studies=len(both),
        failed=len(rows) - len(both),
        calls=tuple((before, after, count) for (before, after), count in sorted(calls.items())),
        median_difference=float(np.median(differences)) if differences else None,
        judged=len(judged),
        live_right=sum((one.live in _POSITIVE) == truths[one.study] for one in judged),
        shadow_right=sum((one.shadow in _POSITIVE) == truths[one.study] for one in judged),
        figures=_figures(both, truths),
    )


def _figures(both: Sequence[_Both], truths: Mapping[str, bool]) -> tuple[PairedFigure, ...]:
    """Figures of both on the same studies; those that are of no study are absent."""
    patients = np.array([one.patient for one in both])
    if len(np.unique(patients)) < 2:
        return ()
    called = [np.array([call in _POSITIVE for call in calls]) for calls in _sides([(o.shadow, o.live) for o in both])]
    silent = [
        np.array([call == Call.ABSTAIN for call in calls]) for calls in _sides([(o.shadow, o.live) for o in both])
    ]
    truth = np.array([truths.get(one.study, False) for one in both])
    known = np.array([one.study in truths for one in both])
    probability = [
        np.array([np.nan if value is None else value for value in values], np.float64)
        for values in _sides([(one.shadow_probability, one.live_probability) for one in both])
    ]
    both_said = known & np.isfinite(probability[0]) & np.isfinite(probability[1])
    parts: dict[str, tuple[Statistic, Statistic, int]] = {}

    def add(name: str, mask: NDArray[np.bool_], values: Sequence[NDArray[np.bool_]]) -> None:
        rows = np.flatnonzero(mask)
        if len(rows):
            of = [Within(Mean(name, value[rows].astype(np.float64)), rows, len(both)) for value in values]
            parts[name] = (of[0], of[1], len(np.unique(patients[rows])))

    add("called", np.ones(len(both), bool), called)
    add("abstained", np.ones(len(both), bool), silent)
    add("right", known, [side == truth for side in called])
    add("sensitivity", known & truth, called)
    add("specificity", known & ~truth, [~side for side in called])
    rows = np.flatnonzero(both_said)
    if len(np.unique(truth[rows])) == 2:
        groups = min(len(np.unique(patients[rows][truth[rows] == value])) for value in (False, True))
        ranked = [Within(Ranking(truth[rows].astype(int), side[rows]), rows, len(both)) for side in probability]
        parts["auroc"] = (ranked[0], ranked[1], groups)
    return _paired(parts, patients)


def _sides(pairs: Sequence[tuple[Any, Any]]) -> tuple[list[Any], list[Any]]:
    """Shadow, live."""
    return [shadow for shadow, _ in pairs], [live for _, live in pairs]


def _paired(
    parts: Mapping[str, tuple[Statistic, Statistic, int]], patients: NDArray[np.str_]
) -> tuple[PairedFigure, ...]:
    named = [
        Named(f"{which} {name}", statistic)
        for name, statistics in parts.items()
        for which, statistic in zip(("shadow", "live"), statistics[:2], strict=True)
    ]
    drawn = replicate(Joint(named), clusters=patients, resamples=RESAMPLES)
    found: list[PairedFigure] = []
    for name, (_, _, groups) in parts.items():
        columns = tuple(drawn.names.index(f"{which} {name}.{name}") for which in ("shadow", "live"))
        values = [float(drawn.values[column]) for column in columns]
        if np.isfinite(values).all():
            gap = paired_difference(drawn, (columns[0], columns[1]), groups)
            found.append(PairedFigure(figure=name, candidate=values[0], live=values[1], difference=gap))
    return tuple(found)


def _truths(session: Session, live: dict[str, str]) -> dict[str, bool]:
    """Whether readers see a fracture: their own call, or that of the live bundle where they agree; the latest opinion counts."""
    found: dict[str, bool] = {}
    for row in session.scalars(select(Opinion).order_by(Opinion.created, Opinion.id)):
        call = row.call or (live.get(row.study_id) if row.agrees else None)
        if row.study_id in live and call is not None and call != Call.ABSTAIN:
            found[row.study_id] = call in _POSITIVE
    return found
