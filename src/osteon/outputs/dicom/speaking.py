"""Of which readings there are key images."""

from __future__ import annotations

from osteon.core.labels import Call
from osteon.core.records import Reading
from osteon.outputs.dicom.common import codes


def has_key_images(reading: Reading) -> bool:
    """Whether something in a reading asks to be looked at before the rest.

    It does in one called a fracture or doubtful, and in one refused for the quality of its images; in a negative one, or one
    outside the bundle's indication, nothing does.
    """
    if reading.call in (Call.FRACTURE, Call.DOUBT):
        return True
    return reading.call is Call.ABSTAIN and any(refusal.code in codes.QUALITY for refusal in reading.refusals)
