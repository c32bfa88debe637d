"""Words of a description that may be kept: anatomy, view, side and technique, and nothing that could be a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from osteon.imaging import anatomy

_TECHNIQUE_LINES: Final = """
    ACUTE AND ANTERIOR ARM AXIAL BEARING BONE BONES BOTH CAST COMPUTED CR DIGITAL DIRECT DISTAL DX ERECT EXAMINATION
    EXTENSION EXTREMITY FILM FLEXION FOLLOW FOR FRACTURE FROG HALF IMAGE IMAGES INFERIOR INSPIRATION INTERNAL EXTERNAL
    JOINT JOINTS LONG LOWER MEDIAL MIDDLE OF OPEN OR OUTLET PLAIN PORTABLE POST POSTERIOR PRE PRONE PROXIMAL RADIOGRAPH
    RADIOGRAPHY REGION ROTATION SCREENING SERIES SINGLE STANDING STANDARD STITCHED STRESS STRUCTURE STUDY SUNRISE
    SUPERIOR SUPINE SWIMMERS TANGENTIAL THE TRAUMA TUNNEL TWO UNILATERAL UPPER UPRIGHT VIEW VIEWS WEIGHT WEIGHTBEARING
    WITH WITHOUT X XR XRAY RAY Y ENTIRE ANTERO POSTERO LATEROMEDIAL MEDIOLATERAL LEFTLATERAL
"""
_MAKER_LINES: Final = """
    AGFA AGFA-GEVAERT CANON CARESTREAM DEL DRGEM DRTECH FUJI FUJIFILM FUJIPHOTO GE GENERAL GMM HEALTH HEALTHCARE
    HEALTHINEERS HITACHI HOLOGIC INC KODAK KONICA KONICAMINOLTA LG LISTEM LUMIRADX MEDICAL MINOLTA OSTEON PERLOVE
    PHILIPS PHOTO FILM CO LTD CORPORATION CORP GMBH ELECTRIC ELECTRONICS SYSTEMS RAYENCE SAMSUNG SEDECAL SHIMADZU
    SIEMENS STEPHANIX SWISSRAY TOSHIBA VAREX VARIAN VATECH VIDAR VIEWORKS VILLA
"""
_TECHNIQUE: Final = frozenset(_TECHNIQUE_LINES.split())
_MAKERS: Final = frozenset(_MAKER_LINES.split())
_WORD: Final = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def words(text: str) -> list[str]:
    """Words of letters, including hyphenated ones."""
    return _WORD.findall(text)


def is_descriptive(word: str) -> bool:
    """Whether a word is one of anatomy, view, side or technique; of hyphenated ones each part must be."""
    parts = word.upper().split("-")
    return all(
        part in _TECHNIQUE
        or (
            len(part) > 1
            and part.isascii()
            and (anatomy.part_of_text(part) or anatomy.view_of_text(part) or anatomy.side_of_text(part)) is not None
        )
        for part in parts
    )


def descriptive_words(text: str, names: Iterable[str] = ()) -> str:
    """The descriptive words of a text, in their order, without those in ``names`` (of people, in capitals)."""
    forbidden = frozenset(names)
    return " ".join(
        word for word in words(text) if is_descriptive(word) and not forbidden.intersection(word.upper().split("-"))
    )


def is_maker(text: str) -> bool:
    """Whether every word of a text belongs to the name of a maker of X-ray equipment, and there are no digits."""
    found = [word for word in re.split(r"[\s.,&/_()]+", text.upper()) if word]
    return bool(found) and all(word in _MAKERS for word in found)
