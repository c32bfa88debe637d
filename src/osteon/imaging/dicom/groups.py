"""Functional groups of objects with several frames (PS3.3 section C.7.6.16): what they state of the display of a frame."""

from __future__ import annotations

from typing import Final

from pydicom.datadict import keyword_for_tag
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from osteon.imaging.dicom import header as head

_SHARED, _FRAMES = "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"
_STATED: Final = (
    "EstimatedRadiographicMagnificationFactor",
    "ImageLaterality",
    "ImagerPixelSpacing",
    "ModalityLUTSequence",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
    "PixelPaddingRangeLimit",
    "PixelPaddingValue",
    "PixelSpacing",
    "PresentationLUTShape",
    "RescaleIntercept",
    "RescaleSlope",
    "VOILUTFunction",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
)
"""Elements of the macros for windows, pixel measures and values (C.7.6.16.2.1, .9, .10) that display needs."""
_TAGS: Final = tuple(Tag(keyword) for keyword in _STATED)


def has_groups(header: Dataset) -> bool:
    """Whether there are functional groups."""
    return bool(head.items(header, _SHARED) or head.items(header, _FRAMES))


def frame_header(header: Dataset, index: int) -> Dataset:
    """A header in which what the functional groups state of a frame stands at the top.

    Args:
        header: of the object; comes back as it is where it has no groups.
        index: of the frame, from 0.
    """
    frames = head.items(header, _FRAMES)
    groups = [*head.items(header, _SHARED)[:1], *frames[index : index + 1]]
    if not groups:
        return header
    merged = Dataset()
    merged.update({tag: header.get_item(tag) for tag in list(header.keys())})
    merged.set_original_encoding(*header.original_encoding, header.original_character_set)
    for group in groups:
        for macro in _macros(group):
            merged.update({tag: macro.get_item(tag) for tag in _TAGS if tag in macro})
    return merged


def _macros(group: Dataset) -> list[Dataset]:
    keywords = [keyword_for_tag(tag) for tag in list(group.keys())]
    return [macro for keyword in keywords for macro in head.items(group, keyword)[:1] if keyword.endswith("Sequence")]
