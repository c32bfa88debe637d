"""Snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.words import Written


class NewSnapshot(Given):
    """A snapshot to be taken."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "first", "rule": "majority"}]})

    name: Annotated[Written, Field(max_length=120)] = ""
    rule: Literal[ConsensusRule.MAJORITY, ConsensusRule.ANY, ConsensusRule.ALL] | None = Field(
        None, description="Decides studies that several readers finished and nobody decided; null leaves them out."
    )


class SnapshotRow(BaseModel):
    """A snapshot that is kept."""

    id: str
    name: str
    created: datetime
    author: str
    digest: str = Field(description="SHA-256 of what it holds.")
    studies: int
