"""Snapshots."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from osteon.clinic.annotation.payloads import Coordinate
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.schema.records import RegionKind
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.words import Written


class NewSnapshot(Given):
    """A snapshot to be taken."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "first", "rule": "majority"}]})

    name: Annotated[Written, Field(max_length=120)] = ""
    rule: Literal[ConsensusRule.MAJORITY, ConsensusRule.ANY, ConsensusRule.ALL] | None = Field(
        None, description="Decides studies that several readers finished and nobody decided; null leaves them out."
    )


class ImportedShape(Given):
    """A region of a file that is imported."""

    label: str = Field(max_length=256, description="As the file calls it.")
    kind: RegionKind
    points: list[tuple[Coordinate, Coordinate]] = Field(
        min_length=1, max_length=2000, description="Pixels of the image."
    )


class ImportedPicture(Given):
    """What a file says of an image."""

    keys: list[Annotated[str, Field(min_length=1, max_length=256)]] = Field(
        min_length=1,
        max_length=10,
        description="What the image may be found by: SOPInstanceUID, SHA-256 of its file, or the name that an export gave it.",
    )
    answers: dict[Annotated[str, Field(max_length=256)], Literal[1, 0, -1]] = Field(
        default_factory=dict[str, Literal[1, 0, -1]], max_length=500
    )
    regions: list[ImportedShape] = Field(default_factory=list[ImportedShape], max_length=2000)


class NewImport(Given):
    """Annotations of files, which a reader goes on from. All images of a study belong into one request."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "reader": "maria",
                    "source": "coco",
                    "images": [
                        {
                            "keys": ["1.2.840.113619.2.1"],
                            "regions": [{"label": "fracture", "kind": "box", "points": [[10, 20], [60, 90]]}],
                        }
                    ],
                }
            ]
        },
    )

    reader: str = Field(max_length=256, description="An annotator of the project.")
    source: Annotated[Written, Field(max_length=40)] = Field("", description="Their format, for the audit log.")
    images: list[ImportedPicture] = Field(min_length=1, max_length=20_000)


class Imported(BaseModel):
    """What became of an import."""

    studies: int = Field(description="That got annotations.")
    kept: int = Field(description="Annotations that are new.")
    known: int = Field(description="Those that an earlier import of the same had written.")
    busy: int = Field(description="Studies that the reader has begun or finished: they stay as they are.")
    unmatched: int = Field(description="Images that are not in the project.")
    unfit: int = Field(description="Regions and answers that the label schema does not allow, or without area.")
    unknown: dict[str, int] = Field(description="Labels that the schema does not have, with how often they occur.")


class SnapshotRow(BaseModel):
    """A snapshot that is kept."""

    id: str
    name: str
    created: datetime
    author: str
    digest: str = Field(description="SHA-256 of what it holds.")
    studies: int
