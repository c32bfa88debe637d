"""Studies that are fetched from archives, and patients' earlier studies there, as the API tells of them and is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from osteon.clinic.dicom.retrieve.pull import LIMIT
from osteon.clinic.dicom.retrieve.query import DATES, Query
from osteon.clinic.store.tables.retrieve import PullState
from osteon.core.errors import OsteonError

Uid = Annotated[str, StringConstraints(pattern=r"^[0-9.]{1,64}$")]
Modality = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9 _]{1,16}$")]


class WantedStudies(BaseModel):
    """Which studies are fetched: those that fulfil all that is given, of which there is at least one."""

    archive: str = Field(
        min_length=1, max_length=64, description="Of the settings, or the AE title of a peer with a port."
    )
    studies: list[Uid] = Field(default_factory=list[Uid], max_length=100, description="StudyInstanceUIDs.")
    patient: str = Field(default="", max_length=64, description="PatientID, whole.")
    accession: str = Field(default="", max_length=64, description="AccessionNumber, whole.")
    dates: str = Field(default="", max_length=17, description=f"StudyDate: {DATES}.")
    modalities: list[Modality] = Field(default_factory=list[Modality], max_length=16)
    limit: int = Field(default=LIMIT, ge=1, le=10_000, description="Where more studies match, none is fetched.")

    model_config = {"json_schema_extra": {"examples": [{"archive": "pacs", "dates": "20260101-20260131"}]}}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        try:
            self.query()
        except OsteonError as error:
            raise ValueError(str(error)) from error
        return self

    def query(self) -> Query:
        """The same as a query.

        Raises:
            OsteonError: it is none.
        """
        return Query(tuple(self.studies), self.patient, self.accession, self.dates, tuple(self.modalities))


class FailedStudy(BaseModel):
    """A study that could not be fetched, or not whole."""

    study: str = Field(description="StudyInstanceUID.")
    problem: str


class StudyPull(BaseModel):
    """A request to fetch studies, and how far it has come."""

    id: str
    archive: str
    state: PullState
    created: datetime
    finished: datetime | None
    studies: int | None = Field(description="That match; null until the archive has told.")
    done: int = Field(description="Studies that were dealt with.")
    images_here: int = Field(description="Of the study that is fetched now: images that are here.")
    images: int = Field(description="Of the same: all images.")
    fetched: int = Field(description="Images that came.")
    known: int = Field(description="Images that were here already.")
    left: int = Field(description="Images of kinds that are not read, which were left there.")
    failures: list[FailedStudy]
    problem: str = Field(description="Why it failed; empty where it did not.")


class EarlierState(StrEnum):
    """How far the search for a patient's earlier studies has come.

    Attributes:
        OFF: the settings name no archive for it.
        UNKNOWN: the study states no PatientID, so nobody can be looked for.
        UNASKED: nobody has asked yet.
        WAITING: the archive is asked.
        DONE: it has answered.
        FAILED: it could not be asked.
    """

    OFF = "off"
    UNKNOWN = "unknown"
    UNASKED = "unasked"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class EarlierStudy(BaseModel):
    """An earlier study of the same patient in an archive."""

    uid: str = Field(description="StudyInstanceUID.")
    date: str = Field(description="YYYY-MM-DD; empty where the archive does not tell.")
    description: str = Field(description="As the archive tells it.")
    modalities: list[str]
    images: int | None
    readable: bool = Field(description="Whether it may have radiographs, which alone are fetched.")
    here: str | None = Field(description="The study in this reading room; null where it was not fetched.")
    fetching: PullState | None = Field(
        description="How far the newest request to fetch it has come; null: there is none."
    )
    problem: str = Field(description="Why it could not be fetched; empty where it could.")


class EarlierStudies(BaseModel):
    """A patient's earlier studies, the newest first."""

    state: EarlierState
    archive: str = Field(description="That is asked; empty where none is.")
    asked: datetime | None = Field(description="When the archive has answered, or was asked.")
    others: int = Field(
        description="Studies under the same PatientID that are not listed: birth date, sex or name are another patient's."
    )
    problem: str = Field(description="Why it could not be asked; empty where it could.")
    studies: list[EarlierStudy]
