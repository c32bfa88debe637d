"""Reports speak the words that the page speaks: ``words.json`` beside this file holds both to them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, Radiograph, Reading
from osteon.outputs import words
from osteon.outputs.formats import html as report_html
from osteon.outputs.formats import pdf as report_pdf
from osteon.outputs.numbers import number
from osteon.outputs.report import CHECKED, UNCHECKED, compose
from osteon.outputs.result import People, StudyResult

SHARED: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
IMAGE = Radiograph(np.linspace(0, 1, 9000, dtype=np.float32).reshape(100, 90), source="a")
READING = Reading(
    "a", "a", "b@1", Call.FRACTURE, probability=0.72, doubt=0.2, definite=0.6, image_probabilities=(0.72,),
    finding_labels=("fracture",), radiographs=(IMAGE,),
)  # fmt: skip


def of(people: People) -> StudyResult:
    """The reading, with what people said of it."""
    return replace(StudyResult.of(READING), people=people)


def test_calls() -> None:
    assert {call.value: said for call, said in words.CALLS.items()} == SHARED["calls"]
    assert SHARED["unread"] == words.UNREAD


@pytest.mark.parametrize(("value", "said"), SHARED["probabilities"])
def test_probabilities(value: float, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(("value", "said"), SHARED["frequencies"])
def test_frequencies(value: float, said: str) -> None:
    assert words.frequency(value) == said


@pytest.mark.parametrize(("years", "said"), SHARED["ages"])
def test_ages_are_never_rounded_up(years: float, said: str) -> None:
    assert words.age(years) == said


@pytest.mark.parametrize(("call", "probability", "doubt", "definite", "said"), SHARED["meanings"])
def test_meanings(call: str, probability: float, doubt: float, definite: float, said: str) -> None:
    assert words.meaning(Call(call), probability, doubt, definite) == said


def test_sentences() -> None:
    said = SHARED["sentences"]
    value, sentence = said["frequency"]
    assert words.frequency_sentence(value) == sentence
    assert said["scope"] == words.SCOPE
    assert (said["abstained"], said["abstainedMeaning"]) == (words.ABSTAINED, words.ABSTAINED_MEANING)
    assert (said["noPlace"], said["noBox"], said["drawsNone"]) == (words.NO_PLACE, words.NO_BOX, words.DRAWS_NONE)


@pytest.mark.parametrize("call", list(Call))
def test_the_heading_is_the_call_of_the_page(call: Call) -> None:
    refused = call is Call.ABSTAIN
    said = {"probability": None if refused else 0.4, "refusals": (Refusal(RefusalCode.BLANK),) if refused else ()}
    report = compose(StudyResult.of(replace(READING, call=call, **said)))
    assert report.heading == SHARED["calls"][call.value]


@pytest.mark.parametrize(
    ("call", "labels", "said"),
    [
        (Call.FRACTURE, ("fracture",), words.NO_PLACE),
        (Call.DOUBT, ("fracture",), words.NO_PLACE),
        (Call.NO_FRACTURE, ("fracture",), words.NO_BOX),
        (Call.FRACTURE, (), words.DRAWS_NONE),
    ],
)
def test_a_call_without_a_box_is_explained(call: Call, labels: tuple[str, ...], said: str) -> None:
    assert said in compose(StudyResult.of(replace(READING, call=call, finding_labels=labels))).sentences
    marked = replace(
        READING, call=call, finding_labels=labels or ("f",), findings=(Finding("f", Box(1, 2, 30, 40), 0.5),)
    )
    assert said not in compose(StudyResult.of(marked)).sentences


def test_what_people_said_stands_in_the_report() -> None:
    people = People(("2026-01-02 10:00 UTC, maria: disagreed. Note: <old>",), ("Length 32.1 mm, maria",))
    page = report_html.page(compose(of(people)))
    assert "disagreed. Note: &lt;old&gt;" in page
    assert "Length 32.1 mm" in page
    assert CHECKED in page
    assert UNCHECKED not in page
    assert UNCHECKED in report_html.page(compose(of(People())))


def test_the_pdf_leaves_nothing_out_that_people_said() -> None:
    pytest.importorskip("reportlab")
    few = report_pdf.render(compose(of(People(("maria: agreed",)))))
    many = report_pdf.render(compose(of(People(tuple("word " * 300 + str(n) for n in range(20))))))
    assert (few.count(b"/Type /Page\n"), many.count(b"/Type /Page\n")) in {(1, n) for n in range(3, 12)}
