"""Opinions and marks in words and in tables, for reports and exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from osteon.clinic.marks.measure import MarkKind, Value
from osteon.clinic.store.studies import marks as store
from osteon.clinic.store.studies import studies, versions
from osteon.clinic.store.studies.marks import Measured
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.studies import Opinion, Study
from osteon.core.labels import Call
from osteon.outputs.result import People
from osteon.outputs.words import CALLS

COLUMNS: Final = (
    "study",
    "pseudonym",
    "bundle",
    "network_call",
    "network_probability",
    "type",
    "author",
    "created",
    "changed",
    "agrees",
    "own_call",
    "note",
    "image",
    "label",
    "accepted",
    "points",
    "value",
    "unit",
    "calibrated",
    "millimetres",
)
"""Of an export; ``type`` is *opinion* or the kind of a mark, and what does not apply to it is empty."""

AGREED: Final = {True: "agreed", False: "disagreed"}
ABSTAINED: Final = {True: "agreed that it abstained", False: "disagreed that it abstained"}


def people(session: Session, study: Study) -> People:
    """What people said of a study and of earlier versions of it, for its report."""
    said: list[str] = []
    for version in versions.versions(session, study.examination):
        if version.version > study.version:
            break
        of = f"of version {version.version}, " if version.id != study.id else ""
        call = None if version.call is None else Call(version.call)
        said += [f"{of}{opinion_line(opinion, call)}" for opinion in studies.opinions(session, version.id)]
    images = len(studies.images(session, study.id))
    marks = tuple(mark_line(measured, images) for measured in store.of_study(session, study))
    return People(tuple(said), marks, _summary(studies.opinions(session, study.id), study.call))


def opinion_line(opinion: Opinion, call: Call | None) -> str:
    """An opinion in one line."""
    words = (ABSTAINED if call is Call.ABSTAIN else AGREED)[opinion.agrees]
    own = "" if opinion.call is None else f" Own call: {CALLS[Call(opinion.call)]}."
    note = f" Note: {opinion.note}" if opinion.note else ""
    return f"{_moment(opinion.created)}, {opinion.author}: {words}.{own}{note}"


def _summary(opinions: Sequence[Opinion], call: str | None) -> str:
    """What each person thought last, in one sentence."""
    words = ABSTAINED if call == Call.ABSTAIN else AGREED
    latest = {opinion.author: opinion for opinion in opinions}
    parts = [
        f"{author} {words[opinion.agrees]}"
        + (f" (own call: {CALLS[Call(opinion.call)]})" if opinion.call is not None else "")
        for author, opinion in latest.items()
    ]
    return f"Readers: {'; '.join(parts)}." if parts else ""


def mark_line(measured: Measured, images: int) -> str:
    """A mark in one line; ``images`` is how many the study has."""
    mark = measured.mark
    where = f" on image {measured.image + 1}" if images > 1 else ""
    return f"{_mark_words(mark, measured.value)}{where}, {mark.author}"


def value_words(value: Value) -> str:
    """A measured value with its unit."""
    if value.unit == "degrees":
        return f"{value.number:.1f}°"
    if value.unit == "px":
        return f"{value.number:.0f} px (the file states no scale)"
    return f"{value.number:.1f} mm{' (calibrated by hand)' if value.calibrated else ''}"


def rows(session: Session, study: Study) -> Iterator[dict[str, Any]]:
    """The opinions and marks of a study as rows of ``COLUMNS``."""
    about = {
        "study": study.id,
        "pseudonym": study.pseudonym,
        "network_call": study.call,
        "network_probability": study.probability,
    }
    empty = dict.fromkeys(COLUMNS)
    for opinion in studies.opinions(session, study.id):
        yield empty | about | _opinion_row(opinion)
    for measured in store.of_study(session, study, earlier=False):
        yield empty | about | _mark_row(measured)


def annotated(session: Session, after: str, limit: int) -> Sequence[Study]:
    """Studies that somebody gave an opinion on or drew on, in the order of their identifiers."""
    said = select(Opinion.study_id).union(select(Mark.study_id))
    query = select(Study).where(Study.id > after, Study.id.in_(said)).order_by(Study.id).limit(limit)
    return session.scalars(query).all()


def table(found: Iterable[dict[str, Any]]) -> str:
    """Rows as CSV with a heading."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in found:
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return stream.getvalue()


def _cell(value: Any) -> Any:
    """A cell of a table; a text that a spreadsheet would take for a formula is quoted (OWASP, *CSV injection*)."""
    if isinstance(value, list):
        return "; ".join(f"{x:g} {y:g}" for x, y in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"}:
        return f"'{value}"
    return value


def _opinion_row(opinion: Opinion) -> dict[str, Any]:
    return {
        "bundle": opinion.bundle,
        "type": "opinion",
        "author": opinion.author,
        "created": opinion.created.isoformat(),
        "changed": opinion.changed and opinion.changed.isoformat(),
        "agrees": opinion.agrees,
        "own_call": opinion.call,
        "note": opinion.note,
    }


def _mark_row(measured: Measured) -> dict[str, Any]:
    mark, value = measured.mark, measured.value
    return {
        "bundle": mark.bundle,
        "type": mark.kind,
        "author": mark.author,
        "created": mark.created.isoformat(),
        "changed": mark.changed and mark.changed.isoformat(),
        "image": measured.image,
        "label": mark.label or None,
        "accepted": mark.accepted,
        "points": mark.points,
        "value": value and round(value.number, 4),
        "unit": value and value.unit,
        "calibrated": value and value.calibrated,
        "millimetres": mark.millimetres,
    }


def _mark_words(mark: Mark, value: Value | None) -> str:
    kind = MarkKind(mark.kind)
    if kind is MarkKind.CALIBRATION:
        return f"Scale by hand: a line of {mark.millimetres:g} mm"
    if value is not None:
        name = {MarkKind.LENGTH: "Length", MarkKind.ANGLE: "Angle", MarkKind.COBB: "Cobb angle"}[kind]
        return f"{name} {value_words(value)}"
    (x0, y0), (x1, y1) = mark.points
    extent = f"x {x0:.0f} to {x1:.0f}, y {y0:.0f} to {y1:.0f}"
    if kind is MarkKind.BOX:
        return f"Missed by the network: {mark.label or 'box'} at {extent}"
    return f"Box of the network {'accepted' if mark.accepted else 'rejected'}: {mark.label} at {extent}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
