"""Reports of readers: from what somebody says and draws of a study to snapshots, and from these into the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from osteon.clinic.marks.measure import MarkKind
from osteon.clinic.store.pacs import planning
from osteon.clinic.store.studies import marks
from osteon.clinic.store.studies.studies import content as reading_of
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.marks import Mark
from osteon.clinic.store.tables.pacs import READER_REPORT, Delivery, DeliveryState
from osteon.clinic.store.tables.reports import ReaderReport, ReportDraft
from osteon.clinic.store.tables.studies import Opinion, Study

REPORTS: Final = ("sr", "text-sr")
"""Forms of the AI's own reports, of which a reader's names one; the first that was made."""

_OPEN: Final = (DeliveryState.WAITING, DeliveryState.STUCK)
_FRACTURE: Final = "fracture"
_AHEAD: Final = timedelta(hours=1)
_AT_ONCE: Final = 100
_LATE: Final = 1000
"""Numbers below the highest that is planned among which one may have been committed later than it."""

Content = dict[str, Any]


def touch(session: Session, study: str, author: str, moment: datetime) -> None:
    """Say that a reader has said or drawn something of a study, or has taken it back."""
    dialect = session.get_bind().dialect.name
    add = postgresql.insert(ReportDraft) if dialect == "postgresql" else sqlite.insert(ReportDraft)
    values = {"study_id": study, "author": author, "changed": moment}
    keys = ["study_id", "author"]
    session.execute(add.values(values).on_conflict_do_update(index_elements=keys, set_={"changed": moment}))


def settle(session: Session, quiet: timedelta) -> int:
    """Make snapshots of what readers have let go of; returns how many there are anew.

    A draft waits while the AI's own report is still to be made, which the reader's names.

    Args:
        session: a transaction.
        quiet: for so long a reader must not have changed anything.
    """
    moment = now()
    # One of a clock that was ahead would wait until it had caught up.
    let_go = or_(ReportDraft.changed <= moment - quiet, ReportDraft.changed > moment + _AHEAD)
    own = and_(Delivery.study_id == ReportDraft.study_id, Delivery.form.in_(REPORTS))
    made = select(Delivery.id).where(own, Delivery.digest.is_not(None)).exists()
    coming = select(Delivery.id).where(own, Delivery.digest.is_(None), Delivery.state.in_(_OPEN)).exists()
    # Whoever takes a draft away makes the snapshot: several threads come here.
    gone = delete(ReportDraft).where(let_go, or_(made, ~coming)).returning(ReportDraft)
    drafts = session.scalars(gone, execution_options={"synchronize_session": False}).all()
    taken = [(draft.study_id, draft.author, min(draft.changed, moment)) for draft in drafts]
    return sum(_snapshot(session, *draft) for draft in taken)


def _snapshot(session: Session, study_id: str, author: str, given: datetime) -> bool:
    study = session.get(Study, study_id)
    if study is None:
        return False
    last = _last(session, study, author)
    opinion = _opinion(session, study_id, author)
    content = _content(session, study, author, opinion)
    signed = opinion is not None and opinion.signed is not None
    if content is None:
        # Who takes everything back has to be heard by those who were told of it.
        if last is None or last.study_id != study_id or last.content["withdrawn"]:
            return False
        content = {"agrees": None, "call": None, "note": "", "withdrawn": True, "places": []}
    same = last is not None and (last.study_id, last.content, last.signed) == (study_id, content, signed)
    if same:
        return False
    before = None if last is None else last.id
    session.add(
        ReaderReport(study_id=study_id, author=author, given=given, content=content, signed=signed, before=before)
    )
    session.flush()
    return True


def _last(session: Session, study: Study, author: str) -> ReaderReport | None:
    """What this reader said last of this version or an earlier one."""
    versions = select(Study.id).where(Study.examination == study.examination, Study.version <= study.version)
    query = select(ReaderReport).where(ReaderReport.study_id.in_(versions), ReaderReport.author == author)
    return session.scalars(query.order_by(ReaderReport.id.desc()).limit(1)).first()


def _opinion(session: Session, study: str, author: str) -> Opinion | None:
    query = select(Opinion).where(Opinion.study_id == study, Opinion.author == author)
    return session.scalars(query.order_by(Opinion.id.desc()).limit(1)).first()


def _content(session: Session, study: Study, author: str, opinion: Opinion | None) -> Content | None:
    """All that a reader says of a study now; None where that is nothing."""
    reading = reading_of(session, study.id) or {}
    drawn = [one for one in marks.of_study(session, study) if one.mark.author == author]
    places = [place for one in drawn if (place := _place(one.mark, one.image, reading)) is not None]
    if opinion is None and not places:
        return None
    return {
        "agrees": None if opinion is None else opinion.agrees,
        "call": None if opinion is None else opinion.call,
        "note": "" if opinion is None else opinion.note,
        "withdrawn": False,
        "places": places,
    }


def _place(mark: Mark, image: int, reading: Content) -> Content | None:
    """A place that a reader accepts, rejects or adds; None for measurements."""
    if mark.kind not in (MarkKind.BOX, MarkKind.VERDICT):
        return None
    (x0, y0), (x1, y1) = mark.points
    box = [x0, y0, x1, y1]
    labels = reading.get("finding_labels") or [_FRACTURE]
    place = {"image": image, "box": box, "label": mark.label or labels[0], "present": True, "finding": None}
    if mark.kind == MarkKind.VERDICT:
        findings = enumerate(reading.get("findings", []))
        same = (image, mark.label, box)
        spoken = (at for at, one in findings if (one["image"], one["label"], list(one["box"])) == same)
        place |= {"present": bool(mark.accepted), "finding": next(spoken, None)}
    return place


def plan(session: Session, destination: str, since: datetime, *, signed: bool) -> int:
    """Put reports of readers into the outbox; returns how many.

    Args:
        session: a transaction.
        destination: its name.
        since: what was said before is left alone.
        signed: whether it wants signed reports, and no others.
    """
    own = (Delivery.destination == destination, Delivery.form == READER_REPORT)
    highest = session.scalar(select(func.max(Delivery.part)).where(*own)) or 0
    there = select(Delivery.id).where(
        Delivery.study_id == ReaderReport.study_id, *own, Delivery.part == ReaderReport.id
    )
    late = ReaderReport.id > max(0, highest - _LATE)
    query = select(ReaderReport).where(late, ReaderReport.given >= since, ~there.exists()).order_by(ReaderReport.id)
    reports = session.scalars(query.limit(_AT_ONCE)).all()
    without = planning.of_pictures(session, {report.study_id for report in reports})
    moment = now()

    def wanted(report: ReaderReport) -> bool:
        return report.study_id not in without and (report.signed or not signed)

    rows = [
        {
            "study_id": report.study_id,
            "destination": destination,
            "form": READER_REPORT,
            "part": report.id,
            "state": DeliveryState.WAITING if wanted(report) else DeliveryState.UNWANTED,
            "attempts": 0,
            "created": moment,
            "due": moment,
        }
        for report in reports
    ]
    if rows:
        session.execute(insert(Delivery), rows)
    return len(rows)


def counted(session: Session) -> dict[str, int]:
    """Reports of readers: *pending* until their reader has let go of them, *made* or *to make*."""
    pending = session.scalar(select(func.count()).select_from(ReportDraft)) or 0
    rows = session.execute(select(ReaderReport.digest.is_(None), func.count()).group_by(ReaderReport.digest.is_(None)))
    counts = {bool(empty): count for empty, count in rows}
    return {"pending": pending, "to make": counts.get(True, 0), "made": counts.get(False, 0)}


def chain(session: Session, number: int) -> Sequence[ReaderReport]:
    """A report, and before it those that it takes the place of and that are not made yet, the first one first."""
    found: list[ReaderReport] = []
    following: int | None = number
    while following is not None and (report := session.get(ReaderReport, following)) is not None:
        if found and report.digest is not None:
            break
        found.append(report)
        following = report.before
    return found[::-1]
