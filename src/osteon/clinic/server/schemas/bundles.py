"""Bundles."""

from __future__ import annotations

from pydantic import BaseModel, Field

from osteon.core.labels import BodyPart, View


class OperatingPoint(BaseModel):
    """An operating point."""

    threshold: float
    rule: str
    sensitivity: float
    specificity: float


class OperatingPoints(BaseModel):
    """Both operating points."""

    doubt: OperatingPoint
    definite: OperatingPoint


class Indication(BaseModel):
    """Intended use and limits of a bundle."""

    intended_use: str
    not_for: list[str]
    body_parts: list[BodyPart]
    minimum_age: float = Field(description="Years.")
    maximum_age: float = Field(description="Years.")
    minimum_side: int = Field(description="Pixels.")


class BoxThresholds(BaseModel):
    """Confidence thresholds of boxes."""

    shown: float = Field(description="The lowest confidence of a box.")
    definite: float = Field(description="The lowest confidence of a definite box.")


class Bundle(BaseModel):
    """A bundle."""

    name: str
    version: str
    identity: str = Field(examples=["fracatlas@1.1.0"])
    summary: str
    licence: str
    labels: list[str]
    boxes: list[str] = Field(description="What a box may be; empty without a detector.")
    views: list[View] = Field(description="Views that it reads together; empty where it reads each image alone.")
    indication: Indication
    operating_points: OperatingPoints
    digest: str = Field(description="SHA-256 that identifies the whole bundle.")
    default: bool = Field(description="Whether it reads new studies; others read on request.")
    box_thresholds: BoxThresholds | None = Field(description="Of its boxes; null without a detector.")
