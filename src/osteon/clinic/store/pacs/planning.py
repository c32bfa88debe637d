"""From studies that were read into the outbox: which of them each destination wants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import READER_REPORT, Delivery, DeliveryState
from osteon.clinic.store.tables.studies import Original, State, Study
from osteon.core.labels import Call
from osteon.imaging.sniff import Kind

POSITIVES: Final = (Call.FRACTURE.value, Call.DOUBT.value)
"""Calls that a destination wants which wants positives only."""

_AT_ONCE: Final = 100


def plan(
    session: Session,
    destination: str,
    outputs: Sequence[str],
    since: datetime,
    calls: Collection[str] | None = None,
    *,
    pictures: bool = False,
) -> int:
    """Put what a destination wants of the studies that were read into the outbox; returns how many studies there were.

    Args:
        session: a transaction.
        destination: its name.
        outputs: names of output formats.
        since: studies that were read before are left alone.
        calls: those of the studies that it wants; None for all studies.
        pictures: whether it wants studies of pictures, too, of which no DICOM object can be made.
    """
    own = (Delivery.destination == destination, Delivery.form != READER_REPORT)
    there = select(Delivery.id).where(Delivery.study_id == Study.id, *own).exists()
    query = select(Study).where(Study.state == State.DONE, Study.read >= since, ~there).order_by(Study.read)
    studies = session.scalars(query.limit(_AT_ONCE)).all()
    moment = now()
    without = set[str]() if pictures else of_pictures(session, [study.id for study in studies])
    rows: list[dict[str, Any]] = []
    for study in studies:
        # A version that was replaced before anything was made of it is not told of any more.
        wanted = study.newer is None and study.id not in without and (calls is None or study.call in calls)
        state = DeliveryState.WAITING if wanted else DeliveryState.UNWANTED
        common = {"study_id": study.id, "destination": destination, "created": moment, "due": moment}
        forms = outputs if wanted else ("",)
        rows += [{**common, "form": form, "part": 0, "state": state, "attempts": 0} for form in forms]
    if rows:
        session.execute(insert(Delivery), rows)
    return len(studies)


def of_pictures(session: Session, studies: Collection[str]) -> set[str]:
    """Those of these studies that have an image which is no DICOM object: nothing can refer to it."""
    if not studies:
        return set()
    query = select(Original.study_id).where(Original.study_id.in_(studies), Original.format != Kind.DICOM.value)
    return set(session.scalars(query))
