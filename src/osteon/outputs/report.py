"""What a report of a reading says, whatever it is written on: one page for people.

It names no patient and no file. A probability is put into words as a frequency, which people understand better than a
fraction (Gigerenzer and Hoffrage, *How to improve Bayesian reasoning without instruction*, 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from osteon.core.labels import Call
from osteon.core.records import Finding, Reading
from osteon.core.wording.readings import note_sentences
from osteon.outputs import words
from osteon.outputs.drawing import number
from osteon.outputs.overlay import MAXIMUM_IMAGES, draw_views

WARNING: Final = "NOT FOR DIAGNOSIS"

BOXES: Final = 8
"""Boxes that are listed; the others are counted."""

NOTES: Final = 6
"""Notes that are listed; the others are counted."""

UNCHECKED: Final = "Written by a program; no human has checked it."

CHECKED: Final = "Written by a program; what people said of it stands under Readers."


@dataclass(frozen=True, slots=True)
class About:
    """What the bundle is for and not for.

    Attributes:
        intended_use: one sentence.
        not_for: who should not use it, and for what.
        digest: SHA-256 that identifies the bundle.
    """

    intended_use: str
    not_for: tuple[str, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """What people said of a reading, a line each; nothing that names the patient.

    Attributes:
        opinions: who agreed or disagreed, when, with the own call and the note, the latest last.
        marks: what was measured, and which boxes were accepted, rejected or added.
        summary: who agrees and who does not, in one sentence that stands beside the call; empty where nobody said.
    """

    opinions: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    summary: str = ""


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
        notes: what the user should know of how the films were read.
        about: of the bundle; None where nobody said.
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
    about: About | None
    pictures: tuple[Image.Image, ...]
    people: People = People()

    @property
    def checked(self) -> str:
        """Whether a person has looked at it, for the foot of the page."""
        return CHECKED if self.people.opinions else UNCHECKED


def compose(
    reading: Reading,
    facts: Sequence[tuple[str, str]] = (),
    about: About | None = None,
    people: People | None = None,
) -> Report:
    """Write a report.

    Args:
        reading: with its radiographs.
        facts: further names and values, e.g. of the study and the time; never a patient's name.
        about: what the bundle is for.
        people: what people said of the reading.

    Raises:
        ValueError: the reading came without radiographs.
    """
    films = len(reading.radiographs)
    shown = "" if films <= MAXIMUM_IMAGES else f" ({MAXIMUM_IMAGES} shown)"
    own = [("Radiographs", f"{films}{shown}"), ("Read by", f"osteon, bundle {reading.bundle}")]
    if about is not None and about.digest:
        own.append(("Bundle digest", about.digest[:16]))
    return Report(
        call=reading.call,
        heading=words.CALLS[reading.call],
        sentences=(*((people.summary,) if people and people.summary else ()), *_sentences(reading)),
        probability=reading.probability,
        doubt=reading.doubt,
        definite=reading.definite,
        facts=(*facts, *own),
        boxes=tuple(_row(finding, films) for finding in reading.findings[:BOXES]),
        notes=_shortened(note_sentences(reading), NOTES, "note"),
        about=about,
        pictures=tuple(draw_views(reading)),
        people=people or People(),
    )


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


def _row(finding: Finding, films: int) -> tuple[str, str, str, str]:
    x0, y0, x1, y1 = (round(side) for side in finding.box)
    film = f"radiograph {finding.image + 1}, " if films > 1 else ""
    return (
        finding.label,
        number(finding.score),
        "definite" if finding.definite else "doubt",
        f"{film}x {x0} to {x1}, y {y0} to {y1}",
    )


def _shortened(lines: Sequence[str], most: int, what: str) -> tuple[str, ...]:
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], f"and {len(lines) - most + 1} further {what}s")
