"""Figures beside the alarms: agreement with readers, estimated performance, and subgroups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from osteon.core.estimate import Estimate
from osteon.core.labels import Call
from osteon.monitoring.fields import SUBGROUPS, age_band
from osteon.monitoring.observation import Observation
from osteon.stats.checks import Floats
from osteon.stats.drift.performance import EstimatedPerformance, estimate_performance
from osteon.stats.intervals import wilson

LEAST: Final = 30
"""Studies of a subgroup that is shown."""

CBPE_LEAST: Final = 100
"""Read studies from which performance is estimated."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often readers agreed.

    Attributes:
        share: of the answered studies, with its interval; None where there is no answer.
        answered: studies with an answer.
        studies: all.
        delay: median days from study to answer; None likewise.
        confusion: answered studies by the bundle's call, then agreeing and disagreeing.
    """

    share: Estimate | None
    answered: int
    studies: int
    delay: float | None
    confusion: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Subgroup:
    """Studies with the same value.

    Attributes:
        by: field.
        value: of it.
        studies: number.
        called: share with a call of doubt or fracture, with its interval.
        shrunk: that share drawn towards that of all studies, by as much as its size leaves open.
        agreement: of readers, None where there are too few answers.
    """

    by: str
    value: str
    studies: int
    called: Estimate
    shrunk: float
    agreement: Estimate | None


def agreement_of(observations: Sequence[Observation]) -> Agreement:
    """How often readers agreed, and how late they answered."""
    answered = [one for one in observations if one.answer is not None]
    calls = [call.value for call in Call]
    rows = [(call, *_yes_no([one for one in answered if one.categories.get("call") == call])) for call in calls]
    delays = [(one.answer.time - one.time).total_seconds() / 86400 for one in answered if one.answer is not None]
    yes, no = _yes_no(answered)
    return Agreement(
        wilson(yes, yes + no) if answered else None,
        len(answered),
        len(observations),
        median(delays) if delays else None,
        tuple(row for row in rows if row[1] + row[2]),
    )


def performance_of(observations: Sequence[Observation], threshold: float) -> EstimatedPerformance | None:
    """Performance at a threshold as the probabilities let it be estimated; None of fewer than ``CBPE_LEAST`` read studies.

    Raises:
        DataError: a probability lies outside [0, 1].
    """
    scores = [one.quantities["probability"] for one in observations if "probability" in one.quantities]
    if len(scores) < CBPE_LEAST:
        return None
    latest = np.asarray(scores[-5000:], np.float64)
    return estimate_performance(latest, threshold, resamples=400)


def subgroups_of(observations: Sequence[Observation], least: int = LEAST) -> tuple[Subgroup, ...]:
    """Subgroups with at least ``least`` studies; a field with one of them only is left out."""
    found: list[Subgroup] = []
    for by in SUBGROUPS:
        members: dict[str, list[Observation]] = {}
        for one in observations:
            if (value := _value(one, by)) is not None:
                members.setdefault(value, []).append(one)
        large = {value: held for value, held in sorted(members.items(), key=_order) if len(held) >= least}
        if len(large) < 2:
            continue
        hits = np.array([sum(map(_called, held)) for held in large.values()], np.float64)
        cases = np.array([len(held) for held in large.values()], np.float64)
        for (value, held), hit, shrunk in zip(large.items(), hits, shrink(hits, cases), strict=True):
            yes, no = _yes_no(held)
            agreement = wilson(yes, yes + no) if yes + no >= least else None
            found.append(Subgroup(by, value, len(held), wilson(int(hit), len(held)), float(shrunk), agreement))
    return tuple(found)


def shrink(hits: Floats, cases: Floats) -> Floats:
    """Shares of groups, drawn towards the common one, shape (k,).

    The mean of a beta-binomial posterior whose spread between groups is estimated by moments (Kleinman, J. Am. Stat. Assoc.
    68:46, 1973).

    Args:
        hits: (k,).
        cases: positive, (k,).
    """
    common, total = hits.sum() / cases.sum(), cases.sum()
    if common in (0.0, 1.0) or len(hits) < 2:
        return np.full(len(hits), common)
    observed = float((cases * (hits / cases - common) ** 2).sum())
    expected = (len(hits) - 1) * common * (1 - common)
    spread = max(0.0, (observed - expected) / (total - (cases**2).sum() / total))
    correlation = min(spread / (common * (1 - common)), 1.0)
    if correlation == 0.0:
        return np.full(len(hits), common)
    weight = 1 / correlation - 1
    return (hits + weight * common) / (cases + weight)


def _order(group: tuple[str, list[Observation]]) -> tuple[int, str]:
    """Bands of age by their lower end, and words by their letters."""
    digits = group[0].split("-")[0].rstrip("+")
    return int(digits) if digits.isdecimal() else 0, group[0]


def _yes_no(observations: Sequence[Observation]) -> tuple[int, int]:
    answers = [one.answer.agrees for one in observations if one.answer is not None]
    return sum(answers), len(answers) - sum(answers)


def _called(observation: Observation) -> bool:
    return observation.categories.get("call") in (Call.DOUBT.value, Call.FRACTURE.value)


def _value(observation: Observation, by: str) -> str | None:
    if by == "site":
        return observation.site
    if by == "age_band":
        age = observation.quantities.get("age")
        return None if age is None else age_band(age)
    return observation.categories.get(by)
