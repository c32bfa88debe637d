"""What a report of a reading says, whatever it is written on: one page for people.

It names no patient and no file. A probability is put into words as a frequency, which people understand better than a
fraction (Gigerenzer and Hoffrage, *How to improve Bayesian reasoning without instruction*, 1995).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from PIL import Image

from osteon.core.labels import Call
from osteon.core.records import Finding, Reading
from osteon.core.wording.readings import note_sentences
from osteon.outputs import words
from osteon.outputs.drawing.overlay import MAXIMUM_IMAGES, draw_views
from osteon.outputs.numbers import number
from osteon.outputs.result import BundleInfo, People, StudyDetails, StudyResult

WARNING: Final = "NOT FOR DIAGNOSIS"

BOXES: Final = 8
"""Boxes that are listed; the others are counted."""

NOTES: Final = 6
"""Notes that are listed; the others are counted."""

UNCHECKED: Final = "Written by a program; no human has checked it."

CHECKED: Final = "Written by a program; what people said of it stands under Readers."


@dataclass(frozen=True, slots=True)
class Report:
    """A report, in words and pictures.

    Attributes:
        call: of the study.
        heading: the call in words.
        sentences: what it means, and how sure it is.
        probability: None where nothing was read.
        doubt: lowest probability called doubt.
        definite: lowest probability called fracture.
        facts: names and values: of the study, its time, the bundle.
        boxes: the columns label, confidence, call, place.
        notes: what the user should know of how the images were read.
        bundle: that read it, and what it is for.
        pictures: each image, and beside it the same with heat map and boxes.
        people: what people said of the reading.
    """

    call: Call
    heading: str
    sentences: tuple[str, ...]
    probability: float | None
    doubt: float
    definite: float
    facts: tuple[tuple[str, str], ...]
    boxes: tuple[tuple[str, str, str, str], ...]
    notes: tuple[str, ...]
    bundle: BundleInfo
    pictures: tuple[Image.Image, ...]
    people: People

    @property
    def checked(self) -> str:
        """Whether a person has looked at it, for the foot of the page."""
        return CHECKED if self.people.opinions else UNCHECKED


def compose(result: StudyResult) -> Report:
    """Write the report of a study.

    Raises:
        InputError: a file cannot be decoded.
        StoreError: a file is no longer what was read.
        ValueError: the reading came without radiographs.
    """
    reading, people = result.with_pixels(MAXIMUM_IMAGES), result.people
    images = len(reading.radiographs)
    return Report(
        call=reading.call,
        heading=words.CALLS[reading.call],
        sentences=(*((people.summary,) if people.summary else ()), *_sentences(reading)),
        probability=reading.probability,
        doubt=reading.doubt,
        definite=reading.definite,
        facts=tuple((name, value) for name, value in _facts(result, images) if value),
        boxes=tuple(_row(finding, images) for finding in reading.findings[:BOXES]),
        notes=_shortened(note_sentences(reading), NOTES, "note"),
        bundle=result.bundle,
        pictures=tuple(draw_views(reading)),
        people=people,
    )


def _facts(result: StudyResult, images: int) -> Iterator[tuple[str, str]]:
    """Names and values; a value that is not known is empty."""
    details, bundle = result.details, result.bundle
    yield "Study", details.id
    yield "Version", _version(details)
    yield "Patient", details.pseudonym
    age = "" if details.age is None else words.age(details.age)
    yield "Age, sex", ", ".join(part for part in (age, details.sex or "") if part)
    yield "Body part", details.body_part or ""
    yield "Received", _moment(details.received)
    yield "Read", _moment(details.read)
    yield "Radiographs", f"{images}" if images <= MAXIMUM_IMAGES else f"{images} ({MAXIMUM_IMAGES} shown)"
    yield "Read by", f"osteon, bundle {bundle.identity}"
    yield "Bundle digest", bundle.digest[:16]


def _version(details: StudyDetails) -> str:
    """Which version of the result it is, where there are several."""
    if details.version == 1 and not details.replaced:
        return ""
    return f"{details.version}; a newer version has replaced it" if details.replaced else f"{details.version}"


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _sentences(reading: Reading) -> tuple[str, ...]:
    """The call in words, with the frequency behind the probability."""
    probability = reading.probability
    if probability is None or reading.call is Call.ABSTAIN:
        return (words.ABSTAINED, f"Reason: {reading.reason}.", words.ABSTAINED_MEANING)
    return (
        words.meaning(reading.call, probability, reading.doubt, reading.definite),
        f"{words.frequency_sentence(probability)} {words.SCOPE}",
        _boxes(reading),
    )


def _boxes(reading: Reading) -> str:
    findings = reading.findings
    if not findings:
        return words.without_boxes(reading.call, draws=bool(reading.finding_labels))
    definite = sum(finding.definite for finding in findings)
    more = f" The first {BOXES} are listed." if len(findings) > BOXES else ""
    return f"Boxes: {definite} definite (solid), {len(findings) - definite} in doubt (dotted).{more}"


def _row(finding: Finding, images: int) -> tuple[str, str, str, str]:
    x0, y0, x1, y1 = (round(side) for side in finding.box)
    image = f"radiograph {finding.image + 1}, " if images > 1 else ""
    return (
        finding.label,
        number(finding.score),
        "definite" if finding.definite else "doubt",
        f"{image}x {x0} to {x1}, y {y0} to {y1}",
    )


def _shortened(lines: Sequence[str], most: int, noun: str) -> tuple[str, ...]:
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], f"and {len(lines) - most + 1} further {noun}s")
