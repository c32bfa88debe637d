"""The report of a watch as codes and values of JSON; the terminal, the pages and programs make words of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osteon.bundle.manifest import Manifest
from osteon.core.codes.drift import certainty_of
from osteon.core.estimate import Estimate
from osteon.monitoring.baseline import Learnt
from osteon.monitoring.fields import BY_NAME
from osteon.monitoring.figures import (
    Agreement,
    Subgroup,
    agreement_of,
    performance_of,
    subgroups_of,
)
from osteon.monitoring.observation import Observation
from osteon.monitoring.watch import Alarm, Watch

VERSION = 1
"""Of this form."""


def report(
    found: Watch,
    observations: Sequence[Observation],
    manifest: Manifest | None,
    *,
    learnt: Learnt | None = None,
    least: int = 30,
) -> dict[str, Any]:
    """What was found.

    Args:
        found: the watch.
        observations: that were watched.
        manifest: of the bundle, for its thresholds; None where it is not known: no performance is estimated then.
        learnt: where the reference was learnt from the first studies; None where it was frozen before.
        least: studies of a subgroup that is shown.

    Raises:
        DataError: a probability lies outside [0, 1].
    """
    points = None if manifest is None else manifest.operating_points
    estimated = {
        name: performance_of(observations, point.threshold)
        for name, point in (() if points is None else (("doubt", points.doubt), ("fracture", points.definite)))
    }
    return {
        "version": VERSION,
        "bundle": found.reference.bundle,
        "reference": {
            "data": found.reference.data,
            "first": None if learnt is None else learnt.begin.isoformat(),
            "last": None if learnt is None else learnt.end.isoformat(),
            "made": found.reference.made,
            "studies": found.reference.studies,
        },
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "studies": found.studies,
        "streams": len(found.streams),
        "level": found.rule.level,
        "tolerance": found.rule.tolerance,
        "horizon": found.rule.horizon,
        "alarms": [_alarm(alarm) for alarm in found.alarms],
        "agreement": _agreement(agreement_of(observations)),
        "estimated_performance": {
            name: None
            if one is None
            else {figure: _estimate(value) for figure, value in one._asdict().items() if value is not None}
            for name, one in estimated.items()
        },
        "subgroups": [_subgroup(one) for one in subgroups_of(observations, least)],
    }


def _alarm(alarm: Alarm) -> dict[str, Any]:
    stream = alarm.stream
    return {
        "stream": stream.name,
        "group": BY_NAME[stream.field].group.value,
        "field": stream.field,
        "kind": stream.kind.value,
        "limit": stream.limit,
        "upper": stream.upper,
        "value": stream.value,
        "day": alarm.day.isoformat(),
        "since": alarm.since.isoformat(),
        "before": _estimate(alarm.before),
        "after": _estimate(alarm.after),
        "chance": alarm.chance,
        "weeks": [list(week) for week in alarm.weeks],
        "certainty": certainty_of(alarm.chance).value,
        "advice": BY_NAME[stream.field].advice.value,
    }


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "share": None if agreement.share is None else _estimate(agreement.share),
        "answered": agreement.answered,
        "studies": agreement.studies,
        "median_delay_days": agreement.delay,
        "by_call": [{"call": call, "agrees": yes, "disagrees": no} for call, yes, no in agreement.confusion],
    }


def _subgroup(one: Subgroup) -> dict[str, Any]:
    return {
        "by": one.by,
        "value": one.value,
        "studies": one.studies,
        "called": _estimate(one.called),
        "called_shrunk": one.shrunk,
        "agreement": None if one.agreement is None else _estimate(one.agreement),
    }


def _estimate(one: Estimate) -> dict[str, Any]:
    return one.model_dump()
