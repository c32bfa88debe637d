"""Rules by which a radiograph is not read.

A refusal is better than a guess on an image unlike anything in the training data. No refusal reveals what the file says
of the patient.
"""

from __future__ import annotations

from osteon.bundle.manifest import Gate, Indication
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.records import Radiograph
from osteon.imaging.quality import defects


def refusals_before(radiograph: Radiograph, indication: Indication) -> tuple[Refusal, ...]:
    """Why this radiograph must not be shown to the network, as far as file and pixels tell; empty where it may."""
    found: list[Refusal] = []
    part = radiograph.body_part
    if part is not None and part not in indication.body_parts:
        allowed = tuple(allowed_part.value for allowed_part in indication.body_parts)
        found.append(Refusal(RefusalCode.BODY_PART, {"part": part.value, "allowed": allowed}))
    age = radiograph.age
    if age is not None and not indication.minimum_age <= age <= indication.maximum_age:
        span = {"minimum": indication.minimum_age, "maximum": indication.maximum_age}
        found.append(Refusal(RefusalCode.AGE, span))
    return (*found, *defects(radiograph, indication.minimum_side))


def refusal_after(novelty: float | None, indication: Indication) -> Refusal | None:
    """Why the network's answer must not be given, as far as its novelty output tells; None where it may."""
    limit = indication.maximum_novelty
    if novelty is None or limit is None or novelty <= limit:
        return None
    return Refusal(RefusalCode.NOVELTY, {"novelty": novelty, "limit": limit})


def refusal_of_gate(scores: tuple[float, float] | None, gate: Gate | None, *, part_stated: bool) -> Refusal | None:
    """Why the network's answer must not be given, as far as its gate tells; None where it may.

    Args:
        scores: the gate's two outputs, None where the bundle has none.
        gate: of the bundle.
        part_stated: whether the file or its sender states the body part; it was checked against the indication then.
    """
    if scores is None or gate is None:
        return None
    odd, other = scores
    if not odd <= gate.not_radiograph.maximum:  # also where it is no number
        return Refusal(RefusalCode.NOT_A_BONE_RADIOGRAPH, {"score": odd, "limit": gate.not_radiograph.maximum})
    limit = gate.other_part
    if part_stated or limit is None or other <= limit.maximum:
        return None
    parts = tuple(part.value for part in gate.other_parts)
    return Refusal(RefusalCode.OTHER_PART_SHOWN, {"parts": parts, "score": other, "limit": limit.maximum})


def notes(radiograph: Radiograph) -> tuple[Note, ...]:
    """What was noted of the file, and what could not be checked."""
    unchecked = () if radiograph.body_part else (Note(NoteCode.BODY_PART_UNSTATED),)
    return (*radiograph.notes, *unchecked)
