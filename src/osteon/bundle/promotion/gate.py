"""Whether a comparison is enough to let a candidate read. Each requirement is a check; all of them must hold."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from pydantic import Field

from osteon.bundle.archive import Bundle
from osteon.bundle.promotion.plan import LOCAL, OLD, PLAN
from osteon.bundle.promotion.record import Comparison, PairedFigure, SetFigures
from osteon.core.part import Part


class CheckCode(StrEnum):
    """What is required."""

    NO_COMPARISON = "no_comparison"
    OTHER_CANDIDATE = "other_candidate"
    OTHER_LIVE = "other_live"
    PLAN_KEPT = "plan_kept"
    PLAN_FIRST = "plan_first"
    SAME_TASK = "same_task"
    GATE = "gate"
    SET_MEASURED = "set_measured"
    NOT_INFERIOR = "not_inferior"
    SUPERIOR = "superior"
    SUBGROUP = "subgroup"
    SUBGROUPS = "subgroups"
    ROBUST = "robust"
    TIME = "time"
    MEMORY = "memory"


class Check(Part):
    """A requirement and whether it holds.

    Attributes:
        code: which.
        passed: whether it holds.
        values: numbers and names that the sentence needs.
    """

    code: CheckCode
    passed: bool
    values: dict[str, str | float | int] = Field(default_factory=dict[str, str | float | int])


NOTHING = (Check(code=CheckCode.NO_COMPARISON, passed=False),)
"""What is said of a candidate that was never compared."""


def passed(checks: tuple[Check, ...]) -> bool:
    """Whether all requirements hold."""
    return all(one.passed for one in checks)


def judge(found: Comparison, candidate: Bundle, live_digest: str) -> tuple[Check, ...]:
    """All requirements of a promotion.

    Args:
        found: the comparison that was kept with the candidate.
        candidate: as it would read.
        live_digest: of the bundle that reads now.
    """
    plan = candidate.parts.get(PLAN, b"")
    kept = hashlib.sha256(plan).hexdigest() == found.plan_digest == found.plan.digest
    checks = [
        Check(
            code=CheckCode.OTHER_CANDIDATE,
            passed=found.candidate_digest == candidate.digest,
            values={"compared": found.candidate_digest[:12], "here": candidate.digest[:12]},
        ),
        Check(
            code=CheckCode.OTHER_LIVE,
            passed=found.live_digest == live_digest == found.plan.live_digest,
            values={"compared": found.live, "here": live_digest[:12]},
        ),
        Check(code=CheckCode.PLAN_KEPT, passed=kept),
        Check(
            code=CheckCode.PLAN_FIRST,
            passed=found.plan.written <= found.training_began,
            values={
                "written": f"{found.plan.written:%Y-%m-%d %H:%M}",
                "began": f"{found.training_began:%Y-%m-%d %H:%M}",
            },
        ),
        Check(code=CheckCode.SAME_TASK, passed=found.same_task),
    ]
    if found.live_gated:
        checks.append(Check(code=CheckCode.GATE, passed=candidate.manifest.gate is not None))
    for name in (LOCAL, OLD):
        measured = found.of(name)
        checks.append(Check(code=CheckCode.SET_MEASURED, passed=measured is not None, values={"set": name}))
        if measured is not None:
            checks += _of_set(found, measured)
    return (*checks, *_claims(found), *_robust(found), *_cost(found))


def _of_set(found: Comparison, measured: SetFigures) -> list[Check]:
    plan = found.plan
    checks = [
        _not_inferior(measured.name, name, measured.figure(name), margin)
        for name, margin in plan.margins_of(measured.name).items()
    ]
    failed = [
        Check(
            code=CheckCode.SUBGROUP,
            passed=False,
            values={"set": measured.name, "attribute": group.attribute, "value": group.value, **_numbers(figure)},
        )
        for group in measured.subgroups
        for figure in group.figures
        if figure.difference.value < -plan.subgroup_margin
        or (figure.difference.high is not None and figure.difference.high < 0)
    ]
    looked = len(measured.subgroups)
    whole: dict[str, str | float | int] = {
        "set": measured.name,
        "groups": looked,
        "small": sum(measured.small.values()),
        "minimum": plan.minimum,
    }
    return [*checks, *failed, Check(code=CheckCode.SUBGROUPS, passed=not failed, values=whole)]


def _not_inferior(where: str, name: str, figure: PairedFigure | None, margin: float) -> Check:
    if figure is None:
        return Check(code=CheckCode.NOT_INFERIOR, passed=False, values={"set": where, "figure": name, "margin": margin})
    low = figure.difference.low
    values = {"set": where, "margin": margin, **_numbers(figure)}
    return Check(code=CheckCode.NOT_INFERIOR, passed=low is not None and low > -margin, values=values)


def _claims(found: Comparison) -> list[Check]:
    checks: list[Check] = []
    for claim in found.plan.claims:
        where, _, name = claim.partition(".")
        measured = found.of(where)
        figure = None if measured is None else measured.figure(name)
        low = None if figure is None else figure.difference.low
        values = {"set": where, "figure": name, **({} if figure is None else _numbers(figure))}
        checks.append(Check(code=CheckCode.SUPERIOR, passed=low is not None and low > 0, values=values))
    return checks


def _robust(found: Comparison) -> list[Check]:
    mean = None if found.robustness is None else found.robustness.mean
    low = None if mean is None else mean.difference.low
    margin = found.plan.robustness_margin
    values = {"margin": margin, **({} if mean is None else _numbers(mean))}
    return [Check(code=CheckCode.ROBUST, passed=low is not None and low > -margin, values=values)]


def _cost(found: Comparison) -> list[Check]:
    cost, plan = found.cost, found.plan
    if cost is None:
        return [Check(code=code, passed=False) for code in (CheckCode.TIME, CheckCode.MEMORY)]
    time, memory = cost.ratio.value, cost.mebibytes[0] / cost.mebibytes[1]
    return [
        Check(code=CheckCode.TIME, passed=time <= plan.slower, values={"factor": time, "limit": plan.slower}),
        Check(code=CheckCode.MEMORY, passed=memory <= plan.larger, values={"factor": memory, "limit": plan.larger}),
    ]


def _numbers(figure: PairedFigure) -> dict[str, str | float | int]:
    ends = figure.difference
    values: dict[str, str | float | int] = {"figure": figure.figure, "difference": ends.value}
    if ends.low is not None and ends.high is not None:
        values |= {"low": ends.low, "high": ends.high}
    return values
