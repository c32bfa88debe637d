"""Whether the publisher's split leaks, and whether it is complete."""

from __future__ import annotations

from osteon.core.values import Value
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.table.remark import Kind


def split_leaks(evidence: Evidence) -> list[Problem]:
    """Patients and studies that are in two parts of the split."""
    found: list[Problem] = []
    frame = evidence.table.frame
    for column, kind in (("patient", Kind.PATIENT_ACROSS_SPLITS), ("study", Kind.STUDY_ACROSS_SPLITS)):
        grouped = frame.drop_nulls([column, "split"]).group_by(column, maintain_order=True).agg("image", "split")
        for images, parts in grouped.select("image", "split").iter_rows():
            if len(set(parts)) > 1:
                values = {"column": column, "parts": tuple(sorted(set(parts)))}
                found.append(problem(kind, images, ProblemCode.GROUP_IN_SEVERAL_PARTS, values))
    return found


def unknown_patients(evidence: Evidence) -> list[Problem]:
    """No patient identifier at all."""
    if evidence.table.frame["patient"].null_count() < len(evidence.table):
        return []
    ways = evidence.card.together or tuple(name for name in evidence.card.identifiers if name != "patient")[:1]
    return [problem(Kind.NO_PATIENT, (), ProblemCode.PATIENTS_UNKNOWN, {"group": ways or ("cluster",)})]


def partial_split(evidence: Evidence) -> list[Problem]:
    """A split that leaves images out, and whether the others all have the same label."""
    table = evidence.table
    without = table.frame["split"].null_count()
    if not 0 < without < len(table):
        return []
    constant: dict[str, str] = {}
    for label in table.labels:
        inside = table.label(label)[~table.frame["split"].is_null().to_numpy()]
        if (inside == inside[0]).all() and not (table.label(label) == inside[0]).all():
            constant[label] = str(inside[0])
    values: dict[str, Value] = {
        "count": without,
        "images": len(table),
        "constant": tuple(constant),
        "constant_values": tuple(constant.values()),
    }
    return [problem(Kind.PARTIAL_SPLIT, (), ProblemCode.IN_NO_PART, values)]
