"""The registry of bundles."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from osteon.bundle.promotion.gate import CheckCode
from osteon.clinic.store.tables.registry import BundleStage


class StageReason(BaseModel):
    """Why a stage is changed."""

    reason: str = Field(min_length=3, max_length=2000, description="In words; without anything of a patient.")


class PromotionReason(StageReason):
    """Why a bundle is to read."""

    override: str | None = Field(
        default=None, max_length=2000, description="Why, although something that was planned does not hold; kept."
    )


class Requirement(BaseModel):
    """What a promotion required."""

    code: CheckCode
    passed: bool
    words: str


class StageChange(BaseModel):
    """A change of a stage."""

    time: datetime
    person: str
    action: str = Field(examples=["promote"])
    stage: BundleStage
    reason: str
    evidence: str | None = Field(description="SHA-256 of the kept file that it rests on.")
    evidence_name: str | None
    override: str | None = Field(description="Why it was promoted although something did not hold.")
    requirements: list[Requirement] = Field(description="Of a promotion: what was required, and whether it held.")


class Registered(BaseModel):
    """A bundle of the registry."""

    digest: str
    name: str
    identity: str = Field(examples=["fracatlas@1.4.0"])
    stage: BundleStage
    added: datetime
    compared: bool = Field(description="Whether a comparison with a live bundle is kept with it.")
    changes: list[StageChange]


class Registry(BaseModel):
    """All bundles of the registry."""

    reads: str = Field(description="The bundle that reads new studies now.")
    bundles: list[Registered]
