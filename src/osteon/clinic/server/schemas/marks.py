"""Measurements and boxes drawn by people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from osteon.clinic.marks.measure import POINTS, MarkKind, Unit
from osteon.clinic.server.schemas.words import Written

FARTHEST: Final = 1e6
"""Of a coordinate from the corner of the image, pixels."""

Coordinate = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]

MARK: Final[dict[str, Any]] = {
    "id": 7,
    "image": 0,
    "kind": "length",
    "points": [[120.5, 80.0], [340.0, 92.5]],
    "label": "",
    "millimetres": None,
    "accepted": None,
    "author": "reader",
    "created": "2026-02-03T10:02:11Z",
    "changed": None,
    "bundle": "fracatlas@1.1.0",
    "value": 43.97,
    "unit": "mm",
    "calibrated": False,
}


class NewMark(BaseModel):
    """A measurement, a calibration, a box that the network missed, or a verdict on one of its boxes."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"image": 0, "kind": "length", "points": [[120.5, 80.0], [340.0, 92.5]]}]},
    )

    image: int = Field(ge=0, le=100_000, description="Index of the image in the study.")
    kind: MarkKind
    points: list[tuple[Coordinate, Coordinate]] = Field(
        min_length=2,
        max_length=4,
        description="x, y in pixels of the image: 2 of a length or calibration, 3 of an angle with its corner in the "
        "middle, 4 of a Cobb angle (two lines), 2 opposite corners of a box or of the box that a verdict is about.",
    )
    label: Annotated[Written, Field(max_length=64)] = Field("", description="Of a box.")
    millimetres: Annotated[float, Field(gt=0, le=5000, allow_inf_nan=False)] | None = Field(
        None, description="The true length of a calibration."
    )
    accepted: bool | None = Field(None, description="Of a verdict: whether the box is right.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        wanted = POINTS[self.kind]
        if len(self.points) != wanted:
            raise ValueError(f"expected {wanted} points for the kind {self.kind}, got {len(self.points)}")
        if (self.millimetres is not None) != (self.kind is MarkKind.CALIBRATION):
            raise ValueError("millimetres are for calibrations only")
        if (self.accepted is not None) != (self.kind is MarkKind.VERDICT):
            raise ValueError("accepted is for verdicts only")
        if self.label and self.kind not in (MarkKind.BOX, MarkKind.VERDICT):
            raise ValueError("a label is for boxes and verdicts only")
        lines = (self.points[:2], self.points[2:]) if self.kind is MarkKind.COBB else (self.points,)
        if self.kind is MarkKind.ANGLE:
            lines = (self.points[:2], self.points[1:])
        if any(line[0] == line[1] for line in lines):
            raise ValueError("expected points that differ")
        return self


class ChangedMark(BaseModel):
    """The new place of a mark, or the new length of a calibration."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"points": [[121.0, 80.0], [340.0, 92.5]]}]}
    )

    points: list[tuple[Coordinate, Coordinate]] = Field(min_length=2, max_length=4)
    millimetres: Annotated[float, Field(gt=0, le=5000, allow_inf_nan=False)] | None = None


class Mark(BaseModel):
    """A stored mark, and what it measures."""

    model_config = ConfigDict(json_schema_extra={"examples": [MARK]})

    id: int
    image: int
    kind: MarkKind
    points: list[tuple[float, float]]
    label: str
    millimetres: float | None
    accepted: bool | None
    author: str
    created: datetime
    changed: datetime | None
    bundle: str = Field(description="Whose reading was on the screen.")
    value: float | None = Field(description="What it measures; null for marks that measure nothing.")
    unit: Unit | None
    calibrated: bool = Field(description="Whether a person stated the scale.")
