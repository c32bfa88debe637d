"""What the audit finds are codes with values: each has a sentence of its own, and is made with the values that this needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import osteon.data.audit
from osteon.core.values import Values, from_json
from osteon.data.audit import audit
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.audit.problem_words import TEMPLATES, VARIANTS, problem_words
from osteon.data.datasets import find
from osteon.data.duplicates.duplicates import Variant
from osteon.data.table.remark_code import RemarkCode

PREDICTS: Values = {
    "attribute": "view",
    "label": "fracture",
    "auc": 0.75,
    "low": 0.7,
    "high": 0.8,
    "attributes": 12,
    "labels": 1,
}
WORDS: list[tuple[ProblemCode | RemarkCode, Values, str]] = [
    (
        ProblemCode.ROWS_GREY,
        {"share": 0.25},
        "the lowest 25 % of the rows are uniform grey: the image data are cut off or damaged",
    ),
    (ProblemCode.IDENTICAL, {"count": 2, "broken": False, "one_study": False}, "2 files are identical byte for byte"),
    (
        ProblemCode.IDENTICAL,
        {"count": 2, "broken": True, "one_study": True},
        "2 files are identical byte for byte, and broken; they are listed as different views of one study",
    ),
    (
        ProblemCode.ALIKE,
        {"variant": "inverted-mirrored", "distance": 3, "correlation": 0.99449},
        "inverted and mirrored: the hashes differ in 3 of 256 bits, the images correlate at 0.994",
    ),
    (
        ProblemCode.COPIES_LABELLED_DIFFERENTLY,
        {"only_first": ("a",), "only_second": ("b",)},
        "a is 1 in one and 0 in the other, b is 0 in one and 1 in the other",
    ),
    (
        ProblemCode.IN_NO_PART,
        {"count": 1200, "images": 3000, "constant": (), "constant_values": ()},
        "1,200 of 3,000 images are in no part",
    ),
    (
        ProblemCode.IN_NO_PART,
        {"count": 3, "images": 9, "constant": ("fracture",), "constant_values": ("1",)},
        "3 of 9 images are in no part; all others have fracture = 1: a result on this split ignores the remaining images",
    ),
    (ProblemCode.VIEWS_MISSING, {"views": ("frontal", "lateral")}, "no frontal and no lateral view"),
    (ProblemCode.AGE_OUTSIDE_CARD, {"youngest": 0, "oldest": 18.0}, "outside the ages of the dataset, 0 to 18 years"),
    (
        ProblemCode.COUNT_DIFFERS,
        {"figure": "images", "published": 4083, "found": 24},
        "images: published 4,083, here 24",
    ),
    (
        ProblemCode.BOXES_SMALL,
        {"count": 1234, "share": 0.0039},
        "the median of 1,234 boxes is 0.39 % of the image; they vanish in a small input",
    ),
    (
        ProblemCode.ATTRIBUTE_PREDICTS_LABEL,
        PREDICTS,
        (
            "view alone predicts fracture: AUC 0.750 (95 % interval 0.700 to 0.800); no two values are frequent; "
            "12 attributes were tried"
        ),
    ),
    (
        ProblemCode.ATTRIBUTE_PREDICTS_LABEL,
        {**PREDICTS, "labels": 2, "highest": "x", "highest_share": 0.9, "lowest": "y", "lowest_share": 0.1},
        (
            "view alone predicts fracture: AUC 0.750 (95 % interval 0.700 to 0.800); x: 90 % positive, y: 10 %; "
            "12 attributes and 2 labels were tried"
        ),
    ),
    (RemarkCode.FILE_EMPTY, {}, "the file is empty"),
]


@pytest.mark.parametrize(("code", "values", "sentence"), WORDS)
def test_words(code: ProblemCode | RemarkCode, values: Values, sentence: str) -> None:
    assert problem_words(code, values) == sentence


def test_every_code_has_a_sentence_of_its_own_and_is_found_by_a_check() -> None:
    assert set(TEMPLATES) == set(ProblemCode)
    assert set(VARIANTS) == set(Variant)
    assert len(set(TEMPLATES.values())) == len(ProblemCode)
    assert not {code.value for code in ProblemCode} & {code.value for code in RemarkCode}
    checks = Path(osteon.data.audit.__file__).parent / "checks"
    sources = "".join(path.read_text() for path in checks.glob("*.py"))
    assert {name for name in ProblemCode.__members__ if f"ProblemCode.{name}" in sources} == set(
        ProblemCode.__members__
    )


@pytest.mark.parametrize("code", ProblemCode)
def test_no_code_needs_values_to_say_something(code: ProblemCode) -> None:
    words = problem_words(code, {})
    assert words
    assert "{" not in words


def test_problems_have_all_values_and_survive_json(fracatlas: Path) -> None:
    dataset = find("fracatlas")
    found = audit(dataset.read(fracatlas), fracatlas, dataset.card)
    codes = {problem.code for problem in found.problems}
    assert {ProblemCode.IDENTICAL, ProblemCode.PATIENTS_UNKNOWN, ProblemCode.IN_NO_PART} <= codes
    for problem in found.problems:
        assert problem.detail != problem.code.value.replace("_", " ")
        kept = json.loads(json.dumps(problem.to_json(), allow_nan=False))
        assert from_json(kept["values"]) == problem.values
        assert problem_words(problem.code, from_json(kept["values"])) == kept["detail"]
