"""Exact and near duplicates, within and across parts of the split, and what they do to the labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from osteon.data.audit.evidence import Evidence
from osteon.data.audit.problem import Problem, problem
from osteon.data.duplicates.duplicates import CONFIRMED, VARIANT_NAMES, duplicates, same_hash
from osteon.data.duplicates.hashes import PICTURE_SIDE
from osteon.data.duplicates.similar import correlation
from osteon.data.table.remark import Kind

_VISIBLE = 0.5
"""Share of a truncated picture that must be there to compare it."""


def copies(evidence: Evidence) -> list[Problem]:
    """Equal files, files that show the same, and those among them whose labels or parts of the split differ."""
    names = evidence.table.images
    found = _equal(evidence)
    for one in duplicates(evidence.fingerprints()):
        pair = (names[one.first], names[one.second])
        if not one.exact:
            how = f"{one.variant}: the hashes differ in {one.distance} of 256 bits, the pictures correlate at"
            found.append(problem(Kind.NEAR_DUPLICATE, pair, f"{how} {one.correlation:.3f}"))
        found += _consequences(evidence, one.first, one.second)
    return found


def truncated_copies(evidence: Evidence) -> list[Problem]:
    """Truncated files of which what is left shows the same as another file, whole or not."""
    rest = {name: one for name, one in evidence.broken.items() if one.parts and one.missing <= 1 - _VISIBLE}
    if not rest:
        return []
    looks = [*evidence.looks, *rest.values()]
    names = [*evidence.table.images, *rest]
    prints = evidence.fingerprints(list(rest.values()))
    found: list[Problem] = []
    for one in same_hash(prints):
        if one.second < len(evidence.looks) or one.exact:
            continue
        rows = round(PICTURE_SIDE * (1 - max(looks[one.first].missing, looks[one.second].missing)))
        first, second = (_top(prints.pictures[row], rows) for row in (one.first, one.second))
        mirrored = VARIANT_NAMES.index(one.variant) >= 2
        alike = abs(correlation(first[:, ::-1] if mirrored else first, second))
        if alike >= CONFIRMED:
            how = f"{one.variant}: the hashes differ in {one.distance} of 256 bits"
            text = f"{how}; of what is left of a truncated file, the pictures correlate at {min(alike, 1.0):.3f}"
            found.append(problem(Kind.NEAR_DUPLICATE, (names[one.first], names[one.second]), text))
    return found


def _top(picture: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """The uppermost rows of a picture (64, 64), stretched to (64, 64)."""
    return np.asarray(
        cv2.resize(picture[:rows], (PICTURE_SIDE, PICTURE_SIDE), interpolation=cv2.INTER_LINEAR), np.uint8
    )


def _equal(evidence: Evidence) -> list[Problem]:
    """Files that are equal byte for byte, also broken ones; one problem for each set of them."""
    groups: dict[str, list[str]] = {}
    for name, one in zip(evidence.table.images, evidence.looks, strict=True):
        groups.setdefault(one.digest, []).append(name)
    for name, one in evidence.broken.items():
        if one.digest:
            groups.setdefault(one.digest, []).append(name)
    found: list[Problem] = []
    for names in groups.values():
        if len(names) > 1:
            broken = ", and broken" if any(name in evidence.broken for name in names) else ""
            text = f"{len(names)} files are equal byte for byte{broken}{_in_one_study(evidence, names)}"
            found.append(problem(Kind.EXACT_DUPLICATE, names, text))
    return found


def _in_one_study(evidence: Evidence, names: Sequence[str]) -> str:
    """Whether files stand for several views of one study, which then is short of a view."""
    rows = evidence.table.frame.select("image", "study").filter(evidence.table.frame["image"].is_in(list(names)))
    same = rows.height > 1 and rows["study"].n_unique() == 1
    return "; they stand for different views of one study" if same else ""


def _consequences(evidence: Evidence, first: int, second: int) -> list[Problem]:
    table = evidence.table
    pair = (table.images[first], table.images[second])
    found: list[Problem] = []
    parts = table.frame["split"][[first, second]].to_list()
    if None not in parts and parts[0] != parts[1]:
        text = f"one lies in {parts[0]}, the other in {parts[1]}"
        found.append(problem(Kind.DUPLICATE_ACROSS_SPLITS, pair, text))
    differing = [label for label in table.labels if sorted(table.label(label)[[first, second]].tolist()) == [0, 1]]
    if differing:
        said = ", ".join(
            f"{label} is {table.label(label)[first]} in the one and {table.label(label)[second]} in the other"
            for label in differing
        )
        found.append(problem(Kind.DUPLICATE_LABELS, pair, said))
    return found


def studies_in_two_places(evidence: Evidence) -> list[Problem]:
    """Case folders of the same number under two classes or two parts: publishers number cases only once.

    Only folders named by a number of at least six digits or by a UID are taken for cases.
    """
    places: dict[str, list[int]] = {}
    for row, study in enumerate(evidence.table.frame["study"].to_list()):
        name = study.rsplit("/", 1)[-1]
        if "/" in study and len(name) >= 6 and name.replace(".", "").isdigit():
            places.setdefault(name, []).append(row)
    found: list[Problem] = []
    frame = evidence.table.frame
    for rows in places.values():
        if frame["study"][rows].n_unique() < 2:
            continue
        names = frame["image"][rows].to_list()
        parts = sorted({part for part in frame["split"][rows].to_list() if part is not None})
        if len(parts) > 1:
            found.append(problem(Kind.STUDY_ACROSS_SPLITS, names, f"a case number lies in {' and '.join(parts)}"))
        folders = sorted({study.rsplit("/", 1)[0].rsplit("/", 1)[-1] for study in frame["study"][rows].to_list()})
        for one, other in combinations(folders, 2):
            text = f"a case number lies in the folders {one} and {other}"
            found.append(problem(Kind.CONTRADICTING_LABEL, names, text))
    return found
