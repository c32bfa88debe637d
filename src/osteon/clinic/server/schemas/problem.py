"""Problem documents (RFC 9457), as ``osteon.clinic.server.problems`` writes them: the one form of all errors."""

from __future__ import annotations

from typing import Any, Final, NotRequired

from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from osteon.core.codes.fault import FaultCode

MEDIA_TYPE: Final = "application/problem+json"

EXAMPLE: Final = {
    "type": "urn:osteon:problem:input",
    "title": "The image cannot be read",
    "status": 422,
    "detail": "the file is not a radiograph",
    "expected": "a radiograph as DICOM, JPEG, PNG or TIFF",
    "got": "a PDF document",
    "hint": "Export the radiograph itself as DICOM, PNG, TIFF or JPEG.",
    "code": "unknown_format",
}

FAILURE: Final[dict[str, Any]] = {"source": "letter.pdf", "index": 1, "study": None, "problem": EXAMPLE}


class FieldError(TypedDict):
    """A field of a request that is not valid."""

    field: str
    problem: str


class Problem(TypedDict):
    """An error: what is wrong, what was expected, and what to do; never patient data."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    expected: NotRequired[str]
    got: NotRequired[str]
    hint: NotRequired[str]
    code: NotRequired[FaultCode]
    instance: NotRequired[str]
    errors: NotRequired[list[FieldError]]
    failures: NotRequired[list[Failure]]
    incident: NotRequired[str]


class Failure(BaseModel):
    """A file that could not be read."""

    model_config = ConfigDict(json_schema_extra={"examples": [FAILURE]})

    source: str = Field(
        description="Its name in the answer to the upload; later, since names are not kept, `file 2` for the second."
    )
    index: int = Field(description="Its position in the upload, from 0.")
    study: str | None = Field(description="The study that it belongs to; null where it was refused at once.")
    problem: Problem


def _response(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


ANY_PROBLEM: Final = _response("Any error.")
"""The answer of every route where something is wrong, for the OpenAPI document."""

_DESCRIPTIONS: Final = {
    400: "The request is not valid.",
    403: "Not allowed for this role or person.",
    404: "There is no such thing.",
    406: "No accepted media type is available.",
    409: "Not possible in the present state.",
    415: "Another media type is expected.",
    422: "The request or what it holds is not valid.",
    429: "Too many requests, or too much is waiting.",
    503: "Not possible at the moment.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Answers of a route that are problem documents, for the OpenAPI document."""
    return {status: _response(_DESCRIPTIONS[status]) for status in statuses}
