"""What a reading notes, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.core.codes.refusal import Refusal
from osteon.core.records import Reading
from osteon.core.wording.notes import note_sentence
from osteon.core.wording.refusals import reason


def note_sentences(reading: Reading) -> tuple[str, ...]:
    """The notes of a reading, and why some of its images were not read, in the order of the images.

    What holds for some of several images begins with their numbers, which count from 1.
    """
    count = len(reading.image_probabilities)
    noted = [(note.images, note_sentence(note)) for note in reading.notes]
    unread = [(images, f"not read: {reason(refusals)}") for refusals, images in _unread(reading.image_refusals)]
    ordered = sorted(
        [*((*line, False) for line in noted), *((*line, True) for line in unread)],
        key=lambda line: (line[0][0] if line[0] else 0, line[2]),
    )
    return tuple(_numbered(images, sentence, count) for images, sentence, _ in ordered)


def _unread(image_refusals: Sequence[tuple[Refusal, ...]]) -> list[tuple[tuple[Refusal, ...], tuple[int, ...]]]:
    """The refusals of images with those images; nothing where no image was read, since the study says it then."""
    found: dict[tuple[Refusal, ...], list[int]] = {}
    if all(image_refusals):
        return []
    for index, refusals in enumerate(image_refusals):
        if refusals:
            found.setdefault(refusals, []).append(index)
    return [(refusals, tuple(images)) for refusals, images in found.items()]


def _numbered(images: Sequence[int], sentence: str, count: int) -> str:
    if not images or count <= 1:
        return sentence
    return f"image {', '.join(str(index + 1) for index in images)}: {sentence}"
