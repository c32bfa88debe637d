"""What a file says of text within its pixels."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset

from osteon.imaging.dicom import header as head

BURNED_IN: Final = (
    "the file says that text is burned into its pixels: it may name the patient, wherever the image is shown"
)
"""The note of images whose BurnedInAnnotation (0028,0301) is YES (PS3.3, section C.7.6.1.1)."""


def burned_in(header: Dataset) -> tuple[str, ...]:
    """The note that an image brings whose file says that its pixels hold text."""
    return (BURNED_IN,) if head.text(header, "BurnedInAnnotation").strip().upper() == "YES" else ()
