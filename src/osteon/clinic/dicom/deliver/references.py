"""References to objects that were made, by their files."""

from __future__ import annotations

from pathlib import Path

from osteon.outputs.dicom import ObjectReference, reference_to


def reference_in(path: Path) -> ObjectReference:
    """A reference to the object in a file."""
    from pydicom import dcmread  # which takes long to import

    header = dcmread(
        path, stop_before_pixels=True, specific_tags=["SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID"]
    )
    return reference_to(header)
