"""Studies, the files they came in, their images, readings and opinions, and jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.state import Cause, State
from osteon.clinic.store.tables.base import Base, Moment
from osteon.clinic.store.tables.coded import Notes, Refusals
from osteon.clinic.urgency import urgency
from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal

__all__ = [
    "OPEN",
    "SHOWN",
    "Fact",
    "Image",
    "Job",
    "JobStudy",
    "Opinion",
    "Original",
    "State",
    "StoredReading",
    "Study",
]

OPEN: Final = (State.QUEUED, State.READING)
"""States of studies that are still to be read."""

SHOWN: Final = 64
"""Letters of an identifier that are kept, which is as long as any may be."""


MODALITY: Final = 16
"""Letters of a modality that are kept: as many as the standard lets it have."""


class Study(Base):
    """Files that are read together: one version of an examination.

    An examination that gets another image, or is read by another bundle, gets another row, whose version is higher by one;
    the rows before it stay as they are and can be looked at.

    Attributes:
        key: hash of what makes it this study: its files, and the bundle that reads it.
        received: when it was acknowledged.
        read: when its reading was stored, or when it failed.
        bundle: ``name@version``.
        pseudonym: stands for the patient; None where the files name none.
        refusals: why the bundle abstained.
        problem: why it failed, as ``osteon.clinic.store.faults`` writes it.
        urgency: rank in the worklist, see ``osteon.clinic.urgency``.
        sort_key: 1 minus the probability, so that one direction sorts both.
        lease_owner: the process that reads it.
        leased_until: when another process may take it.
        attempts: how often a process began to read it and has not come back.
        examination: identifier of the examination: that of its first version.
        version: of the result, from 1.
        newer: identifier of the next version; None for the newest, which alone is in the worklist.
        cause: why there is this version, a value of ``Cause``.
        uid: StudyInstanceUID; None where the files state none.
        accession: AccessionNumber, likewise.
        patient: PatientID, likewise.
        marks: keyed hashes that tell patients apart, see ``osteon.imaging.patient_identity``.
        label: what the sender calls it.
        date: StudyDate, YYYYMMDD; None where the files state none.
        time: StudyTime, HHMMSS, likewise.
        number: StudyID, likewise.
        name: of the patient, as ``osteon.clinic.patients.names`` folds it for a search, likewise.
        referrer: the referring physician's name, likewise.
    """

    __tablename__ = "studies"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(8))
    received: Mapped[datetime] = mapped_column(Moment)
    read: Mapped[datetime | None] = mapped_column(Moment, default=None)
    bundle: Mapped[str] = mapped_column(String(200))
    pseudonym: Mapped[str | None] = mapped_column(String(64), default=None)
    age: Mapped[float | None] = mapped_column(default=None)
    sex: Mapped[str | None] = mapped_column(String(1), default=None)
    body_part: Mapped[str | None] = mapped_column(String(16), default=None)
    view_count: Mapped[int] = mapped_column(default=0)
    call: Mapped[str | None] = mapped_column(String(16), default=None)
    probability: Mapped[float | None] = mapped_column(default=None)
    refusals: Mapped[tuple[Refusal, ...]] = mapped_column("reason", Refusals, default=())
    problem: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    urgency: Mapped[int] = mapped_column(default=urgency(State.QUEUED))
    sort_key: Mapped[float] = mapped_column(default=1.0)
    lease_owner: Mapped[str | None] = mapped_column(String(32), default=None)
    leased_until: Mapped[datetime | None] = mapped_column(Moment, default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    examination: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(default=1)
    newer: Mapped[str | None] = mapped_column(String(32), default=None)
    cause: Mapped[str] = mapped_column(String(16), default=Cause.RECEIVED)
    uid: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    accession: Mapped[str | None] = mapped_column(String(64), default=None)
    patient: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    marks: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    label: Mapped[str | None] = mapped_column(String(120), default=None)
    date: Mapped[str | None] = mapped_column(String(8), default=None, index=True)
    time: Mapped[str | None] = mapped_column(String(6), default=None)
    number: Mapped[str | None] = mapped_column(String(64), default=None)
    name: Mapped[str | None] = mapped_column(String(400), default=None)
    referrer: Mapped[str | None] = mapped_column(String(400), default=None)

    __table_args__ = (
        Index(None, "examination", "version", unique=True),
        Index(None, "state", "received", "id"),
        Index(None, "urgency", "sort_key", "id"),
        Index(None, "received", "id"),
    )


class Original(Base):
    """A file of a study.

    Attributes:
        position: among the files of the study, from 0.
        digest: SHA-256; its name in the store.
        view: the view that its name stated.
        problem: why it could not be decoded, where other files of the study could.
        name: what the sender calls it. It may name a patient: only those who may fetch the file itself are shown it.
        instance: SOPInstanceUID; None where there is none.
        series: SeriesInstanceUID, likewise.
        sop_class: SOPClassUID, likewise.
        modality: likewise.
        pixels: of all its frames or pages, as its header states; None where that cannot be told.
    """

    __tablename__ = "originals"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))
    view: Mapped[str | None] = mapped_column(String(16), default=None)
    problem: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    name: Mapped[str | None] = mapped_column(String(120), default=None)
    instance: Mapped[str | None] = mapped_column(String(64), default=None, index=True)
    series: Mapped[str | None] = mapped_column(String(64), default=None)
    sop_class: Mapped[str | None] = mapped_column(String(64), default=None)
    modality: Mapped[str | None] = mapped_column(String(16), default=None)
    pixels: Mapped[int | None] = mapped_column(BigInteger, default=None)


class Image(Base):
    """A radiograph of a study: a frame or page of one of its files.

    Attributes:
        position: among the radiographs of the study, from 0.
        original: the position of its file.
        frame: among the frames of that file, from 0.
        row_spacing: distance between rows in mm.
        column_spacing: distance between columns in mm.
        probability: None where it was not read.
        refusals: why it was not read.
        heat: whether there is a heat map.
        window_low: brightness that the file wants to be shown black, where 0 to 1 is the whole range of its samples; None
            where it states no window, or one that is shown already.
        window_high: that it wants to be shown white.
        thumbnail: JPEG.
    """

    __tablename__ = "images"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    original: Mapped[int]
    frame: Mapped[int]
    rows: Mapped[int]
    columns: Mapped[int]
    row_spacing: Mapped[float | None]
    column_spacing: Mapped[float | None]
    bits: Mapped[int]
    view: Mapped[str | None] = mapped_column(String(16))
    laterality: Mapped[str | None] = mapped_column(String(1))
    body_part: Mapped[str | None] = mapped_column(String(16))
    format: Mapped[str] = mapped_column(String(8))
    notes: Mapped[tuple[Note, ...]] = mapped_column(Notes)
    probability: Mapped[float | None]
    refusals: Mapped[tuple[Refusal, ...]] = mapped_column("reason", Refusals)
    heat: Mapped[bool]
    window_low: Mapped[float | None]
    window_high: Mapped[float | None]
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class StoredReading(Base):
    """What was read of a study: one row at most, whatever happens.

    Attributes:
        content: as ``osteon.clinic.store.studies.readings`` writes it.
    """

    __tablename__ = "readings"

    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Opinion(Base):
    """What a reader thinks of a reading; kept for later study.

    Attributes:
        author: name of the user.
        bundle: whose reading it is about.
        call: the author's own call, a value of ``Call``; None where they gave none.
        changed: when the note or the own call was last changed.
        signed: when the author signed it as it stands; None where they have not.
    """

    __tablename__ = "opinions"

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(200))
    agrees: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Moment)
    bundle: Mapped[str] = mapped_column(String(200))
    call: Mapped[str | None] = mapped_column(String(16), default=None)
    changed: Mapped[datetime | None] = mapped_column(Moment, default=None)
    signed: Mapped[datetime | None] = mapped_column(Moment, default=None)


class Job(Base):
    """An upload that is answered later.

    Attributes:
        failures: files that were refused at once: ``position`` in the upload, and ``problem``.
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created: Mapped[datetime] = mapped_column(Moment, index=True)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class JobStudy(Base):
    """A study of a job.

    Attributes:
        position: of the study in the job.
        files: pairs of the position of a file in the study and its position in the upload.
    """

    __tablename__ = "job_studies"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    study_id: Mapped[str] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int]
    files: Mapped[list[Any]] = mapped_column(JSON)


class Fact(Base):
    """Something that the store knows of itself, by name."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
