"""Opinions of readers about a reading."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.server.schemas.words import Written
from osteon.core.labels import Call

LONGEST: Final = 2000

OPINION: Final[dict[str, Any]] = {
    "id": 3,
    "agrees": False,
    "note": "An old, healed fracture.",
    "author": "reader",
    "created": "2026-02-03T10:02:11Z",
    "bundle": "fracatlas@1.1.0",
    "call": "no fracture",
    "changed": None,
    "signed": None,
}

Note = Annotated[Written, Field(max_length=LONGEST)]


class NewOpinion(BaseModel):
    """Agreement or disagreement with a reading; where the network abstained, with its abstention."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"agrees": False, "note": "An old, healed fracture."}]}
    )

    agrees: bool
    note: Note = ""
    call: Call | None = Field(None, description="The reader's own call.")
    signed: bool = Field(
        False, description="Whether the reader signs it: then a report of it that goes out is verified."
    )


class ChangedOpinion(BaseModel):
    """A later change of an opinion by its author; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "An old, healed fracture.", "call": "no fracture"}]}
    )

    note: Note | None = None
    call: Call | None = Field(None, description="The reader's own call; null removes it.")
    signed: bool = Field(False, description="Whether the author signs it as it is then.")


class Opinion(BaseModel):
    """A stored opinion."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPINION]}, from_attributes=True)

    id: int
    agrees: bool
    note: str
    author: str
    created: datetime
    bundle: str = Field(description="Whose reading it is about.")
    call: Call | None = Field(None, description="The author's own call; null where they gave none.")
    changed: datetime | None = Field(None, description="When the note or the own call was last changed.")
    signed: datetime | None = Field(
        None, description="When its author signed it as it stands; null where they have not."
    )
