"""What a reader thinks of a reading."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

LONGEST: Final = 2000

OPINION: Final[dict[str, Any]] = {
    "id": 3,
    "agrees": False,
    "note": "An old, healed fracture.",
    "author": "reader",
    "created": "2026-02-03T10:02:11Z",
    "bundle": "fracatlas@1.1.0",
}


class NewOpinion(BaseModel):
    """To agree or disagree with a reading."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"agrees": False, "note": "An old, healed fracture."}]}
    )

    agrees: bool
    note: str = Field("", max_length=LONGEST)


class Opinion(BaseModel):
    """An opinion as it was kept."""

    model_config = ConfigDict(json_schema_extra={"examples": [OPINION]}, from_attributes=True)

    id: int
    agrees: bool
    note: str
    author: str
    created: datetime
    bundle: str = Field(description="Whose reading it is about.")
