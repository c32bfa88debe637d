"""Why a radiograph or a study was not read, as a code and values; sentences are made by ``osteon.core.wording``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from osteon.core.values import Value, Values, from_json, hashed, to_json


class RefusalCode(StrEnum):
    """All causes of a refusal; the values that each brings stand behind it."""

    BODY_PART = "body_part"
    """``part``, and ``allowed``: those of the bundle's indication."""
    AGE = "age"
    """``minimum`` and ``maximum`` of the bundle's indication, in years; never the age itself."""
    TOO_SMALL = "too_small"
    """``width`` and ``height`` of the image (of some that an earlier version stored, the shorter ``side`` alone), and
    ``minimum`` that a side needs, in pixels."""
    STRIP = "strip"
    """``width`` and ``height``."""
    COLOUR = "colour"
    BLANK = "blank"
    WHITE = "white"
    UNRELATED_PIXELS = "unrelated_pixels"
    HARD_EDGES = "hard_edges"
    NOVELTY = "novelty"
    """``novelty``, and the bundle's ``limit``."""
    NOT_A_BONE_RADIOGRAPH = "not_a_bone_radiograph"
    """``score`` and the bundle's ``limit``: log odds, from what the network sees, that it is none."""
    OTHER_PART_SHOWN = "other_part_shown"
    """``parts`` one of which the image seems to show, ``score`` and the bundle's ``limit``: log odds, from what the network
    sees, where neither the file nor its sender states the body part."""
    VIEW_MISSING = "view_missing"
    """``view`` that the study lacks, ``views`` that the bundle reads together, ``unstated``: images without a view."""
    VIEW_REFUSED = "view_refused"
    """``view`` of which no image may be read."""
    VIEW_SURPLUS = "view_surplus"
    SITE_UNCERTAIN = "site_uncertain"
    """``site`` and its ``probability``, and the ``threshold`` from which the bundle names one."""
    OTHER = "other"
    """``text``: a sentence that an earlier version stored, and that no other code stands for."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cause for which a radiograph or a study was not read.

    Attributes:
        code: the cause.
        values: what its sentence needs, see ``RefusalCode``; nothing that the file says of the patient.
    """

    code: RefusalCode
    values: Values = field(default_factory=dict[str, Value])

    def __hash__(self) -> int:
        """Equal refusals have the same hash."""
        return hash((self.code, hashed(self.values)))

    def to_json(self) -> dict[str, Any]:
        """``code`` and ``values``."""
        return {"code": self.code.value, "values": to_json(self.values)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """What ``to_json`` gave; a code that only a newer version knows becomes ``OTHER``."""
        if content["code"] not in tuple(RefusalCode):
            return cls(RefusalCode.OTHER, {"text": content["code"]})
        return cls(RefusalCode(content["code"]), from_json(content["values"]))
