"""Private attributes that the device itself declares safe (PS3.3 section C.12.1.1.7.1, PS3.15 section E.3.10)."""

from __future__ import annotations

from typing import Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from osteon.imaging.dicom import header as head

_NUMERIC: Final = frozenset({"DS", "IS", "FL", "FD", "US", "SS", "UL", "SL", "UV", "SV", "CS"})
"""Only numbers and codes are kept: free text, names, dates, UIDs and bytes are not, whatever is declared for them."""


def safe_private(old: Dataset) -> list[DataElement]:
    """Private elements of blocks declared SAFE, and those listed of blocks declared MIXED, with their creators."""
    found: list[DataElement] = []
    for item in head.items(old, "PrivateDataElementCharacteristicsSequence"):
        status = head.text(item, "BlockIdentifyingInformationStatus").upper()
        group, creator = head.integer(item, "PrivateGroupReference"), head.text(item, "PrivateCreatorReference")
        listed = {int(element_number) & 0xFF for element_number in head.numbers(item, "NonidentifyingPrivateElements")}
        if not group % 2 or not creator or status not in ("SAFE", "MIXED"):
            continue
        for number in range(0x10, 0x100):
            block_tag = Tag(group, number)
            if block_tag not in old:
                continue
            owner = old[block_tag]
            if str(owner.value).strip() != creator:
                continue
            block = [
                element
                for low in range(0x100)
                if (status == "SAFE" or low in listed)
                and (element := _element(old, group, (number << 8) + low)) is not None
            ]
            if block:
                found += [DataElement(owner.tag, "LO", creator), *block]
    return found


def _element(old: Dataset, group: int, number: int) -> DataElement | None:
    try:
        element = old[Tag(group, number)]
    except head.UNREADABLE:  # also where there is none
        return None
    if element.VR not in _NUMERIC:
        return None
    return DataElement(element.tag, element.VR, element.value)
