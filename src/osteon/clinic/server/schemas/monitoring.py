"""The watch for drift, for administrators."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, Field

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
    field: str = Field(examples=["age"])
    kind: Kind
    what: str = Field(description="Which studies are counted, in words.")
    since: date = Field(description="From when the share was most likely another one.")
    day: date = Field(description="When the evidence was enough.")
    before: WatchedShare
    after: WatchedShare
    certainty: str = Field(description="How sure it is, in words.")
    advice: str = Field(description="What to do.")
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
    reference: str
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
