"""Problem documents (RFC 9457), as ``osteon.clinic.server.problems`` writes them."""

from __future__ import annotations

from typing import Final, NotRequired

from typing_extensions import TypedDict

EXAMPLE: Final = {
    "type": "urn:osteon:problem:input",
    "title": "The film cannot be read",
    "status": 422,
    "detail": "the file is not a radiograph",
    "expected": "a radiograph as DICOM, JPEG, PNG or TIFF",
    "got": "a PDF document",
    "hint": "Export the radiograph itself as DICOM, PNG, TIFF or JPEG.",
}


class Problem(TypedDict):
    """What is wrong, what was expected, and what to do; never a patient's data."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    expected: NotRequired[str]
    got: NotRequired[str]
    hint: NotRequired[str]
