"""Projects, members, progress."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from osteon.clinic.annotation.records.project import Arm, MemberRole, Order
from osteon.clinic.annotation.schema.parse import LARGEST
from osteon.clinic.annotation.schema.records import LabelSchema
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.words import Written
from osteon.core.labels import BodyPart

ProjectName = Annotated[Written, Field(min_length=1, max_length=120, pattern=r"^\S(.*\S)?$")]


class NewProject(Given):
    """A new annotation project; it has either a schema that comes with Osteon or one of its own."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "Spines 2026", "schema_name": "vindr_spinexr"}]}
    )

    name: ProjectName
    schema_name: str | None = Field(None, max_length=64, description="One of `GET /label-schemas`.")
    label_schema: dict[str, Any] | None = Field(None, description="A label schema, as its file says it.")
    readers_per_study: int = Field(1, ge=1, le=20)
    repeat_share: float = Field(
        0.0, ge=0, le=1, description="Share of studies that each annotator reads twice, unmarked."
    )
    seed: int = Field(0, ge=0, le=2**31 - 1)
    order: Order = Order.RANDOM
    arm: Arm = Arm.UNAIDED
    box_iou: float = Field(0.5, gt=0, le=1, description="Overlap from which boxes of two readers are the same.")
    body_parts: list[BodyPart] = Field(
        default_factory=list,
        max_length=len(BodyPart),
        description="Others are proposed to be screened out; empty: any.",
    )

    @model_validator(mode="after")
    def _one_schema(self) -> Self:
        if (self.schema_name is None) == (self.label_schema is None):
            raise ValueError("expected either schema_name or label_schema")
        return self


class ProjectChange(Given):
    """Settings of a project; what is left out stays. They hold for what is assigned later."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"readers_per_study": 3}]})

    readers_per_study: int | None = Field(None, ge=1, le=20)
    repeat_share: float | None = Field(None, ge=0, le=1)
    order: Order | None = None
    arm: Arm | None = None
    box_iou: float | None = Field(None, gt=0, le=1)
    body_parts: list[BodyPart] | None = Field(None, max_length=len(BodyPart))
    closed: bool | None = Field(None, description="A closed project takes nothing any more; it can be opened again.")


class NewSchemaVersion(Given):
    """Another version of the label schema of a project."""

    label_schema: dict[str, Any] = Field(description="A label schema, as its file says it.")


class AnnotationProject(BaseModel):
    """A project, as the one who asks may see it."""

    id: str
    name: str
    role: MemberRole = Field(description="What the one who asks does there.")
    schema_name: str
    schema_version: int
    closed: bool
    created: datetime
    readers_per_study: int | None = Field(description="Null for annotators, as all settings from here on.")
    repeat_share: float | None
    seed: int | None
    order: Order | None
    arm: Arm | None
    box_iou: float | None
    body_parts: list[BodyPart] | None


class FullAnnotationProject(AnnotationProject):
    """A project with its label schema."""

    label_schema: LabelSchema


class ProjectMember(BaseModel):
    """A member of a project."""

    id: int
    name: str
    role: MemberRole
    active: bool = Field(description="False for former members, whose reads stay.")
    sees_room: bool = Field(
        description="Whether the account may see readings of the model in the reading room. Annotators who shall read "
        "blindly need an account of the role annotator."
    )


class MemberChoice(Given):
    """The role of a member."""

    role: MemberRole


class ReaderProgress(BaseModel):
    """How far a reader is."""

    model_config = ConfigDict(from_attributes=True)

    member: int
    name: str
    states: dict[str, int] = Field(description="Assignments in each state.")
    active_seconds: float
    last: datetime | None = Field(description="When the last read was finished.")


class ProjectProgress(BaseModel):
    """How far a project is; annotators get their own progress only."""

    model_config = ConfigDict(from_attributes=True)

    items: dict[str, int] | None = Field(description="Studies in each state; null for annotators, as what follows.")
    ready: int | None = Field(description="Studies that all readers have finished and nobody has signed.")
    disputed: int | None = Field(description="Those of them whose readers disagree.")
    decided: int | None = Field(description="Studies with a consensus.")
    to_screen: int | None = Field(description="Studies that somebody should look at and nobody decided.")
    readers: list[ReaderProgress]


class SchemaText(Given):
    """The text of the file of a label schema: YAML or JSON."""

    text: str = Field(max_length=LARGEST)


class SchemaFaultRow(BaseModel):
    """Something wrong in the file of a label schema."""

    line: int | None = Field(description="From 1; null where it is unknown.")
    field: str = Field(description="Where in the tree, as `labels.1.kinds`; empty for the whole.")
    problem: str


class CheckedSchema(BaseModel):
    """A label schema of one's own: what is wrong with it, or how it is understood."""

    faults: list[SchemaFaultRow]
    label_schema: LabelSchema | None = Field(description="Null where there are faults.")
    content: dict[str, Any] | None = Field(description="For `label_schema` of a new project; null likewise.")


class ShippedSchema(BaseModel):
    """A label schema that comes with Osteon."""

    name: str
    title: str
    label_schema: LabelSchema
