"""Whether the publisher's split leaks, and whether it is complete."""

from __future__ import annotations

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.table.remark import Kind


def split_leaks(evidence: Evidence) -> list[Problem]:
    """Patients and studies that are in two parts of the split."""
    found: list[Problem] = []
    frame = evidence.table.frame
    for column, kind in (("patient", Kind.PATIENT_ACROSS_SPLITS), ("study", Kind.STUDY_ACROSS_SPLITS)):
        grouped = frame.drop_nulls([column, "split"]).group_by(column, maintain_order=True).agg("image", "split")
        for images, parts in grouped.select("image", "split").iter_rows():
            if len(set(parts)) > 1:
                found.append(problem(kind, images, f"a {column} is in {' and '.join(sorted(set(parts)))}"))
    return found


def unknown_patients(evidence: Evidence) -> list[Problem]:
    """No patient identifier at all."""
    if evidence.table.frame["patient"].null_count() < len(evidence.table):
        return []
    ways = evidence.card.together or tuple(name for name in evidence.card.identifiers if name != "patient")[:1]
    best = " and ".join(ways or ("cluster",))
    return [problem(Kind.NO_PATIENT, (), f"images of one patient may lie in two parts of a split; group it by {best}")]


def partial_split(evidence: Evidence) -> list[Problem]:
    """A split that leaves images out, and whether the others all have the same label."""
    table = evidence.table
    without = table.frame["split"].null_count()
    if not 0 < without < len(table):
        return []
    text = f"{without:,} of {len(table):,} images are in no part"
    for label in table.labels:
        inside = table.label(label)[~table.frame["split"].is_null().to_numpy()]
        if (inside == inside[0]).all() and not (table.label(label) == inside[0]).all():
            text += f"; all others have {label} = {inside[0]}: a result on this split ignores the remaining images"
    return [problem(Kind.PARTIAL_SPLIT, (), text)]
