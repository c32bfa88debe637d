"""What the model proposes for a study: the boxes of its reading whose labels the schema knows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from osteon.clinic.annotation.records.project import Arm, AssignmentState
from osteon.clinic.annotation.records.read import Proposal
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind
from osteon.clinic.store.tables.annotation import Assignment
from osteon.clinic.store.tables.studies import StoredReading, Study


def may_see(assignment: Assignment) -> bool:
    """Whether the reader of an assignment may see what the model proposes: from the start, or after the own first read."""
    if assignment.arm == Arm.WITH_MODEL:
        return True
    return assignment.arm == Arm.AFTER_OWN and (
        assignment.state == AssignmentState.AIDED
        or (assignment.state in (AssignmentState.FINISHED, AssignmentState.SKIPPED) and assignment.aided)
    )


def of_study(session: Session, study: str, schema: LabelSchema) -> dict[int, Proposal]:
    """Proposals for a study by their numbers; whether somebody may see them, ``may_see`` says."""
    reading = session.get(StoredReading, study)
    row = session.get(Study, study)
    if reading is None or row is None:
        return {}
    found: dict[int, Proposal] = {}
    for number, finding in enumerate(reading.content["findings"]):
        label = _label(schema, finding["label"])
        if label is None:
            continue
        x0, y0, x1, y1 = (float(side) for side in finding["box"])
        corners = ((x0, y0), (x1, y1))
        found[number] = Proposal(number, label.id, finding["image"], corners, float(finding["score"]), row.bundle)
    return found


def _label(schema: LabelSchema, name: str) -> Label | None:
    """The label of a region that a box of the model means."""
    wanted = name.casefold()
    for label in schema.walk():
        names = {label.id.casefold(), label.name.casefold(), *(alias.casefold() for alias in label.aliases)}
        if label.scope is LabelScope.REGION and label.selectable and RegionKind.BOX in label.kinds and wanted in names:
            return label
    return None
