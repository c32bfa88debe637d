"""Options of PS3.15 annex E, and the codes that declare them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Dates(StrEnum):
    """Handling of dates and times.

    ``remove`` follows the basic profile. ``shift`` shifts dates by a number of days per patient and keeps the time of day,
    so that all intervals of a patient are preserved. ``shift-days`` shifts dates and removes the time of day.
    """

    REMOVE = "remove"
    SHIFT = "shift"
    SHIFT_DAYS = "shift-days"


@dataclass(frozen=True, slots=True)
class Options:
    """Options to the Basic Application Level Confidentiality Profile; the default takes none.

    Attributes:
        dates: Retain Longitudinal Temporal Information with Modified Dates, unless ``remove``.
        keep_patient: Retain Patient Characteristics: age, sex, size, weight, smoking and pregnancy status.
        cap_age: write ages above 89 years as 090Y, as the safe harbour of HIPAA requires (45 CFR 164.514(b)(2)(i)(C)).
        keep_uids: Retain UIDs.
        keep_device: Retain Device Identity.
        keep_institution: Retain Institution Identity.
        keep_private: Retain Safe Private: what Private Data Element Characteristics (0008,0300) declares safe.
        clean_descriptors: keep the words of anatomy, view, side and technique of descriptions, and no others.
        clean_graphics: keep overlay planes in which no text is found.
        clean_pixels: blank text that is found in the pixels.
    """

    dates: Dates = Dates.REMOVE
    keep_patient: bool = False
    cap_age: bool = True
    keep_uids: bool = False
    keep_device: bool = False
    keep_institution: bool = False
    keep_private: bool = False
    clean_descriptors: bool = False
    clean_graphics: bool = False
    clean_pixels: bool = False

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """Code and meaning of the profile and of each option taken (PS3.16 CID 7050), in the order of the codes."""
        taken = {
            "113100": True,
            "113101": self.clean_pixels,
            "113103": self.clean_graphics,
            "113105": self.clean_descriptors,
            "113107": self.dates is not Dates.REMOVE,
            "113108": self.keep_patient,
            "113109": self.keep_device,
            "113110": self.keep_uids,
            "113111": self.keep_private,
            "113112": self.keep_institution,
        }
        return tuple((code, MEANINGS[code]) for code, taking in taken.items() if taking)


MEANINGS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113101": "Clean Pixel Data Option",
    "113103": "Clean Graphics Option",
    "113105": "Clean Descriptors Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
    "113110": "Retain UIDs Option",
    "113111": "Retain Safe Private Option",
    "113112": "Retain Institution Identity Option",
}
"""Codes of CID 7050 (scheme DCM). Clean Recognizable Visual Features and Clean Structured Content are not claimed."""
