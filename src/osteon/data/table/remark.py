"""Remarks on defects found while reading a dataset, and how they were handled. Nothing is skipped without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of defects of a file, a row or a box; the audit reports the same kinds."""

    UNREADABLE = "unreadable"
    TRUNCATED = "truncated"
    MISSING_FILE = "missing-file"
    NO_RECORD = "no-record"
    EXTRA_FILE = "extra-file"
    MISSING_VIEW = "missing-view"
    EXTRA_VIEW = "extra-view"
    CONTRADICTING_LABEL = "contradicting-label"
    UNKNOWN_LABEL = "unknown-label"
    SWAPPED_SIZE = "swapped-size"
    WRONG_SIZE = "wrong-size"
    EMPTY_BOX = "empty-box"
    SWAPPED_BOX = "swapped-box"
    BOX_OUTSIDE = "box-outside"
    IMPLAUSIBLE_AGE = "implausible-age"
    IMPLAUSIBLE_SEX = "implausible-sex"
    IMPLAUSIBLE_SIDE = "implausible-side"
    EXACT_DUPLICATE = "exact-duplicate"
    NEAR_DUPLICATE = "near-duplicate"
    DUPLICATE_ACROSS_SPLITS = "duplicate-across-splits"
    DUPLICATE_LABELS = "duplicate-with-other-label"
    PATIENT_ACROSS_SPLITS = "patient-across-splits"
    STUDY_ACROSS_SPLITS = "study-across-splits"
    NEIGHBOUR_ACROSS_SPLITS = "neighbour-across-splits"
    LOOKALIKE_ACROSS_SPLITS = "lookalike-across-splits"
    PARTIAL_SPLIT = "partial-split"
    NO_PATIENT = "no-patient"
    SHORTCUT = "shortcut"
    SMALL_BOXES = "small-boxes"
    OTHER_COUNT = "other-count"
    LISTED_TWICE = "listed-twice"
    ASSUMED = "assumed"


@dataclass(frozen=True, slots=True)
class Remark:
    """One defect of one image.

    Attributes:
        kind: of the defect.
        image: path of the image below the root, or of the file of annotations where no image is concerned.
        detail: what was found and how it was handled. It never contains a patient's name or number.
        skipped: whether the image was left out of the table because of it.
    """

    kind: Kind
    image: str
    detail: str
    skipped: bool = False


def count(remarks: Iterable[Remark]) -> dict[str, int]:
    """Number of remarks of each kind, the most frequent first."""
    return dict(Counter(str(remark.kind) for remark in remarks).most_common())
