"""Sentences about an agreement that the report and the terminal share."""

from __future__ import annotations

from typing import Final

from osteon.clinic.annotation.agreement.records import Agreement, AgreementRow
from osteon.clinic.annotation.records.read import Stage
from osteon.core.wording.agreement import LEFT_OUT

FEW_STUDIES: Final = 30
"""Below this the report warns of the number of studies."""


def title_of(agreement: Agreement, row: AgreementRow) -> str:
    """The label of a row as it is shown."""
    return next(
        (variable.title for variable in agreement.variables[row.level] if variable.id == row.variable), row.variable
    )


def summary(agreement: Agreement) -> str:
    """What was measured, in one line."""
    stage = "before proposals were seen" if agreement.options.stage is Stage.UNAIDED else "after proposals were seen"
    return (
        f"{agreement.title}. {agreement.studies:,} studies, {agreement.read_twice:,} of them read by at least two readers, "
        f"{agreement.agreed:,} with a consensus; reads {stage}. {agreement.made:%Y-%m-%d}."
    )


def cautions(agreement: Agreement) -> list[str]:
    """What limits the figures, a sentence each."""
    found: list[str] = []
    if not agreement.read_twice:
        found.append("No study was read by two readers yet, so that readers cannot be compared.")
    elif agreement.read_twice < FEW_STUDIES:
        found.append(
            f"Only {agreement.read_twice} studies were read by two readers: intervals of so few are wide and uncertain."
        )
    found += [f"{count:,} reads {LEFT_OUT[reason]}, and are left out." for reason, count in agreement.left_out.items()]
    found += [
        f"{count:,} regions of the shape {shape} are not compared: overlap means nothing of them."
        for shape, count in agreement.not_compared.items()
    ]
    if agreement.options.stage is Stage.AIDED:
        found.append("Readers had seen the same proposals of a model: they agree more than they would by themselves.")
    return found
