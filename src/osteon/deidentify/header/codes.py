"""Items of coded concepts: kept where scheme and value have the form of a public scheme, with cleaned meanings."""

from __future__ import annotations

import re
from typing import Final

from pydicom.dataset import Dataset

from osteon.deidentify.header.vocabulary import descriptive_words
from osteon.imaging.dicom import header as head

_SNOMED_CT: Final = re.compile(r"\d{6,18}")
_SRT: Final = re.compile(r"[A-Z]-[0-9A-F]{5}")
_DCM: Final = re.compile(r"1[1-3]\d{4}")
_FORMS: Final = {"SCT": _SNOMED_CT, "SRT": _SRT, "SNM3": _SRT, "99SDM": _SRT, "DCM": _DCM}
_NO_MEANING: Final = "not stated"
_MODIFIERS: Final = (
    "AnatomicRegionModifierSequence",
    "PrimaryAnatomicStructureModifierSequence",
    "ViewModifierCodeSequence",
)

_PRODUCT: Final = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_PERMUTATION: Final = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def verhoeff(digits: str) -> bool:
    """Whether the check digit is valid, as in every SNOMED CT identifier (Verhoeff 1969)."""
    check = 0
    for index, digit in enumerate(reversed(digits)):
        check = int(_PRODUCT[check][int(_PERMUTATION[index % 8][int(digit)])])
    return check == 0


def is_public(value: str, scheme: str) -> bool:
    """Whether a code has the form of a public coding scheme; those of a hospital do not."""
    form = _FORMS.get(scheme)
    if form is None or form.fullmatch(value) is None:
        return False
    return form is not _SNOMED_CT or verhoeff(value)


def clean_codes(items: list[Dataset]) -> list[Dataset]:
    """The items that hold public codes: value, scheme, the descriptive words of the meaning, and their modifiers."""
    cleaned: list[Dataset] = []
    for item in items:
        value, scheme = head.text(item, "CodeValue"), head.text(item, "CodingSchemeDesignator")
        if not is_public(value, scheme):
            continue
        new = Dataset()
        new.CodeValue, new.CodingSchemeDesignator = value, scheme
        new.CodeMeaning = descriptive_words(head.text(item, "CodeMeaning")).strip() or _NO_MEANING
        for keyword in _MODIFIERS:
            if keyword in item:
                setattr(new, keyword, clean_codes(head.items(item, keyword)))
        cleaned.append(new)
    return cleaned
