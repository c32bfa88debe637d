"""What the objects say to people."""

from __future__ import annotations

from osteon.core.labels import Call
from osteon.core.records import Finding, Reading
from osteon.core.wording.readings import note_sentences
from osteon.outputs import words
from osteon.outputs.numbers import number
from osteon.outputs.result import StudyResult

UNVERIFIED = "AI, not verified"

DISCLAIMER = "Made by a neural network and not verified by a person. For research; not for diagnosis."


def box_words(finding: Finding) -> str:
    """The words at a box."""
    doubt = "" if finding.definite else ", doubt"
    return f"{finding.label[:1].upper()}{finding.label[1:]} {number(finding.score)} (AI{doubt})"


def call_words(reading: Reading) -> str:
    """The call of the study in a line."""
    probability = "" if reading.probability is None else f", probability {number(reading.probability)}"
    return f"{words.CALLS[reading.call]}{probability}"


def call_sentences(reading: Reading) -> tuple[str, ...]:
    """What the call means, and how sure it is; why there is none."""
    probability = reading.probability
    if probability is None or reading.call is Call.ABSTAIN:
        return words.ABSTAINED, f"Reason: {reading.reason}.", words.ABSTAINED_MEANING
    return (
        words.meaning(reading.call, probability, reading.doubt, reading.definite),
        f"{words.frequency_sentence(probability)} {words.SCOPE}",
    )


def place_words(reading: Reading, finding: Finding) -> str:
    """A box with its place."""
    x0, y0, x1, y1 = (round(side) for side in finding.box)
    image = f"image {finding.image + 1}, " if len(reading.radiographs) > 1 else ""
    return f"{box_words(finding)}: {image}columns {x0} to {x1}, rows {y0} to {y1}"


def notes(result: StudyResult) -> tuple[str, ...]:
    """What is to be known of how the files were read."""
    return note_sentences(result.reading)


def bundle_words(result: StudyResult) -> str:
    """Which bundle read it and what it is for."""
    bundle = result.bundle
    parts = [f"Read by Osteon, bundle {bundle.identity}", bundle.intended_use.rstrip("."), DISCLAIMER.rstrip(".")]
    return ". ".join(part for part in parts if part) + "."
