"""Rows of the store as responses of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from sqlalchemy.orm import Session

from osteon.clinic.patients.ages import coarse, months
from osteon.clinic.reading.radiographs import blank
from osteon.clinic.server.beside import Beside, about, identifiers, warnings
from osteon.clinic.server.problems import document
from osteon.clinic.server.schemas.coded import CodedNote, CodedRefusal
from osteon.clinic.server.schemas.jobs import Job
from osteon.clinic.server.schemas.opinions import Opinion
from osteon.clinic.server.schemas.problem import Failure, Problem
from osteon.clinic.server.schemas.studies import (
    Finding,
    FullStudy,
    Image,
    Reading,
    Study,
    StudyFile,
    Version,
    Window,
)
from osteon.clinic.store.faults import Fault, restore
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies import versions
from osteon.clinic.store.studies.jobs import Failed, Progress
from osteon.clinic.store.studies.readings import restore as restore_reading
from osteon.clinic.store.tables import studies as tables
from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal
from osteon.core.records import Finding as Found
from osteon.core.wording.notes import note_sentence
from osteon.core.wording.readings import note_sentences
from osteon.core.wording.refusals import reason
from osteon.outputs import FORMATS
from osteon.outputs.formats.json import records

Row = tables.Study


def problem(fault: Fault) -> Problem:
    """A kept error as a problem document."""
    return cast("Problem", document(restore(fault)))


def worklist(session: Session, rows: Sequence[Row], *, identified: bool = False) -> list[Study]:
    """Studies for the worklist, in order.

    Args:
        session: to ask for what belongs to them.
        rows: of the studies.
        identified: whether what names the patient may be told.
    """
    beside = about(session, rows, identified=identified)
    return [Study.model_validate(_fields(row, beside)) for row in rows]


def full(session: Session, row: Row, *, identified: bool = False) -> FullStudy:
    """A study with its images and its reading; ``identified`` as for ``worklist``."""
    beside = about(session, [row], identified=identified)
    images = store.images(session, row.id)
    content = store.content(session, row.id)
    return FullStudy.model_validate(
        {
            **_fields(row, beside),
            "images": [image(one) for one in images],
            "reading": None if content is None else reading(content, images),
            "files": [file(one, identified=identified) for one in store.originals(session, row.id)],
            "versions": [version(one) for one in versions.versions(session, row.examination)],
            "silent": [] if content is None else silent(content),
        }
    )


def version(row: Row) -> Version:
    """A version of a result."""
    return Version.model_validate({name: getattr(row, name) for name in Version.model_fields})


def file(row: tables.Original, *, identified: bool) -> StudyFile:
    """A file of a study."""
    return StudyFile.model_validate(
        {
            "index": row.position,
            "name": row.name if identified else None,
            "format": row.format,
            "size": row.size,
            "problem": None if row.problem is None else problem(row.problem),
        }
    )


def silent(content: dict[str, Any]) -> list[str]:
    """The output formats that have nothing to say of a kept reading."""
    kept = restore_reading(content)
    return [form.name for form in FORMATS if not form.speaks(kept)]


def reading(content: dict[str, Any], images: Sequence[tables.Image]) -> Reading:
    """A kept reading."""
    said = restore_reading(content, blank(content["study"], images))
    return Reading(
        call=said.call,
        reason=said.reason,
        refusals=[coded(refusal) for refusal in said.refusals],
        probability=said.probability,
        doubt=said.doubt,
        definite=said.definite,
        probabilities=dict(said.probabilities),
        labels=list(said.finding_labels),
        findings=[finding(one) for one in said.findings],
        notes=list(note_sentences(said)),
        coded_notes=[coded_note(note) for note in said.notes],
        milliseconds=dict(said.milliseconds),
        bundle=said.bundle,
        records=records(said),
    )


def coded(refusal: Refusal) -> CodedRefusal:
    """A refusal as code and values."""
    return CodedRefusal.model_validate(refusal.to_json())


def coded_note(note: Note) -> CodedNote:
    """A note as code, values and images."""
    return CodedNote.model_validate(note.to_json())


def finding(one: Found) -> Finding:
    """A box."""
    corners = one.box.x0, one.box.y0, one.box.x1, one.box.y1
    return Finding(label=one.label, box=corners, score=one.score, image=one.image, definite=one.definite)


def image(row: tables.Image) -> Image:
    """A radiograph of a study."""
    spacing = None if row.row_spacing is None or row.column_spacing is None else (row.row_spacing, row.column_spacing)
    window = None
    if row.window_low is not None and row.window_high is not None:
        full = 255 if row.bits <= 8 else 65535
        window = Window(low=row.window_low * full, high=row.window_high * full)
    return Image.model_validate(
        {
            "index": row.position,
            "file": row.original,
            "rows": row.rows,
            "columns": row.columns,
            "spacing": spacing,
            "bits": row.bits,
            "view": row.view,
            "laterality": row.laterality,
            "body_part": row.body_part,
            "format": row.format,
            "notes": [note_sentence(note) for note in row.notes],
            "coded_notes": [coded_note(note) for note in row.notes],
            "probability": row.probability,
            "read": row.probability is not None,
            "reason": reason(row.refusals),
            "refusals": [coded(refusal) for refusal in row.refusals],
            "heat": row.heat,
            "window": window,
        }
    )


def failure(failed: Failed, name: Callable[[int], str]) -> Failure:
    """A file that could not be read; ``name`` gives the name of the file at a position of the upload."""
    return Failure(
        source=name(failed.position), index=failed.position, study=failed.study, problem=problem(failed.fault)
    )


def job(progress: Progress, name: Callable[[int], str]) -> Job:
    """Where a job is; ``name`` as for ``failure``."""
    return Job(
        id=progress.id,
        state=progress.state,
        done=progress.done,
        total=progress.total,
        studies=list(progress.studies),
        failures=[failure(one, name) for one in progress.failures],
    )


def unnamed(position: int) -> str:
    """What a file is called when its name is no longer known."""
    return f"file {position + 1}"


def _fields(row: Row, beside: Beside) -> dict[str, Any]:
    opinion, earlier = beside.opinions.get(row.id), beside.earlier.get(row.id)
    previous = beside.previous.get(row.id)
    return {
        "id": row.id,
        "state": row.state,
        "received": row.received,
        "read": row.read,
        "pseudonym": row.pseudonym,
        "age": coarse(row.age),
        "age_months": months(row.age),
        "sex": row.sex,
        "body_part": row.body_part,
        "view_count": row.view_count,
        "call": row.call,
        "probability": row.probability,
        "reason": reason(row.refusals),
        "refusals": [coded(refusal) for refusal in row.refusals],
        "problem": None if row.problem is None else problem(row.problem),
        "opinion": None if opinion is None else Opinion.model_validate(opinion),
        "bundle": row.bundle,
        "examination": row.examination,
        "version": row.version,
        "newer": row.newer,
        "previous": None if previous is None else version(previous),
        "cause": row.cause,
        "earlier_opinion": None if earlier is None else Opinion.model_validate(earlier),
        "label": row.label,
        "urgency": row.urgency,
        "warnings": warnings(row, beside),
        "identifiers": identifiers(row, beside) if beside.identified else None,
    }
