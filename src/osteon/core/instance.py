"""Which image a radiograph is: an instance of DICOM, and a frame within it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """A frame of a DICOM instance.

    Attributes:
        sop_instance_uid: SOPInstanceUID; empty where there is none.
        frame: number of the frame within the instance, from 1 as DICOM counts them; of a TIFF the page.
    """

    sop_instance_uid: str = ""
    frame: int = 1
