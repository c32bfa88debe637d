"""The audit of a dataset: everything in it that would spoil a model or a figure, found before anyone trains on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

import numpy as np

from osteon.data.card import DatasetCard
from osteon.data.duplicates import Duplicate, duplicates
from osteon.data.hashes import BITS, Fingerprints, fingerprint
from osteon.data.remark import Kind
from osteon.data.shortcuts import STRONG, shortcuts
from osteon.data.table import Table

Severity = Literal["error", "warning", "note"]

SEVERITIES: Final[dict[Kind, Severity]] = {
    Kind.UNREADABLE: "error",
    Kind.TRUNCATED: "error",
    Kind.MISSING_FILE: "error",
    Kind.NO_RECORD: "warning",
    Kind.EXTRA_FILE: "note",
    Kind.MISSING_VIEW: "warning",
    Kind.EXTRA_VIEW: "warning",
    Kind.CONTRADICTING_LABEL: "error",
    Kind.UNKNOWN_LABEL: "warning",
    Kind.SWAPPED_SIZE: "warning",
    Kind.WRONG_SIZE: "warning",
    Kind.EMPTY_BOX: "error",
    Kind.SWAPPED_BOX: "error",
    Kind.BOX_OUTSIDE: "error",
    Kind.IMPLAUSIBLE_AGE: "warning",
    Kind.IMPLAUSIBLE_SEX: "warning",
    Kind.EXACT_DUPLICATE: "warning",
    Kind.NEAR_DUPLICATE: "warning",
    Kind.DUPLICATE_ACROSS_SPLITS: "error",
    Kind.DUPLICATE_LABELS: "error",
    Kind.PATIENT_ACROSS_SPLITS: "error",
    Kind.STUDY_ACROSS_SPLITS: "error",
    Kind.PARTIAL_SPLIT: "warning",
    Kind.NO_PATIENT: "warning",
    Kind.SHORTCUT: "warning",
    Kind.SMALL_BOXES: "note",
    Kind.OTHER_COUNT: "note",
}
"""How bad each kind is: an error spoils training or a figure, a warning may, a note is good to know."""

HEADINGS: Final[dict[Kind, str]] = {
    Kind.UNREADABLE: "Files that cannot be read",
    Kind.TRUNCATED: "Truncated files",
    Kind.MISSING_FILE: "Listed, but not there",
    Kind.NO_RECORD: "Images without a record",
    Kind.EXTRA_FILE: "Files that do not belong",
    Kind.MISSING_VIEW: "Studies with a view missing",
    Kind.EXTRA_VIEW: "Views too many",
    Kind.CONTRADICTING_LABEL: "Labels that contradict each other",
    Kind.UNKNOWN_LABEL: "Labels that are not known",
    Kind.SWAPPED_SIZE: "Width and height swapped",
    Kind.WRONG_SIZE: "Stated size differs from the image",
    Kind.EMPTY_BOX: "Empty boxes",
    Kind.SWAPPED_BOX: "Boxes with axes or corners swapped",
    Kind.BOX_OUTSIDE: "Boxes beyond the image",
    Kind.IMPLAUSIBLE_AGE: "Implausible ages",
    Kind.IMPLAUSIBLE_SEX: "Implausible sexes",
    Kind.EXACT_DUPLICATE: "Exact duplicates",
    Kind.NEAR_DUPLICATE: "Near duplicates",
    Kind.DUPLICATE_ACROSS_SPLITS: "Duplicates across parts of the split",
    Kind.DUPLICATE_LABELS: "Duplicates with different labels",
    Kind.PATIENT_ACROSS_SPLITS: "Patients in two parts of the split",
    Kind.STUDY_ACROSS_SPLITS: "Studies in two parts of the split",
    Kind.PARTIAL_SPLIT: "The official split is not complete",
    Kind.NO_PATIENT: "No patient identifier",
    Kind.SHORTCUT: "Shortcuts",
    Kind.SMALL_BOXES: "Small boxes",
    Kind.OTHER_COUNT: "Other counts than published",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found by the audit.

    Attributes:
        kind: what it is.
        severity: how bad it is.
        images: the images concerned, by path below the root; those of one problem belong together.
        detail: what was found.
    """

    kind: Kind
    severity: Severity
    images: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class Audit:
    """What was found in a dataset.

    Attributes:
        dataset: name of its card.
        images: number of image files that were looked at, also those that cannot be read.
        problems: in the order of their severity.
    """

    dataset: str
    images: int
    problems: tuple[Problem, ...]

    def counts(self) -> dict[Kind, int]:
        """How many problems there are of each kind, in the order of the problems."""
        return dict(Counter(problem.kind for problem in self.problems))


def audit(table: Table, root: Path, card: DatasetCard, *, threads: int = 2) -> Audit:
    """Look for everything that would spoil a model or a figure.

    Args:
        table: as the dataset's reader gives it, with its remarks.
        root: folder of the dataset.
        card: what its publisher says of it.
        threads: how many files are decoded at once.

    Raises:
        DataError: an image that the reader found whole cannot be decoded.
    """
    prints = fingerprint(root, table.images, threads=threads)
    lost = [one.image for one in table.skipped if one.kind in {Kind.UNREADABLE, Kind.TRUNCATED}]
    problems = [Problem(one.kind, SEVERITIES[one.kind], (one.image,), one.detail) for one in table.remarks]
    problems += _equal_broken(root, lost)
    for check in CHECKS:
        problems += check(table, prints, card)
    order = {"error": 0, "warning": 1, "note": 2}
    problems.sort(key=lambda problem: (order[problem.severity], list(Kind).index(problem.kind)))
    return Audit(table.dataset, len(table) + len(lost), tuple(problems))


def _problem(kind: Kind, images: Iterable[str], detail: str) -> Problem:
    return Problem(kind, SEVERITIES[kind], tuple(images), detail)


def _equal_broken(root: Path, lost: list[str]) -> list[Problem]:
    """Broken files that are equal byte for byte; they have no picture to compare."""
    by_hash: dict[str, list[str]] = {}
    for name in lost:
        by_hash.setdefault(sha256((root / name).read_bytes()).hexdigest(), []).append(name)
    text = "the files are equal byte for byte, and broken"
    return [_problem(Kind.EXACT_DUPLICATE, names, text) for names in by_hash.values() if len(names) > 1]


def _duplicates(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Equal and nearly equal files, and what they do to labels and split."""
    del card
    names = table.images
    split = table.frame["split"].to_list()
    found: list[Problem] = []
    for one in duplicates(prints):
        pair = (names[one.first], names[one.second])
        found.append(_problem(*_said(one, pair)))
        parts = (split[one.first], split[one.second])
        if None not in parts and parts[0] != parts[1]:
            found.append(
                _problem(Kind.DUPLICATE_ACROSS_SPLITS, pair, f"one lies in {parts[0]}, the other in {parts[1]}")
            )
        for label in table.labels:
            values = table.label(label)[[one.first, one.second]]
            if values.min() == 0 and values.max() == 1:
                text = f"{label} is {values[0]} in the one and {values[1]} in the other"
                found.append(_problem(Kind.DUPLICATE_LABELS, pair, text))
    return found


def _said(one: Duplicate, pair: tuple[str, str]) -> tuple[Kind, tuple[str, str], str]:
    if one.exact:
        return Kind.EXACT_DUPLICATE, pair, "the files are equal byte for byte"
    how = f"the hashes differ in {one.distance} of 256 bits" if one.distance < BITS else "the hashes differ"
    alike = f", the pictures correlate at {one.correlation:.3f}" if one.correlation else ""
    return Kind.NEAR_DUPLICATE, pair, f"{one.variant}: {how}{alike}"


def _leaks(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Patients and studies in two parts of the official split; an official split that is not complete."""
    del prints
    found: list[Problem] = []
    frame = table.frame
    for column, kind in (("patient", Kind.PATIENT_ACROSS_SPLITS), ("study", Kind.STUDY_ACROSS_SPLITS)):
        grouped = frame.drop_nulls([column, "split"]).group_by(column, maintain_order=True).agg("image", "split")
        for images, parts in grouped.select("image", "split").iter_rows():
            if len(set(parts)) > 1:
                found.append(_problem(kind, images, f"a {column} lies in {' and '.join(sorted(set(parts)))}"))
    if frame["patient"].null_count() == len(table):
        best = next((name for name in card.identifiers if name != "patient"), "cluster")
        text = f"leakage between patients cannot be excluded; split by {best}"
        found.append(_problem(Kind.NO_PATIENT, (), text))
    if 0 < (without := frame["split"].null_count()) < len(table):
        text = f"{without} of {len(table)} images are in no part"
        for label in table.labels:
            inside = table.label(label)[~frame["split"].is_null().to_numpy()]
            if len(inside) and (inside == inside[0]).all():
                text += f"; all that are have {label} = {inside[0]}: a figure on it ignores the others"
        found.append(_problem(Kind.PARTIAL_SPLIT, (), text))
    return found


def _people(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Patients whose sex changes or whose age jumps."""
    del prints, card
    frame = table.frame.drop_nulls("patient")
    found: list[Problem] = []
    people = frame.drop_nulls("sex").group_by("patient", maintain_order=True).agg("image", "sex")
    for images, sexes in people.select("image", "sex").iter_rows():
        if len(set(sexes)) > 1:
            found.append(_problem(Kind.IMPLAUSIBLE_SEX, images, f"one patient is {' and '.join(sorted(set(sexes)))}"))
    studies = frame.drop_nulls("age").group_by("study", maintain_order=True).agg("image", "age")
    for images, ages in studies.select("image", "age").iter_rows():
        if max(ages) - min(ages) > 1:
            found.append(_problem(Kind.IMPLAUSIBLE_AGE, images, "ages within one study differ by more than a year"))
    return found


def _views(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Studies that lack a view which nearly all others of the dataset have."""
    del prints, card
    studies = table.frame.drop_nulls("view").group_by("study", maintain_order=True).agg("image", "view")
    if studies.height < 10:
        return []
    seen = Counter(view for views in studies["view"].to_list() for view in set(views))
    usual = {view for view, number in seen.items() if number > 0.9 * studies.height}
    told = {remark.image for remark in table.remarks if remark.kind is Kind.MISSING_VIEW}
    return [
        _problem(Kind.MISSING_VIEW, images, f"no {' and no '.join(sorted(usual - set(views)))} view")
        for study, images, views in studies.iter_rows()
        if len(usual) > 1 and usual - set(views) and study not in told
    ]


def _boxes(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """How small the boxes are."""
    del prints, card
    shares = [
        (box["x1"] - box["x0"]) * (box["y1"] - box["y0"]) / (width * height)
        for boxes, width, height in table.frame.select("boxes", "width", "height").iter_rows()
        for box in boxes
    ]
    if not shares or np.median(shares) > 0.02:
        return []
    text = (
        f"the median of {len(shares)} boxes is {100 * np.median(shares):.2g} % of the image; a small input loses them"
    )
    return [_problem(Kind.SMALL_BOXES, (), text)]


def _expected(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Counts that differ from the published ones."""
    del prints
    labels = {name: int((table.label(name) == 1).sum()) for name in table.labels}
    have: dict[str, int] = {
        "images": len(table),
        "studies": table.frame["study"].n_unique(),
        "patients": table.frame["patient"].drop_nulls().n_unique(),
        "boxes": int(table.frame["boxes"].list.len().sum()),
        "positive": next(iter(labels.values()), 0),
        **labels,
    }
    return [
        _problem(Kind.OTHER_COUNT, (), f"{name}: published {number:,}, here {have[name]:,}")
        for name, number in card.expected.items()
        if name in have and have[name] != number
    ]


def _shortcuts(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """What predicts a label without looking at the bone."""
    del card
    found: list[Problem] = []
    for one in shortcuts(table, prints.pictures):
        area = f"AUC {one.auc:.3f} (95 % interval {one.low:.3f} to {one.high:.3f})"
        text = f"{one.attribute} alone predicts {one.label}: {area}; {one.example}"
        found.append(Problem(Kind.SHORTCUT, "warning" if one.auc >= STRONG else "note", (), text))
    return found


def _broken(table: Table, prints: Fingerprints, card: DatasetCard) -> list[Problem]:
    """Whether the broken files all lie in one folder, so that their damage would tell the label."""
    del prints, card
    lost = [one.image for one in table.skipped if one.kind in {Kind.TRUNCATED, Kind.UNREADABLE}]
    folders = {Path(name).parent.as_posix() for name in lost}
    inside = sum(Path(name).parent.as_posix() in folders for name in table.images)
    if len(lost) < 5 or len(folders) > 1 or inside > 0.95 * len(table):
        return []
    text = f"all {len(lost)} broken files lie in {folders.pop()}: decoded leniently, their grey stripes give it away"
    return [Problem(Kind.SHORTCUT, "warning", tuple(lost), text)]


CHECKS: Final[tuple[Callable[[Table, Fingerprints, DatasetCard], list[Problem]], ...]] = (
    _duplicates,
    _leaks,
    _people,
    _views,
    _boxes,
    _expected,
    _broken,
    _shortcuts,
)
"""Every check that is made; a new one is a function and a line here."""
