"""Reports say what was read, in words that hold, and nothing of the patient."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading
from osteon.html.templating import POLICY
from osteon.outputs.formats import html as report_html
from osteon.outputs.formats import pdf as report_pdf
from osteon.outputs.report import BOXES, NOTES, Report, compose
from osteon.outputs.result import BundleInfo, StudyDetails, StudyResult

FILM = Radiograph(
    np.linspace(0, 1, 9000, dtype=np.float32).reshape(100, 90),
    source="SECRET.dcm",
    identifiers=Identifiers("SECRET", patient="SECRET"),
)
READING = Reading(
    "SECRET.dcm", "SECRET", "b@1", Call.DOUBT, probability=0.4, doubt=0.2, definite=0.6, image_probabilities=(0.4,),
    findings=(Finding("fracture", Box(10, 20, 40, 60), 0.5),), finding_labels=("fracture",),
    heat_maps=(HeatMap(np.eye(4, dtype=np.float32), Box(0, 0, 90, 100), "fracture"),), radiographs=(FILM,),
)  # fmt: skip
REFUSED = Reading(
    "s",
    "s",
    "b@1",
    Call.ABSTAIN,
    refusals=(Refusal(RefusalCode.BLANK),),
    radiographs=(FILM,),
    image_probabilities=(float("nan"),),
)
BUNDLE = BundleInfo("b@1", "0123456789abcdef" * 4, "Research.", ("Children & <others>", "Spines"))


def noted(text: str) -> Note:
    return Note(NoteCode.OTHER, {"text": text})


def report_of(reading: Reading, bundle: BundleInfo = BUNDLE, **details: Any) -> Report:
    """The report of a reading."""
    return compose(replace(StudyResult.of(reading), bundle=bundle, details=StudyDetails(**details)))


@pytest.mark.parametrize(
    ("probability", "call", "words"),
    [
        (0.4, Call.DOUBT, "about 40 in 100"),
        (0.005, Call.NO_FRACTURE, "about 5 in 1000"),
        (0.00001, Call.NO_FRACTURE, "fewer than 1 in 1000"),
        (0.999, Call.FRACTURE, "more than 99 in 100"),
        (0.0, Call.NO_FRACTURE, "fewer than 1 in 1000"),
        (1.0, Call.FRACTURE, "more than 99 in 100"),
    ],
)
def test_probabilities_as_frequencies(probability: float, call: Call, words: str) -> None:
    report = report_of(replace(READING, probability=probability, call=call))
    assert words in " ".join(report.sentences)
    assert call is not Call.NO_FRACTURE or "does not rule" in " ".join(report.sentences)


def test_refusals_say_why() -> None:
    report = report_of(REFUSED)
    assert report.heading == "Abstained"
    assert f"Reason: {REFUSED.reason}." in report.sentences
    assert report.probability is None


def test_long_lists_are_cut_and_counted() -> None:
    many = replace(READING, findings=READING.findings * 20, notes=tuple(noted(f"note {n}") for n in range(20)))
    report = report_of(many)
    assert len(report.boxes) == BOXES
    assert "20 in doubt" in " ".join(report.sentences)
    assert len(report.notes) == NOTES
    assert report.notes[-1] == "and 15 further notes"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "link", "iframe", "object")
        assert all(not name.startswith("on") and name != "style" for name, _ in attrs)
        if tag not in ("meta", "img", "rect", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "path"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("reading", [READING, REFUSED])
def test_html_stands_alone(reading: Reading) -> None:
    """No script, no other file, nothing of the patient, and no markup from what is told."""
    hostile = replace(reading, notes=(noted("<script>alert(1)</script>"),))
    page = report_html.page(report_of(hostile, pseudonym="P-<b>&", id="x" * 300))
    parser = _Tags()
    parser.feed(page)
    assert parser.open == []
    assert "SECRET" not in page
    assert "NOT FOR DIAGNOSIS" in page
    assert "<script" not in page
    assert "P-&lt;b&gt;&amp;" in page
    assert not re.search(r"(?:src|href)=\"(?!data:)", page)
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in POLICY


@pytest.mark.parametrize("films", [1, 2, 5])
def test_pdf_is_one_page(films: int) -> None:
    pytest.importorskip("reportlab")
    bundle = replace(BUNDLE, not_for=BUNDLE.not_for * 30)
    many = replace(
        READING,
        radiographs=(FILM,) * films,
        image_probabilities=(0.4,) * films,
        findings=READING.findings * 8,
        notes=tuple(Note(NoteCode.OTHER, {"text": f"Gelände \u2264 3 \u4e2d {n}"}) for n in range(9)),
    )
    report = report_of(many, bundle, pseudonym="P-7K3QXM")
    content = report_pdf.render(report)
    assert content == report_pdf.render(report)
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", content)) == 1
    assert b"SECRET" not in content


def test_needs_radiographs() -> None:
    with pytest.raises(ValueError, match="radiographs"):
        report_of(replace(READING, radiographs=()))
