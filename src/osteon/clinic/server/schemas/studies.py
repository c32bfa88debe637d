"""A study as the worklist and the viewer see it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.server.schemas.coded import CodedNote, CodedRefusal
from osteon.clinic.server.schemas.opinions import OPINION, Opinion
from osteon.clinic.server.schemas.problem import Problem
from osteon.clinic.state import Cause, State
from osteon.core.labels import BodyPart, Call, Laterality, Sex, View

STUDY: Final[dict[str, Any]] = {
    "id": "5f0c9a1e7b2d4c86aa10",
    "state": "done",
    "received": "2026-02-03T09:41:07.120000Z",
    "read": "2026-02-03T09:41:07.213000Z",
    "pseudonym": "P-7K3QXM",
    "age": 34.0,
    "sex": "F",
    "body_part": "hand",
    "view_count": 2,
    "call": "doubt",
    "probability": 0.41,
    "reason": "",
    "refusals": [],
    "problem": None,
    "opinion": OPINION,
    "bundle": "fracatlas@1.1.0",
    "examination": "5f0c9a1e7b2d4c86aa10",
    "version": 1,
    "newer": None,
    "previous": None,
    "cause": "received",
    "earlier_opinion": None,
    "label": "second look",
    "age_months": None,
    "warnings": [],
    "identifiers": None,
    "urgency": 1,
}


class Identifiers(BaseModel):
    """Identifiers of a study outside of this store; only for roles that may fetch the original files."""

    study_uid: str | None = Field(description="StudyInstanceUID.")
    accession: str | None = Field(description="AccessionNumber.")
    patient: str | None = Field(description="PatientID.")
    file_name: str | None = Field(description="Name of the first file at the sender.")


class Version(BaseModel):
    """One version of the result of an examination."""

    id: str = Field(description="Of the study that holds this version; `GET /studies/{id}` shows it.")
    version: int
    cause: Cause = Field(description="Why: `received`, `images` were added, or another `bundle` was asked for.")
    state: State
    received: datetime
    read: datetime | None
    view_count: int
    call: Call | None
    probability: float | None
    bundle: str


class Study(BaseModel):
    """A study in the worklist."""

    model_config = ConfigDict(json_schema_extra={"examples": [STUDY]})

    id: str
    state: State
    received: datetime
    read: datetime | None = Field(description="When it was read, or failed.")
    pseudonym: str | None = Field(description="Stands for the patient; null where the files name none.")
    age: float | None = Field(description="Whole years; below two years whole months, as a part of a year.")
    sex: Sex | None
    body_part: BodyPart | None
    view_count: int = Field(description="Radiographs; before it is read, files.")
    call: Call | None
    probability: float | None = Field(description="Calibrated; null where nothing was read.")
    reason: str = Field(description="Why the bundle abstained; empty otherwise.")
    refusals: list[CodedRefusal] = Field(description="The same as codes with values.")
    problem: Problem | None = Field(description="Why it failed.")
    opinion: Opinion | None = Field(description="The latest about this version.")
    bundle: str
    examination: str = Field(description="The same for all versions of a result.")
    version: int = Field(
        description="Of the result; each image that comes later, and each other bundle, makes another."
    )
    newer: str | None = Field(description="Id of the version that replaces this one; null for the newest.")
    previous: Version | None = Field(description="The version that this one replaces.")
    cause: Cause
    earlier_opinion: Opinion | None = Field(description="The latest about an earlier version.")
    label: str | None = Field(description="Label that the sender gave it.")
    age_months: int | None = Field(description="Months, below two years.")
    warnings: list[str] = Field(
        description="Warnings for the reader, e.g. of another patient under its StudyInstanceUID."
    )
    identifiers: Identifiers | None = Field(description="Null for roles that may not see it.")
    urgency: int = Field(description="Rank in the worklist that begins with what is most urgent: 0 comes first.")


class StudyFile(BaseModel):
    """A file of a study."""

    index: int = Field(description="For `/files/{position}`, and what `file` of an image names.")
    name: str | None = Field(description="Its name at the sender; null for roles that may not see it.")
    format: str
    size: int = Field(description="Bytes.")
    problem: Problem | None = Field(description="Why it could not be decoded.")


class Window(BaseModel):
    """The display window that the file states, in the units of the pixels."""

    low: float
    high: float


class Image(BaseModel):
    """A radiograph of a study."""

    index: int
    file: int = Field(
        description="Position of the file that it came in, for `/files/{position}`; a file may hold several images."
    )
    rows: int
    columns: int
    spacing: tuple[float, float] | None = Field(description="Between rows and between columns, mm.")
    bits: int = Field(description="Of the stored samples.")
    view: View | None
    laterality: Laterality | None
    body_part: BodyPart | None
    format: str
    notes: list[str]
    coded_notes: list[CodedNote] = Field(description="The same as codes with values.")
    probability: float | None
    read: bool
    reason: str = Field(description="Why it was not read.")
    refusals: list[CodedRefusal] = Field(description="The same as codes with values.")
    heat: bool = Field(description="Whether there is a heat map.")
    window: Window | None = Field(description="Null: the file states none within its range.")


class Finding(BaseModel):
    """A box."""

    label: str
    box: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1 in pixels of the image.")
    score: float
    image: int
    definite: bool


class Reading(BaseModel):
    """The reading of a study by a bundle."""

    call: Call
    reason: str
    refusals: list[CodedRefusal] = Field(description="The reason as codes with values.")
    probability: float | None
    doubt: float = Field(description="Lowest probability called doubt.")
    definite: float = Field(description="Lowest probability called fracture.")
    probabilities: dict[str, float]
    labels: list[str] = Field(description="What a box of this bundle may be.")
    findings: list[Finding]
    notes: list[str]
    coded_notes: list[CodedNote] = Field(
        description="The notes as codes with values; why images were not read stands in the images."
    )
    milliseconds: dict[str, float]
    bundle: str
    records: list[dict[str, Any]] = Field(description="The objects of `osteon read --json`, one for each file.")


class FullStudy(Study):
    """A study with all that belongs to it."""

    images: list[Image]
    reading: Reading | None
    files: list[StudyFile]
    versions: list[Version] = Field(description="All versions of the result, the first one first.")
    silent: list[str] = Field(description="Output formats that have nothing to say of this reading.")


class Worklist(BaseModel):
    """A page of the worklist."""

    items: list[Study]
    next: str | None = Field(description="Cursor of the next page.")
    total: int


class StudySelection(BaseModel):
    """A selection of studies."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"studies": [STUDY["id"]]}]})

    studies: list[Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]] = Field(min_length=1, max_length=500)


class DeletedStudies(BaseModel):
    """Studies that were deleted, with all their versions."""

    removed: list[str]
    missing: list[str]


class BundleChoice(BaseModel):
    """The bundle with which a study is read again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"bundle": "fracatlas@1.4.0"}]})

    bundle: str = Field(max_length=200, description="Name or identity, one of `GET /bundles`.")


class StudyExport(BaseModel):
    """Studies as they are exported."""

    studies: list[Study]
