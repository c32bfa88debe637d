"""A comparison that shows all that its plan says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from osteon.bundle.archive import Bundle
from osteon.bundle.promotion.plan import Plan
from osteon.bundle.promotion.record import (
    Comparison,
    Cost,
    PairedFigure,
    RobustnessFigures,
    SetFigures,
    SubgroupFigures,
)
from osteon.core.estimate import Estimate

MARGINS = {"auroc": 0.03, "doubt.sensitivity": 0.05, "definite.specificity": 0.05, "read": 0.02, "old.read": 0.05}
WRITTEN = datetime(2026, 3, 1, 8, tzinfo=UTC)


def gap(value: float, low: float | None, high: float | None) -> Estimate:
    return Estimate(value=value, low=low, high=high, method="paired", n=80)


def figure(name: str, value: float = 0.0, low: float | None = -0.01, high: float | None = 0.01) -> PairedFigure:
    return PairedFigure(figure=name, candidate=0.9 + value, live=0.9, difference=gap(value, low, high))


def planned(live: Bundle) -> Plan:
    return Plan(
        written=WRITTEN, live=live.manifest.identity, live_digest=live.digest, claims=("local.auroc",), margins=MARGINS
    )


def comparison_of(live: Bundle, candidate: Bundle) -> Comparison:
    plan = planned(live)
    local = measured(plan, "local")
    better = tuple(figure("auroc", 0.05, 0.01, 0.09) if one.figure == "auroc" else one for one in local.figures)
    return Comparison(
        made=WRITTEN + timedelta(days=2),
        osteon="0",
        candidate=candidate.manifest.identity,
        candidate_digest=candidate.digest,
        live=live.manifest.identity,
        live_digest=live.digest,
        plan=plan,
        plan_digest=plan.digest,
        training_began=WRITTEN + timedelta(days=1),
        same_task=True,
        start=("run",),
        trained={"new_train": 30},
        share=0.5,
        barred={"new_shows_a_test_image": 2},
        sets=(local.model_copy(update={"figures": better}), measured(plan, "old")),
        robustness=RobustnessFigures(images=60, conditions=(figure("blur.0.4"),), mean=figure("mean.auroc")),
        cost=Cost(images=23, milliseconds=(50, 48), ratio=gap(1.04, 1.0, 1.1), mebibytes=(300, 310)),
    )


def measured(plan: Plan, name: str) -> SetFigures:
    group = SubgroupFigures(
        attribute="sex", value="F", images=40, positives=20, figures=(figure("auroc", -0.02, -0.2, 0.1),)
    )
    figures = tuple(figure(one) for one in ("doubt.specificity", *plan.margins_of(name)))
    return SetFigures(
        name=name,
        images=80,
        positives=40,
        clusters=60,
        both=80,
        sha256="0" * 64,
        figures=figures,
        subgroups=(group,),
        small={"view": 2},
    )
