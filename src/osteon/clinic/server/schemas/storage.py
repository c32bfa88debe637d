"""Content of the store, disk space and retention; for administrators."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class Disk(BaseModel):
    """The disk that holds the store."""

    total: int = Field(description="Bytes.")
    free: int = Field(description="Bytes.")
    needed: int = Field(description="Bytes that must be free for images to be uploaded and read.")
    enough: bool


class StoreContents(BaseModel):
    """What the store holds."""

    studies: int = Field(description="Examinations; versions of one count once.")
    versions: int
    files: int
    bytes: int = Field(description="Of the original files.")
    database_bytes: int | None
    oldest: datetime | None = Field(description="When the oldest study was received.")


class Retention(BaseModel):
    """How long data are kept."""

    study_days: int | None = Field(description="Studies older than this are deleted; null: none are.")
    audit_days: int
    due: int = Field(description="Studies that are due to be deleted.")
    suspended: bool = Field(description="The clock jumped: nothing is deleted until it is confirmed or correct again.")
    clock: datetime = Field(description="The clock of the server.")
    expected: datetime = Field(description="The latest time that the clock should show, approximately.")


class Storage(BaseModel):
    """Disk, content and retention."""

    disk: Disk
    held: StoreContents
    retention: Retention
