"""What the DICOM node keeps: who sent which instance, what is held back, and what is to be delivered where."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment

READER_REPORT: Final = "reader-sr"
"""The form of deliveries that are reports of readers; their part is the number of the report."""

NOTICE: Final = "webhook"
"""The form of deliveries that are notices to a webhook."""


class Reason(StrEnum):
    """Why an instance is held back."""

    OTHER_CONTENT = "other-content"
    OTHER_PATIENT = "other-patient"
    NO_RULE = "no-rule"
    OTHER_BUNDLE = "other-bundle"
    TOO_LARGE = "too-large"
    UNREADABLE = "unreadable"
    OWN_RESULT = "own-result"


ABOUT = {
    Reason.OTHER_CONTENT: "other content is here under the same SOPInstanceUID",
    Reason.OTHER_PATIENT: "images of another patient are here under the same StudyInstanceUID",
    Reason.NO_RULE: "no rule of the settings says that it is read",
    Reason.OTHER_BUNDLE: "the rules have another bundle read it than the other images of its study",
    Reason.TOO_LARGE: "its study would have more pixels than may be in memory together",
    Reason.UNREADABLE: "it is no DICOM instance that can be kept",
    Reason.OWN_RESULT: "it is a result of this node that somebody changed and sent back",
}
"""The same in words."""


class DeliveryState(StrEnum):
    """Where an object is on its way to a destination.

    Attributes:
        WAITING: it is to be made or sent.
        SENT: the destination has accepted it and is asked to commit itself.
        DONE: the destination has committed itself, or has accepted it where no commitment is wanted.
        STUCK: it could not be delivered for too long; it is still tried, seldom.
        HELD: somebody holds it back.
        UNWANTED: the destination does not want it, as of a study that is not positive.
    """

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    STUCK = "stuck"
    HELD = "held"
    UNWANTED = "unwanted"


class Receipt(Base):
    """An instance that a peer sent, and the study that has it.

    Attributes:
        file: its name among what was received: it is counted once, whoever is killed when.
        peer: AE title, or ``key:NAME``.
        received: when it was acknowledged.
    """

    __tablename__ = "receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(200), unique=True)
    peer: Mapped[str] = mapped_column(String(80), index=True)
    received: Mapped[datetime] = mapped_column(Moment)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)


class HeldInstance(Base):
    """An instance in the quarantine.

    Attributes:
        file: its name there.
        peer: AE title, or ``key:NAME``.
        received: when it came.
        reason: a value of ``Reason``.
        uid: StudyInstanceUID, empty where it states none.
        instance: SOPInstanceUID, likewise.
    """

    __tablename__ = "held_instances"

    id: Mapped[int] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(String(200), unique=True)
    peer: Mapped[str] = mapped_column(String(80))
    received: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(String(16))
    uid: Mapped[str] = mapped_column(String(64), index=True)
    instance: Mapped[str] = mapped_column(String(64))


class Delivery(Base):
    """An object that a destination is to get.

    Attributes:
        destination: its name in the settings.
        form: the output format that makes it, ``READER_REPORT`` or ``NOTICE``.
        part: of several files that the format writes, from 0; of a reader's report its number.
        state: a value of ``DeliveryState``.
        digest: SHA-256 of its bytes, which lie in the store; None until they are made.
        sop_class: of the object.
        instance: its SOPInstanceUID.
        attempts: to make or send it, since the last success.
        created: when its study was read.
        due: not before then.
        sent: when the destination accepted it.
        settled: when it was done.
        transaction: of storage commitment, under which the destination was asked.
        problem: why the last attempt failed.
        lease_owner: who sends it.
        leased_until: when somebody else may.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"))
    destination: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(32))
    part: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default=DeliveryState.WAITING)
    digest: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    sop_class: Mapped[str | None] = mapped_column(String(64), default=None)
    instance: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(Moment)
    due: Mapped[datetime] = mapped_column(Moment)
    sent: Mapped[datetime | None] = mapped_column(Moment, default=None)
    settled: Mapped[datetime | None] = mapped_column(Moment, default=None)
    transaction: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    problem: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    lease_owner: Mapped[str | None] = mapped_column(String(32), default=None)
    leased_until: Mapped[datetime | None] = mapped_column(Moment, default=None)

    __table_args__ = (
        Index(None, "study_id", "destination", "form", "part", unique=True),
        Index(None, "destination", "state", "due"),
    )
