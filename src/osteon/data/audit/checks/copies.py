"""Exact and near duplicates, within and across parts of the split, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.core.values import Value
from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.duplicates.duplicates import CONFIRMED, HASHED, Duplicate, duplicates, same_hash
from osteon.data.duplicates.hashes import PICTURE_SIDE
from osteon.data.duplicates.similar import correlation
from osteon.data.table.remark import Kind

_VISIBLE = 0.5
"""Share of a truncated image that must be decodable to compare it."""


def copies(evidence: Evidence) -> list[Problem]:
    """Identical files, near duplicates, and those among them whose labels or split parts differ."""
    names = evidence.table.images
    found = _equal(evidence)
    for duplicate in duplicates(evidence.fingerprints()):
        pair = (names[duplicate.first], names[duplicate.second])
        if not duplicate.exact:
            values = _likeness(duplicate, duplicate.correlation)
            found.append(problem(Kind.NEAR_DUPLICATE, pair, ProblemCode.ALIKE, values))
        found += _consequences(evidence, duplicate.first, duplicate.second)
    return found


def truncated_copies(evidence: Evidence) -> list[Problem]:
    """Truncated files whose decodable part is a near duplicate of another file, complete or not."""
    rest = {name: look for name, look in evidence.broken.items() if look.parts and look.missing <= 1 - _VISIBLE}
    if not rest:
        return []
    looks = [*evidence.looks, *rest.values()]
    names = [*evidence.table.images, *rest]
    prints = evidence.fingerprints(list(rest.values()))
    found: list[Problem] = []
    for duplicate in same_hash(prints):
        if duplicate.second < len(evidence.looks) or duplicate.exact:
            continue
        rows = round(PICTURE_SIDE * (1 - max(looks[duplicate.first].missing, looks[duplicate.second].missing)))
        first, second = (_top(prints.pictures[row], rows) for row in (duplicate.first, duplicate.second))
        mirrored = HASHED.index(duplicate.variant) >= 2
        alike = abs(correlation(first[:, ::-1] if mirrored else first, second))
        if alike >= CONFIRMED:
            pair = (names[duplicate.first], names[duplicate.second])
            values = _likeness(duplicate, min(alike, 1.0))
            found.append(problem(Kind.NEAR_DUPLICATE, pair, ProblemCode.ALIKE_WHERE_DECODABLE, values))
    return found


def _likeness(duplicate: Duplicate, alike: float) -> dict[str, Value]:
    """Values of a problem: how one image differs from the other, and how much."""
    return {"variant": duplicate.variant.value, "distance": duplicate.distance, "correlation": alike}


def _top(picture: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """The uppermost rows of an image (64, 64), stretched to (64, 64)."""
    return np.asarray(
        cv2.resize(picture[:rows], (PICTURE_SIDE, PICTURE_SIDE), interpolation=cv2.INTER_LINEAR), np.uint8
    )


def _equal(evidence: Evidence) -> list[Problem]:
    """Files that are byte-for-byte identical, including broken ones; one problem for each set."""
    groups: dict[str, list[str]] = {}
    for name, look in zip(evidence.table.images, evidence.looks, strict=True):
        groups.setdefault(look.digest, []).append(name)
    for name, look in evidence.broken.items():
        if look.digest:
            groups.setdefault(look.digest, []).append(name)
    found: list[Problem] = []
    for names in groups.values():
        if len(names) > 1:
            values: dict[str, Value] = {
                "count": len(names),
                "broken": any(name in evidence.broken for name in names),
                "one_study": _in_one_study(evidence, names),
            }
            found.append(problem(Kind.EXACT_DUPLICATE, names, ProblemCode.IDENTICAL, values))
    return found


def _in_one_study(evidence: Evidence, names: Sequence[str]) -> bool:
    """Whether the files are different views of one study, which then lacks a view."""
    rows = evidence.table.frame.select("image", "study").filter(evidence.table.frame["image"].is_in(list(names)))
    return rows.height > 1 and rows["study"].n_unique() == 1


def _consequences(evidence: Evidence, first: int, second: int) -> list[Problem]:
    table = evidence.table
    pair = (table.images[first], table.images[second])
    found: list[Problem] = []
    parts = table.frame["split"][[first, second]].to_list()
    if None not in parts and parts[0] != parts[1]:
        values = {"first": parts[0], "second": parts[1]}
        found.append(problem(Kind.DUPLICATE_ACROSS_SPLITS, pair, ProblemCode.IN_TWO_PARTS, values))
    both = {label: table.label(label)[[first, second]].tolist() for label in table.labels}
    sides = {
        "only_first": tuple(label for label, values in both.items() if values == [1, 0]),
        "only_second": tuple(label for label, values in both.items() if values == [0, 1]),
    }
    if any(sides.values()):
        found.append(problem(Kind.DUPLICATE_LABELS, pair, ProblemCode.COPIES_LABELLED_DIFFERENTLY, sides))
    return found


def studies_in_two_places(evidence: Evidence) -> list[Problem]:
    """Case folders of the same number under two classes or two split parts: a case number should be unique.

    Only folders named by a number of at least six digits or by a UID are treated as cases.
    """
    folders_of_case: dict[str, list[int]] = {}
    for row, study in enumerate(evidence.table.frame["study"].to_list()):
        name = study.rsplit("/", 1)[-1]
        if "/" in study and len(name) >= 6 and name.replace(".", "").isdigit():
            folders_of_case.setdefault(name, []).append(row)
    found: list[Problem] = []
    frame = evidence.table.frame
    for rows in folders_of_case.values():
        if frame["study"][rows].n_unique() < 2:
            continue
        names = frame["image"][rows].to_list()
        parts = sorted({part for part in frame["split"][rows].to_list() if part is not None})
        if len(parts) > 1:
            values = {"parts": tuple(parts)}
            found.append(problem(Kind.STUDY_ACROSS_SPLITS, names, ProblemCode.CASE_IN_SEVERAL_PARTS, values))
        folders = sorted({study.rsplit("/", 1)[0].rsplit("/", 1)[-1] for study in frame["study"][rows].to_list()})
        for folder, other_folder in combinations(folders, 2):
            values = {"first": folder, "second": other_folder}
            found.append(problem(Kind.CONTRADICTING_LABEL, names, ProblemCode.CASE_IN_TWO_FOLDERS, values))
    return found
