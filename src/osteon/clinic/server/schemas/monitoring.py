"""The watch for drift, for administrators."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

from osteon.core.codes.drift import Advice, Certainty, WatchedField
from osteon.monitoring.fields import Group
from osteon.monitoring.streams import Kind


class WatchedShare(BaseModel):
    """A share with its interval."""

    value: float
    low: float | None
    high: float | None
    n: int = Field(description="Studies behind it.")


class DriftAlarm(BaseModel):
    """A share that has changed."""

    stream: str = Field(examples=["age.low"])
    group: Group
    field: WatchedField = Field(examples=["age"])
    kind: Kind = Field(description="Which studies are counted, by their field.")
    limit: float | None = Field(description="Of a quantity: `low` counts up to it, `high` above it, `unseen` below it.")
    upper: float | None = Field(description="`unseen` counts what is above it, too.")
    value: str | None = Field(description="Of a category, where one value is counted.")
    since: date = Field(description="From when the share was most likely another one.")
    day: date = Field(description="When the evidence was enough.")
    before: WatchedShare
    after: WatchedShare
    chance: float = Field(description="Largest probability that an unchanged year shows as much anywhere.")
    certainty: Certainty = Field(description="How sure it is, by `chance`.")
    advice: Advice = Field(description="What to do.")
    weeks: list[tuple[int, int]] = Field(description="Studies counted, and all, in each week of the watch.")


class ReaderAgreement(BaseModel):
    """How often readers agreed."""

    share: WatchedShare | None
    answered: int
    studies: int
    median_delay_days: float | None


class Watched(BaseModel):
    """What was compared, and found."""

    first: date
    last: date
    studies: int
    reference_studies: int
    reference: str = Field(
        description="What the reference is made of, as its maker wrote it; empty where it was learnt."
    )
    learnt_first: date | None = Field(description="The room's own first studies: day of the first; null: not learnt.")
    learnt_last: date | None = Field(description="Day of the last of them.")
    streams: int
    level: float = Field(description="Largest share of unchanged years in which there is any alarm.")
    alarms: list[DriftAlarm]
    agreement: ReaderAgreement


class Monitoring(BaseModel):
    """The watch for drift."""

    bundle: str
    looked: datetime | None = Field(description="When it was last looked for; null: not since the server started.")
    studies: int = Field(description="Studies that this bundle read here.")
    needed: int = Field(description="Studies that the watch learns from before it compares.")
    watched: Watched | None = Field(description="Null while the watch still learns.")
