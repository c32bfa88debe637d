"""What a clock that was ahead has put off: once it is right again, deliveries would wait until it had caught up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from osteon.clinic.store.pacs.outbox import LEASE
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState

_OPEN = (DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.STUCK)


def bring_back(session: Session, destination: str, longest: timedelta) -> int:
    """Make due what is put off for longer than anything is; returns how many objects that were.

    Args:
        session: a transaction.
        destination: its name.
        longest: for so long an object is put off at most.
    """
    moment = now()
    own = (Delivery.destination == destination, Delivery.state.in_(_OPEN))
    late = or_(Delivery.due > moment + longest, Delivery.created > moment + longest)
    values = {"due": moment, "created": moment, "lease_owner": None, "leased_until": None}
    found = session.scalars(update(Delivery).where(*own, late).values(values).returning(Delivery.id)).all()
    leased = Delivery.leased_until > moment + 2 * LEASE
    session.execute(update(Delivery).where(*own, leased).values(lease_owner=None, leased_until=None))
    return len(found)
