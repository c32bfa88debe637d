"""What a report of a reading says, whatever it is written on: one page for people.

It names no patient and no file. A probability is put into words as a frequency, which people understand better than a
fraction (Gigerenzer and Hoffrage, *How to improve Bayesian reasoning without instruction*, 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from osteon.core.labels import Call
from osteon.core.records import Finding, Reading
from osteon.outputs.drawing import number
from osteon.outputs.overlay import MAXIMUM_IMAGES, draw_views

WARNING: Final = "NOT FOR DIAGNOSIS"

BOXES: Final = 8
"""Boxes that are listed; the others are counted."""

NOTES: Final = 6
"""Notes that are listed; the others are counted."""

HEADINGS: Final[dict[Call, str]] = {
    Call.FRACTURE: "Fracture",
    Call.DOUBT: "Doubt",
    Call.NO_FRACTURE: "No fracture seen",
    Call.ABSTAIN: "Not read",
}


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
        pictures: each film, and beside it the film with heat map and boxes.
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


def compose(reading: Reading, facts: Sequence[tuple[str, str]] = (), about: About | None = None) -> Report:
    """Write a report.

    Args:
        reading: with its radiographs.
        facts: further names and values, e.g. of the study and the time; never a patient's name.
        about: what the bundle is for.

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
        heading=HEADINGS[reading.call],
        sentences=_sentences(reading),
        probability=reading.probability,
        doubt=reading.doubt,
        definite=reading.definite,
        facts=(*facts, *own),
        boxes=tuple(_row(one, films) for one in reading.findings[:BOXES]),
        notes=_shortened(reading.notes, NOTES, "note"),
        about=about,
        pictures=tuple(draw_views(reading)),
    )


def _sentences(reading: Reading) -> tuple[str, ...]:
    """The call in words, with the frequency behind the probability."""
    probability = reading.probability
    if probability is None or reading.call is Call.ABSTAIN:
        return ("The bundle gives no opinion on this study.", f"Reason: {reading.reason}.")
    value, doubt, definite = number(probability), number(reading.doubt), number(reading.definite)
    words = {
        Call.FRACTURE: f"The calibrated probability of a fracture, {value}, is at or above the definite point ({definite}).",
        Call.DOUBT: f"A fracture is possible: its calibrated probability, {value}, lies between the points doubt ({doubt}) "
        f"and definite ({definite}).",
        Call.NO_FRACTURE: f"The calibrated probability of a fracture, {value}, lies below the doubt point ({doubt}). "
        "This does not rule a fracture out.",
    }[reading.call]
    found = [words, _frequency(probability)]
    if reading.finding_labels or reading.findings:
        found.append(_boxes(reading.findings))
    return tuple(found)


def _frequency(probability: float) -> str:
    """A probability as a count of studies."""
    per = next((size for size in (100, 1000) if probability * size >= 1), 1000)
    count = probability * per
    if per - count < 1:
        amount = f"more than {per - 1} in {per}"
    elif count < 1:
        amount = f"fewer than 1 in {per}"
    else:
        amount = f"about {math.floor(count + 0.5)} in {per}"
    return f"Of studies like those it was calibrated on that get this probability, {amount} show a fracture."


def _boxes(findings: Sequence[Finding]) -> str:
    definite = sum(one.definite for one in findings)
    if not findings:
        return "No place is marked."
    more = f" The first {BOXES} are listed." if len(findings) > BOXES else ""
    return f"Places marked: {definite} definite (solid), {len(findings) - definite} in doubt (dotted).{more}"


def _row(one: Finding, films: int) -> tuple[str, str, str, str]:
    x0, y0, x1, y1 = (round(side) for side in one.box)
    film = f"radiograph {one.image + 1}, " if films > 1 else ""
    return (
        one.label,
        number(one.score),
        "definite" if one.definite else "doubt",
        f"{film}x {x0} to {x1}, y {y0} to {y1}",
    )


def _shortened(lines: Sequence[str], most: int, what: str) -> tuple[str, ...]:
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], f"and {len(lines) - most + 1} further {what}s")
