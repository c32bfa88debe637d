"""The watch: counts of each stream a day, their evidence, and the alarms.

What is claimed of each stream: its share lies, on each day and whatever came before, in the range that the finite reference
leaves open, widened by what counts as no change. Capital bets against it (``osteon.stats.drift``), e-BH chooses the streams.
Quiet years in which any stream is named are then at most ``level`` of all, however often one looks: four fifths of it are
the level of e-BH, one fifth the error of the ranges of all streams together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.bundle.reference import Reference
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.monitoring.fields import AGREEMENT
from osteon.monitoring.observation import Observation
from osteon.monitoring.streams import Stream, streams_of
from osteon.stats.checks import Floats
from osteon.stats.drift.changes import HORIZON, ChangeProcess, change_day
from osteon.stats.drift.ebh import e_bh
from osteon.stats.drift.shares import chernoff_range
from osteon.stats.intervals import wilson

LEVEL: Final = 0.05
TOLERANCE: Final = 0.05
"""Of the arcsine of the root of a share: 45 to 55 % where it is 50 %, 0.8 to 3.6 % where it is 2 %. Half of what Cohen calls a
small effect."""

LONGEST: Final = 3660
"""Days that are looked at, at most."""

_E_BH: Final = 0.8


@dataclass(frozen=True, slots=True)
class Rule:
    """How a watch decides.

    Attributes:
        level: largest share of quiet years with any alarm.
        tolerance: what counts as no change, see ``TOLERANCE``.
        horizon: days after which the watch starts again.
    """

    level: float = LEVEL
    tolerance: float = TOLERANCE
    horizon: int = HORIZON

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            DataError: one is out of range.
        """
        if not 0 < self.level < 1 or not 0 <= self.tolerance <= 0.5 or self.horizon < 1:
            raise DataError(
                "this rule cannot be used", expected="level in (0, 1), tolerance in [0, 0.5], horizon of at least a day"
            )


@dataclass(frozen=True, slots=True)
class Alarm:
    """A stream that has changed.

    Attributes:
        stream: which.
        day: when the evidence was enough.
        since: from when the share was most likely another one.
        before: its share in the reference.
        after: its share since then.
        chance: largest probability that a quiet year shows as much anywhere.
        weeks: hits and cases of each week of the watch.
    """

    stream: Stream
    day: date
    since: date
    before: Estimate
    after: Estimate
    chance: float
    weeks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """What was watched and found.

    Attributes:
        reference: compared with.
        rule: how it was decided.
        first: day.
        last: day.
        studies: watched.
        streams: watched.
        alarms: the strongest first.
        log_evidence: natural logarithm of each stream's capital at the end of each day, (days, streams).
    """

    reference: Reference
    rule: Rule
    first: date
    last: date
    studies: int
    streams: tuple[Stream, ...]
    alarms: tuple[Alarm, ...]
    log_evidence: Floats


def no_change_range(hits: ArrayLike, cases: ArrayLike, rule: Rule) -> tuple[Floats, Floats]:
    """Shares that count as no change from these of the reference; the error is divided among all of them.

    Args:
        hits: (k,).
        cases: (k,).
        rule: how it is decided.
    """
    count = max(1, np.size(hits))
    low, high = chernoff_range(hits, cases, rule.level * (1 - _E_BH) / count)
    return _moved(low, -rule.tolerance), _moved(high, rule.tolerance)


def _moved(share: Floats, step: float) -> Floats:
    return np.sin(np.clip(np.arcsin(np.sqrt(share)) + step, 0, np.pi / 2)) ** 2


def named(log_evidence: ArrayLike, rule: Rule) -> NDArray[np.bool_]:
    """The streams that have changed, (..., k)."""
    return e_bh(log_evidence, rule.level * _E_BH)


def watch(reference: Reference, observations: Sequence[Observation], rule: Rule | None = None) -> Watch:
    """Compare observations with a reference, day by day.

    Args:
        reference: of the same bundle.
        observations: in any order; days in UTC.
        rule: how it is decided; None for the usual one.

    Raises:
        DataError: there is nothing to compare, or it is of too many years.
    """
    used, streams = rule or Rule(), streams_of(reference)
    if not observations or not streams:
        raise DataError(
            "there is nothing to watch",
            expected="studies, and a reference with at least 30 of them",
            got=f"{len(observations)} studies, {len(streams)} streams",
        )
    days = [_day(one.time) for one in observations]
    answered = [_day(one.answer.time) for one in observations if one.answer is not None]
    first, last = min(days), max([*days, *answered])
    length = (last - first).days + 1
    if length > LONGEST:
        raise DataError(
            "this is longer than a watch", expected=f"at most {LONGEST} days", got=f"{length} days from {first}"
        )
    hits, cases = np.zeros((length, len(streams)), np.int64), np.zeros((length, len(streams)), np.int64)
    for observation, day in zip(observations, days, strict=True):
        for index, stream in enumerate(streams):
            counted = stream.counts(observation)
            if counted is None:
                continue
            when = day if stream.field != AGREEMENT or observation.answer is None else _day(observation.answer.time)
            hits[(when - first).days, index] += counted
            cases[(when - first).days, index] += 1
    evidence = _evidence(streams, hits, cases, used)
    return Watch(
        reference=reference,
        rule=used,
        first=first,
        last=last,
        studies=len(observations),
        streams=streams,
        alarms=_alarms(streams, hits, cases, evidence, used, first),
        log_evidence=evidence,
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _evidence(streams: Sequence[Stream], hits: NDArray[np.int64], cases: NDArray[np.int64], rule: Rule) -> Floats:
    low, high = no_change_range([one.hits for one in streams], [one.cases for one in streams], rule)
    found = np.empty(hits.shape)
    process = ChangeProcess(low, high, rule.horizon)
    for day in range(len(hits)):
        if day and day % rule.horizon == 0:
            process = ChangeProcess(low, high, rule.horizon)
        found[day] = process.add(hits[day], cases[day])
    return found


def _alarms(
    streams: Sequence[Stream],
    hits: NDArray[np.int64],
    cases: NDArray[np.int64],
    evidence: Floats,
    rule: Rule,
    first: date,
) -> tuple[Alarm, ...]:
    ever = named(evidence, rule)
    found: list[Alarm] = []
    for index in np.flatnonzero(ever.any(axis=0)).tolist():
        stream, day = streams[index], int(np.argmax(ever[:, index]))
        begin = day - day % rule.horizon
        since = begin + change_day(hits[begin:, index], cases[begin:, index])
        now_hits, now_cases = int(hits[since:, index].sum()), int(cases[since:, index].sum())
        peak = float(evidence[:, index].max())
        chance = min(1.0, len(streams) * float(np.exp(-min(peak, 700.0))) + rule.level * (1 - _E_BH))
        found.append(
            Alarm(
                stream,
                first + timedelta(days=day),
                first + timedelta(days=since),
                wilson(stream.hits, stream.cases),
                wilson(now_hits, now_cases),
                chance,
                tuple(
                    (int(hits[start : start + 7, index].sum()), int(cases[start : start + 7, index].sum()))
                    for start in range(0, len(hits), 7)
                ),
            )
        )
    return tuple(sorted(found, key=lambda alarm: (-abs(alarm.after.value - alarm.before.value), alarm.stream.name)))
