"""Receipts of instances, and the list of those in the quarantine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from osteon.clinic.store.incoming import Entry
from osteon.clinic.store.tables.pacs import Delivery, HeldInstance, Reason, Receipt
from osteon.clinic.store.tables.studies import Original, State, Study


def record(session: Session, studies: Mapping[str, Sequence[Entry]]) -> None:
    """Say which study has which instances; one that was recorded before counts once."""
    rows = [
        {"file": entry.name, "peer": entry.sender, "received": moment(entry), "study_id": study}
        for study, entries in studies.items()
        for entry in entries
    ]
    if rows:
        session.execute(_unless_there(session, Receipt, rows))


def record_known(session: Session, study: str, entries: Sequence[Entry]) -> None:
    """Say the same of instances that the study had already.

    One that is sent again counts once; but a process may have been killed before it could say that it came.
    """
    examination = select(Study.examination).where(Study.id == study).scalar_subquery()
    versions = select(Study.id).where(Study.examination == examination)
    for entry in sorted(entries, key=lambda entry: entry.received):
        counted = session.scalar(select(func.count()).select_from(Receipt).where(Receipt.study_id.in_(versions)))
        has = session.scalar(select(func.count(Original.instance.distinct())).where(Original.study_id.in_(versions)))
        if (counted or 0) < (has or 0):
            record(session, {study: [entry]})


def hold(session: Session, entry: Entry, reason: Reason, uid: str, instance: str) -> None:
    """Say that an instance is held back."""
    row = {
        "file": entry.name,
        "peer": entry.sender,
        "received": moment(entry),
        "reason": reason,
        "uid": uid[:64],
        "instance": instance[:64],
    }
    session.execute(_unless_there(session, HeldInstance, [row]))


def held(
    session: Session, limit: int, before: int | None = None, *, peer: str = "", reason: Reason | None = None
) -> Sequence[HeldInstance]:
    """Instances in the quarantine, the newest first.

    Args:
        session: of the store.
        limit: how many.
        before: the id of the last one that was seen.
        peer: of this peer alone.
        reason: for this reason alone.
    """
    wanted = [] if before is None else [HeldInstance.id < before]
    wanted += [HeldInstance.peer == peer] if peer else []
    wanted += [] if reason is None else [HeldInstance.reason == reason]
    return session.scalars(select(HeldInstance).where(*wanted).order_by(HeldInstance.id.desc()).limit(limit)).all()


def let_go(session: Session, row: int) -> str | None:
    """Take an instance off the list; returns its file, None where there is none."""
    return session.scalar(delete(HeldInstance).where(HeldInstance.id == row).returning(HeldInstance.file))


def forget_missing(session: Session, files: Collection[str]) -> None:
    """Forget instances of the quarantine that do not lie there: their process was killed before they did."""
    session.execute(delete(HeldInstance).where(HeldInstance.file.not_in(files)))


def digests(session: Session, instance: str) -> set[str]:
    """The digests of the files that hold a SOPInstanceUID."""
    return set(session.scalars(select(Original.digest).where(Original.instance == instance)))


def own_results(session: Session, instance: str) -> set[str]:
    """The digests of results of this store that have a SOPInstanceUID."""
    rows = session.scalars(select(Delivery.digest).where(Delivery.instance == instance, Delivery.digest.is_not(None)))
    return {str(digest) for digest in rows}


def present(session: Session, instances: Iterable[str]) -> dict[str, str]:
    """The SOP class of each of these instances that a study has."""
    wanted = list(instances)
    rows = session.execute(select(Original.instance, Original.sop_class).where(Original.instance.in_(wanted)))
    return {str(instance): sop_class or "" for instance, sop_class in rows}


def held_of(session: Session, instances: Collection[str]) -> set[str]:
    """Those of these instances that are held back."""
    return set(session.scalars(select(HeldInstance.instance).where(HeldInstance.instance.in_(instances))))


def counted(session: Session) -> dict[str, dict[str, int]]:
    """How many instances each peer's studies got, how many of them are read, and how many are held back."""
    found: dict[str, dict[str, int]] = {}
    query = select(Receipt.peer, Study.state, func.count()).join(Study, Study.id == Receipt.study_id)
    for peer, state, count in session.execute(query.group_by(Receipt.peer, Study.state)):
        numbers = found.setdefault(peer, {})
        numbers["received"] = numbers.get("received", 0) + count
        if state in (State.DONE, State.FAILED):
            numbers["read"] = numbers.get("read", 0) + count
    held_rows = select(HeldInstance.peer, func.count()).group_by(HeldInstance.peer)
    for peer, count in session.execute(held_rows):
        found.setdefault(peer, {})["quarantined"] = count
    return found


def moment(entry: Entry) -> datetime:
    """When an instance came."""
    return datetime.fromtimestamp(entry.received / 1e9, UTC)


def _unless_there(session: Session, table: Any, rows: Sequence[Mapping[str, Any]]) -> Any:
    dialect = session.get_bind().dialect.name
    add = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return add.on_conflict_do_nothing(index_elements=["file"]).values(list(rows))
