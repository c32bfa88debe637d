"""The outbox: which object goes to which destination, and how far it has come.

An object is leased to who sends it, so that the sender may be a process of its own. It is sent at least once, always as the
same bytes, until its destination has committed itself to it, or has accepted it where no commitment is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from osteon.clinic.store.faults import Fault
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState
from osteon.clinic.store.tables.studies import Fact, Study

LEASE: Final = timedelta(minutes=10)
"""For so long an object belongs to who took it; no batch takes a tenth of it."""

_FACT: Final = "destinations"
_ASKED: Final = (DeliveryState.SENT, DeliveryState.STUCK)


@dataclass(frozen=True, slots=True)
class Parcel:
    """An object on its way.

    Attributes:
        id: of its row.
        study: that it is of.
        destination: its name in the settings.
        form: the output format that makes it.
        part: of several files that the format writes, from 0.
        digest: of its bytes; empty until they are made.
        sop_class: of the object.
        instance: its SOPInstanceUID.
        attempts: that failed, since the last success.
    """

    id: int
    study: str
    destination: str
    form: str
    part: int
    digest: str
    sop_class: str
    instance: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Made:
    """An object that was made.

    Attributes:
        digest: of its bytes, which lie in the store.
        sop_class: of the object.
        instance: its SOPInstanceUID.
    """

    digest: str
    sop_class: str
    instance: str


Fits = Callable[[Made], bool]
"""Whether an object that was made has the form that a destination wants."""


def anything(_made: Made) -> bool:
    """Objects of one form only fit everybody."""
    return True


def introduce(session: Session, destination: str) -> datetime:
    """Since when a destination is known: studies that were read before it was are not sent to it."""
    fact = session.get(Fact, _FACT)
    if fact is None:
        fact = Fact(name=_FACT, content={})
        session.add(fact)
    if destination not in fact.content or datetime.fromisoformat(fact.content[destination]) > now():  # it was ahead
        fact.content = {**fact.content, destination: now().isoformat()}
    return datetime.fromisoformat(fact.content[destination])


def take(session: Session, destination: str, owner: str, most: int) -> list[Parcel]:
    """Lease what is due for a destination, the oldest first."""
    return _lease(session, destination, (DeliveryState.WAITING, DeliveryState.STUCK), owner, most)


def overdue(session: Session, destination: str, owner: str, most: int) -> list[Parcel]:
    """Lease what a destination has accepted and has not committed itself to in time."""
    return _lease(session, destination, (DeliveryState.SENT,), owner, most)


def _lease(session: Session, destination: str, states: Sequence[DeliveryState], owner: str, most: int) -> list[Parcel]:
    moment = now()
    due = and_(
        Delivery.destination == destination,
        Delivery.state.in_(states),
        Delivery.due <= moment,
        or_(Delivery.leased_until.is_(None), Delivery.leased_until < moment),
    )
    oldest = select(Delivery.id).where(due).order_by(Delivery.due, Delivery.id).limit(most)
    statement = (
        update(Delivery)
        .where(Delivery.id.in_(oldest.with_for_update(skip_locked=True)), due)
        .values(lease_owner=owner, leased_until=moment + LEASE)
        .returning(Delivery)
        .execution_options(synchronize_session=False)
    )
    return sorted((_parcel(row) for row in session.scalars(statement)), key=lambda parcel: parcel.id)


def made_before(session: Session, study: str, form: str, fits: Fits = anything) -> list[Made]:
    """The objects of a study in a format that were made before: they are the same for all destinations for which they fit."""
    rows = session.scalars(
        select(Delivery)
        .where(Delivery.study_id == study, Delivery.form == form, Delivery.digest.is_not(None))
        .order_by(Delivery.part, Delivery.id)
    )
    found: dict[int, Made] = {}
    for row in rows:
        if row.part not in found and fits(made := _made(row)):
            found[row.part] = made
    return [found[part] for part in sorted(found)]


def of_earlier_versions(session: Session, study: Study, form: str, fits: Fits = anything) -> list[Made]:
    """The objects in a format that were made of the versions before this one and fit, the first one first."""
    rows = session.scalars(
        select(Delivery)
        .join(Study, Study.id == Delivery.study_id)
        .where(Study.examination == study.examination, Study.version < study.version)
        .where(Delivery.form == form, Delivery.digest.is_not(None))
        .order_by(Study.version, Delivery.part, Delivery.id)
    )
    found = {str(row.instance): _made(row) for row in rows}
    return [made for made in found.values() if fits(made)]


def _made(row: Delivery) -> Made:
    return Made(row.digest or "", row.sop_class or "", row.instance or "")


def keep(session: Session, parcel: Parcel, objects: Sequence[Made]) -> list[Parcel]:
    """Say what was made for a parcel; further objects get rows of their own, and none makes it unwanted.

    Returns:
        The parcels with their objects, leased to the same owner.
    """
    row = session.get(Delivery, parcel.id)
    if row is None:
        return []
    if not objects:
        _settle(row, DeliveryState.UNWANTED)
        return []
    rows = [row]
    for part in range(1, len(objects)):
        rows.append(
            Delivery(
                study_id=row.study_id,
                destination=row.destination,
                form=row.form,
                part=part,
                state=row.state,
                attempts=0,
                created=row.created,
                due=row.due,
                lease_owner=row.lease_owner,
                leased_until=row.leased_until,
            )
        )
        session.add(rows[-1])
    for target, made in zip(rows, objects, strict=True):
        target.digest, target.sop_class, target.instance = made.digest, made.sop_class, made.instance or None
    session.flush()
    return [_parcel(target) for target in rows]


def accept(session: Session, parcels: Collection[Parcel], transaction: str | None, again: timedelta) -> None:
    """Say that a destination has accepted objects.

    Args:
        session: a transaction.
        parcels: the objects.
        transaction: under which it is asked to commit itself; None where that is not wanted: then they are done.
        again: when it is asked again.
    """
    moment = now()
    values: dict[str, Any] = {"sent": moment, "attempts": 0, "problem": None, "lease_owner": None, "leased_until": None}
    if transaction is None:
        values |= {"state": DeliveryState.DONE, "settled": moment}
    else:
        values |= {"state": DeliveryState.SENT, "transaction": transaction, "due": moment + again}
    _change(session, [parcel.id for parcel in parcels], values)


def fail(session: Session, parcel: Parcel, problem: Fault, pause: timedelta) -> None:
    """Say that an object could not be made or sent, and when that is tried again."""
    values = {
        "attempts": parcel.attempts + 1,
        "problem": problem,
        "due": now() + pause,
        "lease_owner": None,
        "leased_until": None,
    }
    _change(session, [parcel.id], values)


def report(session: Session, transaction: str, done: Collection[str], failed: Mapping[str, Fault]) -> dict[str, int]:
    """Take in what a destination reports of its commitment.

    Args:
        session: a transaction of the database.
        transaction: that it answers to.
        done: SOPInstanceUIDs to which it has committed itself.
        failed: why it has not, of others: they are sent again.

    Returns:
        How many objects of each destination are done now.
    """
    rows = session.scalars(
        select(Delivery).where(Delivery.transaction == transaction, Delivery.state.in_(_ASKED))
    ).all()
    counts: dict[str, int] = {}
    for row in rows:
        if row.instance in done:
            _settle(row, DeliveryState.DONE)
            counts[row.destination] = counts.get(row.destination, 0) + 1
        elif row.instance is not None and row.instance in failed:
            row.state, row.problem, row.attempts = DeliveryState.WAITING, failed[row.instance], row.attempts + 1
            row.due, row.transaction = now() + timedelta(minutes=min(30, 2**row.attempts)), None
    return counts


def mark_stuck(session: Session, destination: str, before: datetime) -> int:
    """Mark what could not be delivered since a moment; returns how many there are anew."""
    late = update(Delivery).where(
        Delivery.destination == destination,
        Delivery.state.in_((DeliveryState.WAITING, DeliveryState.SENT)),
        Delivery.created < before,
    )
    return len(session.scalars(late.values(state=DeliveryState.STUCK).returning(Delivery.id)).all())


def free(session: Session, destinations: Collection[str], but: str) -> None:
    """End the leases of processes that are gone: there is one process to a store."""
    session.execute(
        update(Delivery)
        .where(Delivery.destination.in_(destinations), Delivery.lease_owner.is_not(None), Delivery.lease_owner != but)
        .values(lease_owner=None, leased_until=None)
    )


def _change(session: Session, ids: Sequence[int], values: dict[str, Any]) -> None:
    """Change rows that are still on their way; what somebody holds back meanwhile stays held back."""
    if "state" in values:
        held = Delivery.state != DeliveryState.HELD
        session.execute(update(Delivery).where(Delivery.id.in_(ids), held).values(values))
    else:
        session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(values))


def _settle(row: Delivery, state: DeliveryState) -> None:
    row.state, row.settled, row.problem = state, now(), None
    row.lease_owner = row.leased_until = None


def _parcel(row: Delivery) -> Parcel:
    made = (row.digest or "", row.sop_class or "", row.instance or "")
    return Parcel(row.id, row.study_id, row.destination, row.form, row.part, *made, row.attempts)
