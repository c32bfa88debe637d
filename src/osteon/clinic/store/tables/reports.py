"""What readers say of readings, on its way to archives: as a snapshot, of which one report is made."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment


class ReportDraft(Base):
    """A reader has said or drawn something of a study that no report has yet.

    Attributes:
        author: name of the user.
        changed: when they last did: their report is made once they have let go of it for a while.
    """

    __tablename__ = "report_drafts"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    author: Mapped[str] = mapped_column(String(200), primary_key=True)
    changed: Mapped[datetime] = mapped_column(Moment, index=True)


class ReaderReport(Base):
    """What a reader had said of a study at a moment. It never changes: a later opinion gets another row.

    Attributes:
        author: name of the user.
        given: when they last changed it.
        content: the call, the note and the places, as ``osteon.clinic.store.pacs.reader_reports`` writes them.
        signed: whether they signed it.
        before: the report of the same reader and examination that this one takes the place of.
        digest: SHA-256 of its bytes, which lie in the store; None until they are made.
        sop_class: of the object.
        instance: its SOPInstanceUID.
        series: its SeriesInstanceUID.
    """

    __tablename__ = "reader_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(200))
    given: Mapped[datetime] = mapped_column(Moment, index=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    signed: Mapped[bool]
    before: Mapped[int | None] = mapped_column(default=None)
    digest: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    sop_class: Mapped[str | None] = mapped_column(String(64), default=None)
    instance: Mapped[str | None] = mapped_column(String(64), default=None)
    series: Mapped[str | None] = mapped_column(String(64), default=None)
