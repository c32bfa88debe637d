"""Annotation: projects, who is in them, which studies, who reads which, what they did and said, what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment

_ID = String(32)
_WORD = String(16)
_NAME = String(64)
_LONG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is this one."""


class Project(Base):
    """A project; see ``osteon.clinic.annotation.records.project.Project``, and ``creator`` made it."""

    __tablename__ = "annotation_projects"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    schema_version: Mapped[int]
    readers_per_study: Mapped[int]
    repeat_share: Mapped[float]
    seed: Mapped[int] = mapped_column(BigInteger)
    order: Mapped[str] = mapped_column(_WORD)
    arm: Mapped[str] = mapped_column(_WORD)
    box_iou: Mapped[float]
    body_parts: Mapped[list[str] | None] = mapped_column(JSON, default=None)
    created: Mapped[datetime] = mapped_column(Moment)
    creator: Mapped[str] = mapped_column(String(80))
    closed: Mapped[bool] = mapped_column(default=False)


class SchemaVersion(Base):
    """A version of the label schema of a project; never changed."""

    __tablename__ = "annotation_schemas"

    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(Moment)


class Member(Base):
    """A member of a project, who stays when their account goes.

    Attributes:
        user_id: the account; None where it was deleted.
        name: of the account.
        role: a ``MemberRole``.
        active: False for former members, who may do nothing any more.
    """

    __tablename__ = "annotation_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), default=None)
    name: Mapped[str] = mapped_column(_NAME)
    role: Mapped[str] = mapped_column(_WORD)
    active: Mapped[bool] = mapped_column(default=True)
    joined: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "project_id", "user_id", unique=True),
        Index(None, "user_id"),
    )


class Item(Base):
    """A study of a project.

    Attributes:
        study_id: the version of the study that is read.
        examination: identifier that all versions share: each is in a project once.
        state: an ``ItemState``.
        reason: why it was screened out.
        uncertainty: distance of the model's probability from 0.5; None where it gave none.
        disagreement: difference between the highest and the lowest probability that the model gave to an image.
        disputed: how many things its readers disagree on; None until all of them have finished.
        suspicions: why it may not belong into the project, as ``osteon.clinic.annotation.screening.Suspicion`` writes it.
        to_screen: whether there are such, and nobody has decided yet.
        screened_by: who took it out or kept it; None where nobody decided.
        screened: when.
    """

    __tablename__ = "annotation_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    examination: Mapped[str] = mapped_column(_ID)
    state: Mapped[str] = mapped_column(_WORD)
    reason: Mapped[str] = mapped_column(Text, default="")
    uncertainty: Mapped[float | None] = mapped_column(default=None)
    disagreement: Mapped[float | None] = mapped_column(default=None)
    disputed: Mapped[int | None] = mapped_column(default=None)
    suspicions: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON, default=None)
    to_screen: Mapped[bool] = mapped_column(default=False)
    screened_by: Mapped[str | None] = mapped_column(String(80), default=None)
    screened: Mapped[datetime | None] = mapped_column(Moment, default=None)
    added: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "project_id", "examination", unique=True),
        Index(None, "project_id", "to_screen", "id"),
        Index(None, "project_id", "disputed", "id"),
        Index(None, "project_id", "state", "id"),
    )


class Assignment(Base):
    """A study that a member is to read; see ``osteon.clinic.annotation.records.project.Assignment``.

    Attributes:
        aided: whether its last read was finished with proposals in sight.
        sequence: number of its last event.
        begun: when its first event was acknowledged.
        changed: when its state last changed.
    """

    __tablename__ = "annotation_assignments"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("annotation_members.id", ondelete="CASCADE"))
    repeat_of: Mapped[str] = mapped_column(_ID, default="")
    arm: Mapped[str] = mapped_column(_WORD)
    order: Mapped[str] = mapped_column(_WORD)
    position: Mapped[int]
    state: Mapped[str] = mapped_column(_WORD)
    round: Mapped[int] = mapped_column(default=1)
    aided: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    begun: Mapped[datetime | None] = mapped_column(Moment, default=None)
    changed: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "item_id", "member_id", "repeat_of", unique=True),
        Index(None, "member_id", "state", "position", "id"),
        Index(None, "project_id", "state", "id"),
    )


class Event(Base):
    """An event of an assignment; only added, never changed."""

    __tablename__ = "annotation_events"

    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("annotation_assignments.id", ondelete="CASCADE"), primary_key=True
    )
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    client_id: Mapped[str] = mapped_column(String(36))
    author: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(_WORD)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Moment)
    client_at: Mapped[datetime | None] = mapped_column(Moment, default=None)

    __table_args__ = (Index(None, "assignment_id", "client_id", unique=True),)


class Read(Base):
    """A finished or skipped read; ``content`` is the whole record, the other columns are what is asked for."""

    __tablename__ = "annotation_reads"

    id: Mapped[int] = mapped_column(_LONG, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    assignment_id: Mapped[str] = mapped_column(ForeignKey("annotation_assignments.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("annotation_members.id", ondelete="CASCADE"), index=True)
    round: Mapped[int]
    stage: Mapped[str] = mapped_column(_WORD)
    skipped: Mapped[bool]
    seconds: Mapped[float]
    finished: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (
        Index(None, "assignment_id", "round", "stage", unique=True),
        Index(None, "project_id", "id"),
    )


class Consensus(Base):
    """What was decided of a study; of several the latest holds. The first that is signed is the last."""

    __tablename__ = "annotation_consensus"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("annotation_items.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(_WORD)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(80))
    created: Mapped[datetime] = mapped_column(Moment)
    signed: Mapped[datetime | None] = mapped_column(Moment, default=None)

    __table_args__ = (Index(None, "project_id", "id"),)


class Snapshot(Base):
    """What a project was at a moment: files of the store by their digest, never changed.

    Attributes:
        digest: SHA-256 of the snapshot.
        content: its manifest.
    """

    __tablename__ = "annotation_snapshots"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    created: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class LockedTest(Base):
    """The test set of a project: chosen once, never trained on.

    Attributes:
        content: an ``osteon.core.locked.Lock``: which studies, and the hashes of their images.
    """

    __tablename__ = "annotation_locked_tests"

    project_id: Mapped[str] = mapped_column(ForeignKey("annotation_projects.id", ondelete="CASCADE"), primary_key=True)
    created: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
