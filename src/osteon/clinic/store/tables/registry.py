"""The registry of bundles: their stages, who changed them when and why, and what candidates read beside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment


class BundleStage(StrEnum):
    """Where a bundle stands."""

    CANDIDATE = "candidate"
    """Known, and reads nothing."""
    SHADOW = "shadow"
    """Reads what is read, beside; nobody is shown it."""
    LIVE = "live"
    """Reads. Of each name there is one at most."""
    RETIRED = "retired"
    """Read once, or never will."""


class Registration(Base):
    """A bundle, whose file the store keeps.

    Attributes:
        digest: SHA-256 of its ``bundle.json``; its file is named by it.
        name: without the version.
        identity: ``name@version``.
        stage: a value of ``BundleStage``.
        added: when.
    """

    __tablename__ = "registrations"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), index=True)
    identity: Mapped[str] = mapped_column(String(200))
    stage: Mapped[str] = mapped_column(String(10))
    added: Mapped[datetime] = mapped_column(Moment)


class RegistryEvent(Base):
    """A change of a stage; never altered, never deleted.

    Attributes:
        digest: of the bundle.
        person: who did it.
        action: what they did: ``register``, ``move``, ``promote``, ``rollback``.
        stage: from then on.
        replaced: digest of the bundle that was live before a promotion; None where none of the registry was.
        reason: why, in words.
        evidence: SHA-256 of a file of the store that the decision rests on; None without one.
        evidence_name: how that file was called.
        checks: of a promotion, what was required and whether it held; None where nothing was required.
        override: why it was done although something did not hold; None where all held.
    """

    __tablename__ = "registry_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("registrations.digest"), index=True)
    time: Mapped[datetime] = mapped_column(Moment)
    person: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str] = mapped_column(String(10))
    replaced: Mapped[str | None] = mapped_column(String(64), default=None)
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(String(64), default=None)
    evidence_name: Mapped[str | None] = mapped_column(String(120), default=None)
    checks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True), default=None)
    override: Mapped[str | None] = mapped_column(Text, default=None)


class ShadowReading(Base):
    """What a bundle of the stage shadow says of a study; never shown with the study, never sent.

    Attributes:
        digest: of the bundle.
        content: as ``osteon.clinic.store.studies.readings`` writes it, without heat maps; None where it failed.
    """

    __tablename__ = "shadow_readings"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(ForeignKey("registrations.digest"), primary_key=True)
    time: Mapped[datetime] = mapped_column(Moment)
    call: Mapped[str | None] = mapped_column(String(16), default=None)
    probability: Mapped[float | None] = mapped_column(default=None)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)

    __table_args__ = (Index(None, "digest", "time"),)
