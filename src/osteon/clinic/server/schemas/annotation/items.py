"""Studies of projects and who reads them, for leads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from osteon.clinic.annotation.records.project import Arm, AssignmentState, ItemState, Order
from osteon.clinic.annotation.records.read import Read
from osteon.clinic.server.schemas.coded import Values
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.words import Written
from osteon.core.codes.note import NoteCode
from osteon.core.codes.refusal import RefusalCode
from osteon.core.labels import BodyPart, Call

StudyId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]


class NewItems(Given):
    """Studies to be added: named ones, or all newest versions of the store that are as is said."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"studies": ["5f0c9a1e7b2d4c86aa10"]}, {"body_part": ["spine"]}]},
    )

    studies: list[StudyId] | None = Field(None, min_length=1, max_length=5000)
    all: bool = Field(False, description="All studies of the store.")
    body_part: list[BodyPart] | None = Field(None, min_length=1, max_length=len(BodyPart))
    call: list[Call] | None = Field(None, min_length=1, max_length=len(Call))
    text_found: list[StudyId] | None = Field(
        None, max_length=5000, description="Those in whose pixels their sender found text: they wait to be screened."
    )
    words: str = Field("", max_length=200, description="Found in the pseudonym, the label or the body part.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        named = self.studies is not None
        filtered = self.body_part is not None or self.call is not None or bool(self.words.strip())
        if named + (filtered or self.all) != 1:
            raise ValueError("expected either studies, or all, or some of body_part, call and words")
        return self


class AddedItems(BaseModel):
    """What became of studies that were to be added."""

    added: int
    present: int = Field(description="They are in the project already.")
    unread: int = Field(description="They have no images yet, since they are not read or cannot be.")
    to_screen: int = Field(description="Of those that were added: something speaks against them, see `suspicions`.")


class SuspicionRow(BaseModel):
    """Why a study may not belong into a project: what the gate and the checks of quality said when it was read."""

    code: RefusalCode | NoteCode
    values: Values = Field(description="What the sentence is made of.")
    sentence: str
    image: int | None = Field(description="Index of the image; null for the whole study.")


class ProjectItem(BaseModel):
    """A study of a project."""

    id: int
    study: str
    state: ItemState
    reason: str = Field(description="Why it was screened out.")
    images: int = Field(description="How many it has; their indices are 0 and on.")
    disputed: int | None = Field(description="What its readers disagree on; null until all have finished.")
    readers: int = Field(description="To whom it is assigned, without repeats and withdrawn ones.")
    finished: int = Field(description="Those of them who have finished or skipped it.")
    suspicions: list[SuspicionRow] = Field(description="Why it may not belong into the project.")
    to_screen: bool = Field(description="There are such, and nobody has decided.")
    screened_by: str | None = Field(description="Who took it out or kept it; null where nobody decided.")


class ItemPage(BaseModel):
    """Studies of a project."""

    items: list[ProjectItem]
    next: int | None = Field(description="`cursor` of the next page.")
    total: int


class Screening(Given):
    """Whether a study stays in a project."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"included": False, "reason": "shows another body part"}]}
    )

    included: bool
    reason: Annotated[Written, Field(max_length=2000)] = ""


class AssignmentChoice(Given):
    """Who gets studies: all annotators, or those named."""

    readers: list[Annotated[str, Field(max_length=256)]] | None = Field(None, min_length=1, max_length=200)


class ReaderChoice(Given):
    """One more reader for a study."""

    reader: str = Field(max_length=256)


class MadeAssignments(BaseModel):
    """What an assignment made."""

    made: dict[str, int] = Field(description="New studies by annotator, with repeats.")
    repeats: int
    short: int = Field(description="Studies with fewer readers than the project wants.")
    to_screen: int = Field(description="Studies among them that somebody should look at first and nobody decided.")


class ProjectAssignment(BaseModel):
    """A study that an annotator is to read, as the lead sees it."""

    id: str
    item: int
    reader: str
    state: AssignmentState
    arm: Arm
    order: Order
    repeat: bool
    round: int
    changed: datetime


class AssignmentPage(BaseModel):
    """Assignments of a project."""

    items: list[ProjectAssignment]
    next: str | None = Field(description="`cursor` of the next page.")


class Question(BaseModel):
    """A question of an annotator to the lead."""

    assignment: str
    item: int
    reader: str
    text: str
    at: datetime


class ReadPage(BaseModel):
    """Finished reads of a project."""

    items: list[Read]
    next: int | None = Field(description="`cursor` of the next page.")
