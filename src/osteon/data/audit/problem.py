"""Problems found by the audit, with the severity and heading of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from osteon.core.values import Value, Values, to_json
from osteon.data.audit.checks.shortcuts import Shortcut
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.audit.problem_words import problem_words
from osteon.data.table.remark import Kind
from osteon.data.table.remark_code import RemarkCode

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
    Kind.IMPLAUSIBLE_SIDE: "warning",
    Kind.EXACT_DUPLICATE: "warning",
    Kind.NEAR_DUPLICATE: "warning",
    Kind.DUPLICATE_ACROSS_SPLITS: "error",
    Kind.DUPLICATE_LABELS: "error",
    Kind.PATIENT_ACROSS_SPLITS: "error",
    Kind.STUDY_ACROSS_SPLITS: "error",
    Kind.NEIGHBOUR_ACROSS_SPLITS: "warning",
    Kind.LOOKALIKE_ACROSS_SPLITS: "warning",
    Kind.PARTIAL_SPLIT: "warning",
    Kind.NO_PATIENT: "warning",
    Kind.SHORTCUT: "warning",
    Kind.SMALL_BOXES: "note",
    Kind.OTHER_COUNT: "note",
    Kind.LISTED_TWICE: "warning",
    Kind.ASSUMED: "note",
}
"""Severity of each kind: an error invalidates training or a result, a warning may, a note is for information."""

HEADINGS: Final[dict[Kind, str]] = {
    Kind.UNREADABLE: "Files that cannot be read",
    Kind.TRUNCATED: "Truncated files",
    Kind.MISSING_FILE: "Listed, but missing",
    Kind.NO_RECORD: "Images without a record",
    Kind.EXTRA_FILE: "Files that are not part of the dataset",
    Kind.MISSING_VIEW: "Studies with a view missing",
    Kind.EXTRA_VIEW: "Superfluous views",
    Kind.CONTRADICTING_LABEL: "Labels that contradict each other",
    Kind.UNKNOWN_LABEL: "Labels that are not known",
    Kind.SWAPPED_SIZE: "Width and height swapped",
    Kind.WRONG_SIZE: "Stated size differs from the image",
    Kind.EMPTY_BOX: "Empty boxes",
    Kind.SWAPPED_BOX: "Boxes with axes or corners swapped",
    Kind.BOX_OUTSIDE: "Boxes outside the image",
    Kind.IMPLAUSIBLE_AGE: "Implausible ages",
    Kind.IMPLAUSIBLE_SEX: "Implausible sexes",
    Kind.IMPLAUSIBLE_SIDE: "Sides that contradict each other",
    Kind.EXACT_DUPLICATE: "Exact duplicates",
    Kind.NEAR_DUPLICATE: "Near duplicates",
    Kind.DUPLICATE_ACROSS_SPLITS: "Duplicates across parts of the split",
    Kind.DUPLICATE_LABELS: "Duplicates with different labels",
    Kind.PATIENT_ACROSS_SPLITS: "Patients in two parts of the split",
    Kind.STUDY_ACROSS_SPLITS: "Studies in two parts of the split",
    Kind.NEIGHBOUR_ACROSS_SPLITS: "Neighbouring numbers in two parts of the split",
    Kind.LOOKALIKE_ACROSS_SPLITS: "Look-alikes in two parts of the split",
    Kind.PARTIAL_SPLIT: "The official split is not complete",
    Kind.NO_PATIENT: "No patient identifier",
    Kind.SHORTCUT: "Shortcuts",
    Kind.SMALL_BOXES: "Small boxes",
    Kind.OTHER_COUNT: "Counts that differ from the published ones",
    Kind.LISTED_TWICE: "Listed more than once",
    Kind.ASSUMED: "Assumptions made when reading",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something found by the audit.

    Attributes:
        kind: of the problem.
        severity: of its kind.
        images: the images concerned, by path below the root; those of one problem belong together.
        code: what was found; a ``RemarkCode`` where reading the dataset already told of it.
        values: what its sentence needs, see ``ProblemCode`` and ``RemarkCode``; never a patient's name or number.
    """

    kind: Kind
    severity: Severity
    images: tuple[str, ...]
    code: ProblemCode | RemarkCode
    values: Values = field(default_factory=dict[str, Value])

    @property
    def detail(self) -> str:
        """The sentence, without a full stop."""
        return problem_words(self.code, self.values)

    def to_json(self) -> dict[str, Any]:
        """All fields, and the sentence."""
        return {
            "kind": self.kind.value,
            "severity": self.severity,
            "images": list(self.images),
            "code": self.code.value,
            "values": to_json(self.values),
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Audit:
    """What was found in a dataset.

    Attributes:
        dataset: name of its card.
        images: number of image files examined, including those that cannot be read.
        problems: in the order of their severity.
        shortcuts: how well each attribute alone predicts each label, including those that are no problem; the strongest first.
    """

    dataset: str
    images: int
    problems: tuple[Problem, ...]
    shortcuts: tuple[Shortcut, ...] = ()

    def counts(self) -> dict[Kind, int]:
        """How many problems there are of each kind, in the order of the problems."""
        return dict(Counter(problem.kind for problem in self.problems))


def problem(kind: Kind, images: Iterable[str], code: ProblemCode | RemarkCode, values: Values | None = None) -> Problem:
    """A problem of the severity of its kind."""
    return Problem(kind, SEVERITIES[kind], tuple(images), code, values or {})


def sort(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The worst first, each kind together."""
    order = {"error": 0, "warning": 1, "note": 2}
    kind_order = {kind: index for index, kind in enumerate(Kind)}
    return tuple(sorted(problems, key=lambda problem: (order[problem.severity], kind_order[problem.kind])))
