"""What is fetched from archives, and what archives have of a patient's earlier studies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment


class PullState(StrEnum):
    """How far a request to fetch studies has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class SearchState(StrEnum):
    """How far the search for a patient's earlier studies has come."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Pull(Base):
    """A request to fetch studies from an archive.

    Attributes:
        finished: when it was done, or failed.
        author: name of the user who asked.
        archive: its name in the settings.
        query: which studies: the fields of ``osteon.clinic.dicom.retrieve.query.Query``, and ``limit``.
        state: a value of ``PullState``.
        studies: how many match; None until that is known.
        done: studies that were dealt with.
        fetched: images that came.
        known: images that were here.
        left: images of kinds that are not read.
        failures: studies that could not be had: ``study``, and ``problem`` as ``osteon.clinic.store.faults`` writes it.
        problem: why it failed, likewise.
    """

    __tablename__ = "pulls"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created: Mapped[datetime] = mapped_column(Moment)
    finished: Mapped[datetime | None] = mapped_column(Moment, default=None)
    author: Mapped[str] = mapped_column(String(200))
    archive: Mapped[str] = mapped_column(String(64))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8), default=PullState.WAITING)
    studies: Mapped[int | None] = mapped_column(default=None)
    done: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    problem: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)

    __table_args__ = (Index(None, "state", "created"),)


class EarlierSearch(Base):
    """The search for the earlier studies of an examination's patient.

    Attributes:
        examination: whose patient.
        state: a value of ``SearchState``.
        asked: when somebody last asked for it, or when it ended.
        others: studies with the PatientID whose birth date, sex or name is another patient's: they are not listed.
        problem: why it failed.
    """

    __tablename__ = "earlier_searches"

    examination: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(8), index=True)
    asked: Mapped[datetime] = mapped_column(Moment)
    others: Mapped[int] = mapped_column(default=0)
    problem: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)


class EarlierStudy(Base):
    """An earlier study that an archive has.

    Attributes:
        examination: whose patient has it.
        uid: StudyInstanceUID.
        archive: its name in the settings.
        date: StudyDate, YYYYMMDD; empty where the archive does not tell.
        description: StudyDescription, likewise.
        modalities: with spaces between, likewise.
        images: how many; None where the archive does not tell.
    """

    __tablename__ = "earlier_studies"

    examination: Mapped[str] = mapped_column(
        ForeignKey("earlier_searches.examination", ondelete="CASCADE"), primary_key=True
    )
    uid: Mapped[str] = mapped_column(String(64), primary_key=True)
    archive: Mapped[str] = mapped_column(String(64))
    date: Mapped[str] = mapped_column(String(8))
    description: Mapped[str] = mapped_column(String(64))
    modalities: Mapped[str] = mapped_column(String(120))
    images: Mapped[int | None] = mapped_column(default=None)
