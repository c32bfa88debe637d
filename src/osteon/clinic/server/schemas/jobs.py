"""Uploads: what became of each file, at once or later."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.server.schemas.problem import Failure
from osteon.clinic.server.schemas.studies import STUDY, FullStudy
from osteon.clinic.state import State

JOB: Final[dict[str, Any]] = {
    "id": "c1b7e0d2a94f4a6d8e33",
    "state": "reading",
    "done": 3,
    "total": 8,
    "studies": [STUDY["id"]],
    "failures": [],
}


class Outcome(StrEnum):
    """The outcome of an uploaded file."""

    NEW = "new"
    ADDED = "added"
    KNOWN = "known"
    REFUSED = "refused"


class SentFile(BaseModel):
    """A file of an upload."""

    index: int = Field(description="Its position in the upload, from 0.")
    source: str = Field(description="Its name.")
    study: str | None = Field(description="The study that it is in; null where it was refused.")
    outcome: Outcome = Field(
        description="`new` study, `added` to one that was there, `known`: it was there already, or `refused`."
    )


class Job(BaseModel):
    """An upload that is answered later."""

    model_config = ConfigDict(json_schema_extra={"examples": [JOB]})

    id: str
    state: State
    done: int = Field(description="Studies that were read, or failed.")
    total: int = Field(description="Its studies.")
    studies: list[str]
    failures: list[Failure]


class UploadAccepted(BaseModel):
    """The response to an upload that is read later."""

    job: Job
    files: list[SentFile]
    warnings: list[str]


class UploadResult(BaseModel):
    """The response to an upload once all of it is read."""

    studies: list[FullStudy]
    failures: list[Failure]
    files: list[SentFile]
    warnings: list[str] = Field(description="Warnings for the sender, e.g. that a pseudonym looks like a name.")
