"""Remarks are codes with values: each has a sentence, is made with the values that this needs, and survives being kept."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import osteon.data
from osteon.core.codes.fault import FaultCode
from osteon.core.values import Values
from osteon.data.table.remark import Kind, Remark, from_record
from osteon.data.table.remark_code import NoMatch, RemarkCode
from osteon.data.table.remark_words import NO_MATCH, TEMPLATES, alternatives, fields, remark_words

WORDS: list[tuple[RemarkCode, Values, str]] = [
    (RemarkCode.IN_NO_FOLDER, {"folders": ("a", "b")}, "it is in neither a nor b"),
    (RemarkCode.SPELLINGS, {"names": ("Bone", "bone"), "label": "bone"}, "'Bone' and 'bone' are one label, bone"),
    (RemarkCode.BOX_THIN, {"label": "x", "width": 0.25, "height": 3.0}, "x: 0.25 x 3 px; box dropped"),
    (RemarkCode.VIEW_ALONE, {"view": ""}, "only the no view can be read"),
    (
        RemarkCode.LABELS_DIFFER,
        {"folder": "1", "listed": ""},
        "the study's folder says 1, the list says no known label; taken as unknown",
    ),
    (
        RemarkCode.VOTES_DIFFER,
        {"folder": 1, "stated": "", "taken": 1},
        "folder says 1, dataset.csv nothing, no file of boxes; 1 taken",
    ),
    (
        RemarkCode.VOTES_DIFFER,
        {"folder": 0, "stated": "0", "boxes": 2, "unusable": 1, "taken": "unknown"},
        "folder says 0, dataset.csv 0, 2 boxes and 1 that cannot be used; unknown taken",
    ),
    (
        RemarkCode.ROWS_CONTRADICT,
        {"where": "lines 2, 3", "blank": ("age",)},
        "lines 2, 3 have the same key and differ in age, which some leave blank",
    ),
    (
        RemarkCode.LISTED_UNMATCHED,
        {"where": "a.csv, line 2", "why": "several_files", "count": 2},
        "listed in a.csv, line 2, but 2 files have this name, and it is ambiguous which is meant",
    ),
    (
        RemarkCode.ENTRY_NO_OBJECT,
        {"where": ("images[0]", "images[2]", "images[3]"), "more": 2},
        "images[0], images[2], images[3] and 2 more: not an object; left out",
    ),
    (RemarkCode.ENTRY_NO_OBJECT, {"where": ("images[0]",), "more": 0}, "images[0]: not an object; left out"),
    (
        RemarkCode.FAULT,
        {"fault": FaultCode.DICOM_TRUNCATED.value, "element": "(0010,0010)"},
        "the DICOM file is truncated, or an element of it states a wrong length",
    ),
]


@pytest.mark.parametrize(("code", "values", "sentence"), WORDS)
def test_words(code: RemarkCode, values: Values, sentence: str) -> None:
    assert remark_words(code, values) == sentence


def test_every_code_has_a_sentence_of_its_own() -> None:
    assert set(TEMPLATES) == set(RemarkCode)
    assert set(NO_MATCH) == set(NoMatch)
    texts = [text for code in RemarkCode if code is not RemarkCode.OTHER for text in alternatives(code)]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("code", RemarkCode)
def test_no_code_needs_values_to_say_something(code: RemarkCode) -> None:
    """What is kept may lack values."""
    words = remark_words(code, {})
    assert words
    assert "{" not in words


def calls() -> Iterator[tuple[str, ast.Call]]:
    """The calls that make remarks, each with its place."""
    for path in Path(osteon.data.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Remark":
                yield f"{path.name}, line {node.lineno}", node


def test_every_code_is_made_and_every_remark_has_the_values_that_its_sentence_needs() -> None:
    computed = {"reason": "why"}
    for place, call in calls():
        code = call.args[2]
        if not isinstance(code, ast.Attribute) or getattr(code.value, "id", "") != "RemarkCode":
            continue
        values = call.args[3] if len(call.args) > 3 else ast.Dict([], [])
        if not isinstance(values, ast.Dict) or None in values.keys:
            continue  # of a variable, or with values of one: what it says is seen when it is read
        given = {key.value for key in values.keys if isinstance(key, ast.Constant)}
        needed = [{computed.get(name, name) for name in fields(text)} for text in alternatives(RemarkCode[code.attr])]
        assert any(names <= given for names in needed), f"{place}: {code.attr} has {given}"
    sources = [
        path.read_text() for path in Path(osteon.data.__file__).parent.rglob("*.py") if "remark_" not in path.name
    ]
    named = {name for name in RemarkCode.__members__ if any(f"RemarkCode.{name}" in source for source in sources)}
    assert named == set(RemarkCode.__members__)


def test_a_remark_survives_being_kept() -> None:
    made = Remark(Kind.ASSUMED, "a", RemarkCode.SPELLINGS, {"names": ("A", "a"), "label": "a"}, skipped=True)
    kept = json.loads(json.dumps(made.to_json()))
    assert from_record(kept) == made
    assert len({made, from_record(kept)}) == 1
    # An earlier version kept its sentence, and this one still gives it to such a one.
    former = {name: kept[name] for name in ("kind", "image", "detail", "skipped")}
    assert from_record(former).detail == made.detail
