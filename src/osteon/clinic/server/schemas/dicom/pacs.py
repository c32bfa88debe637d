"""What the API tells of the DICOM node, and is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from osteon.clinic.store.tables.pacs import DeliveryState, Reason
from osteon.core.codes.check import CheckCause, CheckStep


class Way(StrEnum):
    """How a destination is reached."""

    DICOM = "dicom"
    DICOMWEB = "dicomweb"
    WEBHOOK = "webhook"
    GONE = "gone"


class PeerTraffic(BaseModel):
    """What a peer has sent, in instances."""

    name: str = Field(description="AE title; `key:NAME` for what came in over STOW-RS.", examples=["CR1"])
    address: str = Field(description="The address or network that it may call from; empty for a key.")
    listens: bool = Field(description="Whether it can be called, and so tested.")
    received: int = Field(description="Studies have them.")
    waiting: int = Field(description="Acknowledged, and waiting for the rest of their study.")
    read: int
    quarantined: int


class DestinationTraffic(BaseModel):
    """What a destination gets, in objects."""

    name: str = Field(examples=["pacs"])
    way: Way = Field(description="`gone` where the settings do not name it any more.")
    address: str = Field(description="AE title, host and port, or the host of a url.")
    secure: bool = Field(description="Whether it is called under TLS.")
    readers: Literal["none", "signed", "all"] = Field(description="Which reports of readers it gets.")
    oldest: datetime | None = Field(description="Since when the oldest object waits that it has not got.")
    problem: str = Field(description="Why it did not take one of those at the latest attempt; empty where it did.")
    to_send: int
    sent: int = Field(description="Accepted, and not committed to yet.")
    committed: int = Field(description="Committed to, or accepted where no commitment is wanted.")
    stuck: int = Field(description="Not delivered for too long; still tried, seldom.")
    held: int = Field(description="Held back by somebody.")


class ReportTraffic(BaseModel):
    """Reports of readers."""

    pending: int = Field(description="Readers have not let go of them yet, or the AI's own report is still to be made.")
    made: int


class Traffic(BaseModel):
    """What has passed and what waits."""

    listening: bool = Field(description="Whether the DICOM node listens.")
    aet: str
    port: int | None = Field(description="Null where there is no DICOM node.")
    peers: list[PeerTraffic]
    destinations: list[DestinationTraffic]
    reports: ReportTraffic


class Quarantined(BaseModel):
    """An instance that is held back."""

    id: int
    peer: str
    received: datetime
    reason: Reason
    about: str = Field(description="The reason in words.")
    study_uid: str
    instance: str = Field(description="SOPInstanceUID.")


class Quarantine(BaseModel):
    """Instances that are held back, the newest first."""

    instances: list[Quarantined]
    before: int | None = Field(description="For the next page; null where there is none.")


class DeliveredObject(BaseModel):
    """An object on its way to a destination."""

    id: int
    study: str
    destination: str
    output: str = Field(description="An output format, `reader-sr` for a reader's report, `webhook` for a notice.")
    part: int
    state: DeliveryState
    instance: str | None = Field(description="SOPInstanceUID; null until it is made.")
    attempts: int = Field(description="That failed, since the last success.")
    created: datetime
    due: datetime
    sent: datetime | None
    settled: datetime | None
    problem: str = Field(description="Why the last attempt failed.")


class Deliveries(BaseModel):
    """Objects, the newest first."""

    objects: list[DeliveredObject]
    before: int | None = Field(description="For the next page; null where there is none.")


class DeliveryChoice(BaseModel):
    """Which objects are meant: those that fulfil all that is given, of which there is at least one."""

    ids: list[int] = Field(default_factory=list[int], max_length=1000)
    study: str = Field(default="", max_length=32)
    destination: str = Field(default="", max_length=64)
    states: list[DeliveryState] = Field(default_factory=list[DeliveryState])

    model_config = {"json_schema_extra": {"examples": [{"destination": "pacs", "states": ["stuck"]}]}}


class Changed(BaseModel):
    """How many objects were changed."""

    objects: int


class PeerCheck(BaseModel):
    """A step of a test."""

    step: CheckStep
    cause: CheckCause | None = Field(description="Why it failed; null where it did not.")
    detail: str = Field(description="What the other side said, e.g. a status.")


class PeerAnswer(BaseModel):
    """Whether a peer or destination answers."""

    answers: bool
    problem: str = Field(description="Why it does not; empty where it does.")
    seconds: float = Field(description="That the test took.")
    checks: list[PeerCheck] = Field(description="What was tried, in this order; the last one may have failed.")
