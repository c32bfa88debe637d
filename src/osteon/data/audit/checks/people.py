"""Implausible ages and sexes."""

from __future__ import annotations

from typing import Final

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.table.remark import Kind

OLDEST: Final = 110
"""Years; a greater age is an error or a placeholder."""

_PLACEHOLDER_SHARE: Final = 0.05
_ADULT: Final = 15.0


def implausible_ages(evidence: Evidence) -> list[Problem]:
    """Ages outside human life or the range on the card, ages of 0 that mean unknown, and inconsistent ages."""
    frame = evidence.table.frame
    found: list[Problem] = []
    youngest, eldest = evidence.card.ages or (0, OLDEST)
    studies = frame.drop_nulls("age").group_by("study", maintain_order=True).agg("image", "age")
    for images, ages in studies.select("image", "age").iter_rows():
        if max(ages) > OLDEST:
            found.append(problem(Kind.IMPLAUSIBLE_AGE, images, ProblemCode.AGE_ABOVE, {"limit": OLDEST}))
        elif min(ages) < youngest or max(ages) >= eldest + 1:
            values = {"youngest": youngest, "oldest": eldest}
            found.append(problem(Kind.IMPLAUSIBLE_AGE, images, ProblemCode.AGE_OUTSIDE_CARD, values))
        if max(ages) - min(ages) > 1:
            found.append(problem(Kind.IMPLAUSIBLE_AGE, images, ProblemCode.AGES_DIFFER))
    known = frame["age"].drop_nulls()
    newborn = frame.filter(frame["age"] == 0)
    if known.len() and newborn.height > max(1, _PLACEHOLDER_SHARE * known.len()) and known.quantile(0.75) > _ADULT:  # type: ignore[operator]
        values = {"count": newborn.height}
        found.append(problem(Kind.IMPLAUSIBLE_AGE, newborn["image"].to_list(), ProblemCode.AGE_ZERO, values))
    return found + _headers(evidence)


def _headers(evidence: Evidence) -> list[Problem]:
    """Ages, sexes and sides in the file header that differ from the table."""
    found: list[Problem] = []
    rows = evidence.table.frame.select("image", "age", "sex", "laterality").iter_rows()
    for (name, age, sex, side), look in zip(rows, evidence.looks, strict=True):
        header = look.header
        if header is None:
            continue
        if header.age is not None and header.age > OLDEST and age is None:
            found.append(problem(Kind.IMPLAUSIBLE_AGE, [name], ProblemCode.HEADER_AGE_ABOVE, {"limit": OLDEST}))
        if header.age is not None and age is not None and abs(header.age - age) > 1:
            found.append(problem(Kind.IMPLAUSIBLE_AGE, [name], ProblemCode.HEADER_AGE_DIFFERS))
        if header.sex is not None and sex is not None and header.sex != sex:
            values = {"header": header.sex.value, "table": sex}
            found.append(problem(Kind.IMPLAUSIBLE_SEX, [name], ProblemCode.HEADER_DIFFERS, values))
        if header.laterality is not None and side is not None and header.laterality != side:
            values = {"header": header.laterality.value, "table": side}
            found.append(problem(Kind.IMPLAUSIBLE_SIDE, [name], ProblemCode.HEADER_DIFFERS, values))
    return found


def implausible_sexes(evidence: Evidence) -> list[Problem]:
    """Patients (studies, where no patient is given) with more than one sex."""
    frame = evidence.table.frame.drop_nulls("sex")
    found: list[Problem] = []
    reported: set[tuple[str, ...]] = set()
    for column in ("patient", "study"):
        people = frame.drop_nulls(column).group_by(column, maintain_order=True).agg("image", "sex")
        for images, sexes in people.select("image", "sex").iter_rows():
            if len(set(sexes)) > 1 and tuple(images) not in reported:
                reported.add(tuple(images))
                values = {"column": column, "sexes": tuple(sorted(set(sexes)))}
                found.append(problem(Kind.IMPLAUSIBLE_SEX, images, ProblemCode.SEXES_DIFFER, values))
    return found
