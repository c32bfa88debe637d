"""Views that are missing or too many, and sides that contradict each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.table.remark import Kind

_ENOUGH: Final = 10
"""Minimum number of studies for deciding which views are usual."""

_USUAL: Final = 0.9


def unpaired_views(evidence: Evidence) -> list[Problem]:
    """Studies that lack a view which nearly all others have, or that have one twice where the others do not."""
    table = evidence.table
    studies = table.frame.drop_nulls("view").group_by("study", maintain_order=True).agg("image", "view")
    if studies.height < _ENOUGH:
        return []
    seen = Counter(view for views in studies["view"].to_list() for view in set(views))
    usual = {view for view, number in seen.items() if number > _USUAL * studies.height}
    if len(usual) < 2:
        return []
    reported = {
        kind: {
            part
            for remark in table.remarks
            if remark.kind is kind
            for part in (remark.image, Path(remark.image).parent.as_posix())
        }
        for kind in (Kind.MISSING_VIEW, Kind.EXTRA_VIEW)
    }
    single = sum(len(set(views)) == len(views) for views in studies["view"].to_list()) > _USUAL * studies.height
    found: list[Problem] = []
    for study, images, views in studies.iter_rows():
        if usual - set(views) and study not in reported[Kind.MISSING_VIEW]:
            values = {"views": tuple(sorted(usual - set(views)))}
            found.append(problem(Kind.MISSING_VIEW, images, ProblemCode.VIEWS_MISSING, values))
        twice = sorted(view for view, number in Counter(views).items() if number > 1)
        if single and twice and study not in reported[Kind.EXTRA_VIEW]:
            found.append(problem(Kind.EXTRA_VIEW, images, ProblemCode.VIEWS_REPEATED, {"views": tuple(twice)}))
    return found


def contradicting_sides(evidence: Evidence) -> list[Problem]:
    """Studies of paired views, one of the left and one of the right side."""
    studies = evidence.table.frame.drop_nulls(["laterality", "view"])
    grouped = studies.group_by("study", maintain_order=True).agg("image", "laterality", "view")
    found: list[Problem] = []
    for images, sides, views in grouped.select("image", "laterality", "view").iter_rows():
        if {"L", "R"} <= set(sides) and len(set(views)) == len(views):
            found.append(problem(Kind.IMPLAUSIBLE_SIDE, images, ProblemCode.SIDES_DIFFER))
    return found
