"""Labels against boxes, and counts against the published ones."""

from __future__ import annotations

from osteon.core.values import Value
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.table.published import compare
from osteon.data.table.remark import Kind


def labels_against_boxes(evidence: Evidence) -> list[Problem]:
    """Images with a box of a class whose label is 0."""
    table = evidence.table
    reported = {remark.image for remark in table.remarks if remark.kind is Kind.CONTRADICTING_LABEL}
    labels = {name: table.label(name) for name in table.labels}
    found: list[Problem] = []
    for row, (name, boxes) in enumerate(table.frame.select("image", "boxes").iter_rows()):
        denied = sorted({box["label"] for box in boxes if box["label"] in labels and labels[box["label"]][row] == 0})
        if denied and name not in reported:
            values = {"labels": tuple(denied)}
            found.append(problem(Kind.CONTRADICTING_LABEL, [name], ProblemCode.BOXES_OF_ABSENT_LABELS, values))
    return found


def other_counts(evidence: Evidence) -> list[Problem]:
    """Counts that differ from the published ones; averages and shares are for ``osteon data stats``."""
    found: list[Problem] = []
    for figure in compare(evidence.table, evidence.card):
        counted = figure.name.startswith(("images", "studies", "patients", "boxes"))
        if counted and figure.here is not None and figure.here != figure.published:
            values: dict[str, Value] = {
                "figure": figure.name,
                "published": round(figure.published),
                "found": round(figure.here),
            }
            found.append(problem(Kind.OTHER_COUNT, (), ProblemCode.COUNT_DIFFERS, values))
    return found
