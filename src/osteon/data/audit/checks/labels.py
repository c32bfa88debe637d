"""Labels against boxes, and counts against the published ones."""

from __future__ import annotations

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.table.published import compare
from osteon.data.table.remark import Kind


def labels_against_boxes(evidence: Evidence) -> list[Problem]:
    """Images with a box of something that their label denies."""
    table = evidence.table
    told = {one.image for one in table.remarks if one.kind is Kind.CONTRADICTING_LABEL}
    labels = {name: table.label(name) for name in table.labels}
    found: list[Problem] = []
    for row, (name, boxes) in enumerate(table.frame.select("image", "boxes").iter_rows()):
        denied = sorted({box["label"] for box in boxes if box["label"] in labels and labels[box["label"]][row] == 0})
        if denied and name not in told:
            text = f"{' and '.join(denied)} is 0, but there is a box of it"
            found.append(problem(Kind.CONTRADICTING_LABEL, [name], text))
    return found


def other_counts(evidence: Evidence) -> list[Problem]:
    """Counts that differ from the published ones; averages and shares are for ``osteon data stats``."""
    found: list[Problem] = []
    for one in compare(evidence.table, evidence.card):
        counted = one.name.startswith(("images", "studies", "patients", "boxes"))
        if counted and one.here is not None and one.here != one.published:
            text = f"{one.name}: published {one.published:,.0f}, here {one.here:,.0f}"
            found.append(problem(Kind.OTHER_COUNT, (), text))
    return found
