"""Screening: what proposes that a study be taken out of a project; a person decides, with a reason.

Images of other body parts and of low quality are taken out before anybody annotates, as the makers of VinDr-SpineXR did. The gate
and the checks of quality have looked at each image when it was read; what they said is proposed here as far as it concerns the
project, and not only the bundle that read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.values import Value, Values, from_json, to_json
from osteon.core.wording.notes import note_sentence
from osteon.core.wording.refusals import refusal_sentence

QUALITY: Final = frozenset(
    {
        RefusalCode.TOO_SMALL,
        RefusalCode.STRIP,
        RefusalCode.COLOUR,
        RefusalCode.BLANK,
        RefusalCode.WHITE,
        RefusalCode.UNRELATED_PIXELS,
        RefusalCode.HARD_EDGES,
        RefusalCode.NOT_A_BONE_RADIOGRAPH,
    }
)
"""Refusals that are about the image alone, whichever bundle read it."""

NOTED: Final = frozenset({NoteCode.BURNED_IN, NoteCode.FLUOROSCOPY})
"""Notes for which a person should look: text in the pixels may say who the patient is."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Why a study may not belong into a project.

    Attributes:
        code: a ``RefusalCode``, or a ``NoteCode`` of ``NOTED``.
        values: what its sentence needs; of ``body_part`` the ``allowed`` ones are those of the project.
        image: position of the image; None for the whole study.
    """

    code: RefusalCode | NoteCode
    values: Values = field(default_factory=dict[str, Value])
    image: int | None = None

    def sentence(self) -> str:
        """What it says, without a full stop."""
        if isinstance(self.code, NoteCode):
            return note_sentence(Note(self.code, self.values))
        if self.code is RefusalCode.BODY_PART:
            return f"body part {self.values['part']} is none of the project's ({_listed(self.values['allowed'])})"
        return refusal_sentence(Refusal(self.code, self.values))

    def to_json(self) -> dict[str, Any]:
        """``code``, ``values`` and ``image``."""
        return {"code": self.code.value, "values": to_json(self.values), "image": self.image}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an image.

    Attributes:
        position: among the images of the study.
        body_part: that its file states; None where it states none.
        refusals: why it was not read.
        notes: how it was read.
    """

    position: int
    body_part: str | None
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()


def suspicion(content: Mapping[str, Any]) -> Suspicion:
    """What ``Suspicion.to_json`` gave."""
    code = content["code"]
    kind = NoteCode if code in {str(one) for one in NOTED} else RefusalCode
    return Suspicion(kind(code), from_json(content["values"]), content["image"])


def suspicions(images: Iterable[Seen], wanted: Collection[str]) -> tuple[Suspicion, ...]:
    """What speaks against a study.

    Args:
        images: of the study.
        wanted: body parts of the project; empty where any will do.
    """
    return tuple(found for image in images for found in _of_image(image, wanted))


def _of_image(image: Seen, wanted: Collection[str]) -> Iterator[Suspicion]:
    other = bool(wanted) and image.body_part is not None and image.body_part not in wanted
    if other and image.body_part is not None:
        values: Values = {"part": image.body_part, "allowed": tuple(wanted)}
        yield Suspicion(RefusalCode.BODY_PART, values, image.position)
    # A bundle that is not for this body part finds everything novel, and says nothing of what the project wants.
    competent = all(refusal.code is not RefusalCode.BODY_PART for refusal in image.refusals)
    for refusal in image.refusals:
        if refusal.code in QUALITY or (refusal.code is RefusalCode.NOVELTY and competent):
            yield Suspicion(refusal.code, refusal.values, image.position)
        elif refusal.code is RefusalCode.OTHER_PART_SHOWN and wanted and not other:
            shown = refusal.values.get("parts", ())
            if isinstance(shown, tuple) and not set(shown) & set(wanted):
                yield Suspicion(refusal.code, refusal.values, image.position)
    for note in image.notes:
        if note.code in NOTED:
            yield Suspicion(note.code, note.values, image.position)


def _listed(value: Value) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)
