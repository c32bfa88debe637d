"""Remarks on defects found while reading a dataset, and how they were handled. Nothing is skipped without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from osteon.core.values import Value, Values, from_json, hashed, to_json
from osteon.data.table.remark_code import RemarkCode
from osteon.data.table.remark_words import remark_words


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
        code: what was found and how it was handled.
        values: what its sentence needs, see ``RemarkCode``; never a patient's name or number.
        skipped: whether the image was left out of the table because of it.
    """

    kind: Kind
    image: str
    code: RemarkCode
    values: Values = field(default_factory=dict[str, Value])
    skipped: bool = False

    def __hash__(self) -> int:
        """Equal remarks have the same hash."""
        return hash((self.kind, self.image, self.code, hashed(self.values), self.skipped))

    @property
    def detail(self) -> str:
        """The sentence."""
        return remark_words(self.code, self.values)

    def to_json(self) -> dict[str, Any]:
        """All fields, and the sentence, which is what earlier versions read."""
        return {
            "kind": self.kind.value,
            "image": self.image,
            "code": self.code.value,
            "values": to_json(self.values),
            "skipped": self.skipped,
            "detail": self.detail,
        }


def from_record(record: Mapping[str, Any]) -> Remark:
    """A remark that ``to_json`` gave; one of an earlier version has its sentence alone."""
    code, values = RemarkCode.OTHER, {"problem": record["detail"]}
    if "code" in record:
        code, values = RemarkCode(record["code"]), from_json(record["values"])
    return Remark(Kind(record["kind"]), record["image"], code, values, record["skipped"])


def sizes(stated: tuple[int, int], found: tuple[int, int]) -> dict[str, int]:
    """Values of a remark on a size: width and height as stated, and those that were found."""
    return {"stated_width": stated[0], "stated_height": stated[1], "width": found[0], "height": found[1]}


def count(remarks: Iterable[Remark]) -> dict[str, int]:
    """Number of remarks of each kind, the most frequent first."""
    return dict(Counter(str(remark.kind) for remark in remarks).most_common())
