"""Labels: body parts, views, sides, calls, and findings with their SNOMED CT codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept, as DICOM's Code Sequence Macro writes it (PS3.3 section 8.8).

    Attributes:
        value: the code, e.g. ``125605004``.
        scheme: the coding scheme designator, ``SCT`` for SNOMED CT.
        meaning: the preferred term.
    """

    value: str
    meaning: str
    scheme: str = "SCT"


class BodyPart(StrEnum):
    """Regions that a bone radiograph may show; the values are osteon's words, ``CODES`` gives SNOMED CT."""

    HAND = "hand"
    WRIST = "wrist"
    FOREARM = "forearm"
    ELBOW = "elbow"
    HUMERUS = "humerus"
    SHOULDER = "shoulder"
    FINGER = "finger"
    FOOT = "foot"
    ANKLE = "ankle"
    LEG = "leg"
    KNEE = "knee"
    FEMUR = "femur"
    HIP = "hip"
    PELVIS = "pelvis"
    SPINE = "spine"
    CHEST = "chest"
    SKULL = "skull"
    ABDOMEN = "abdomen"


class View(StrEnum):
    """Projection of a radiograph."""

    FRONTAL = "frontal"
    LATERAL = "lateral"
    OBLIQUE = "oblique"


class Laterality(StrEnum):
    """Side of the body, in DICOM's letters."""

    LEFT = "L"
    RIGHT = "R"
    BOTH = "B"


class Sex(StrEnum):
    """Patient's sex, in DICOM's letters."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "O"


class Call(StrEnum):
    """What a reading says of a study at its two operating points."""

    FRACTURE = "fracture"
    DOUBT = "doubt"
    NO_FRACTURE = "no fracture"
    ABSTAIN = "abstain"


BODY_PART_CODES: Final[dict[BodyPart, Code]] = {
    BodyPart.HAND: Code("85562004", "Hand"),
    BodyPart.WRIST: Code("8205005", "Wrist"),
    BodyPart.FOREARM: Code("14975008", "Forearm"),
    BodyPart.ELBOW: Code("16953009", "Elbow joint"),
    BodyPart.HUMERUS: Code("85050009", "Humerus"),
    BodyPart.SHOULDER: Code("16982005", "Shoulder"),
    BodyPart.FINGER: Code("7569003", "Finger"),
    BodyPart.FOOT: Code("56459004", "Foot"),
    BodyPart.ANKLE: Code("70258002", "Ankle joint"),
    BodyPart.LEG: Code("30021000", "Lower leg"),
    BodyPart.KNEE: Code("72696002", "Knee"),
    BodyPart.FEMUR: Code("71341001", "Femur"),
    BodyPart.HIP: Code("24136001", "Hip joint"),
    BodyPart.PELVIS: Code("12921003", "Pelvis"),
    BodyPart.SPINE: Code("421060004", "Vertebral column"),
    BodyPart.CHEST: Code("51185008", "Chest"),
    BodyPart.SKULL: Code("89546000", "Skull"),
    BodyPart.ABDOMEN: Code("818981001", "Abdomen"),
}

FINDING_CODES: Final[dict[str, Code]] = {
    "fracture": Code("125605004", "Fracture of bone"),
    "no fracture": Code("1149217004", "No abnormality detected"),
}

UNKNOWN: Final = -1
"""An unknown label, which is never counted as 0."""
