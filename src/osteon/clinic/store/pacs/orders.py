"""What administrators see of the outbox, and order: to send again, to hold back, to let go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from osteon.clinic.store.faults import Fault
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.pacs import Delivery, DeliveryState

_OPEN = (DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.STUCK)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which objects are meant; what is empty means all.

    Attributes:
        ids: of their rows.
        study: identifier.
        destination: name.
        states: values of ``DeliveryState``.
        form: the output, see ``Delivery``.
    """

    ids: tuple[int, ...] = ()
    study: str = ""
    destination: str = ""
    states: tuple[DeliveryState, ...] = ()
    form: str = ""

    def conditions(self) -> list[Any]:
        """The same for a query."""
        found: list[Any] = []
        found += [Delivery.id.in_(self.ids)] if self.ids else []
        found += [Delivery.study_id == self.study] if self.study else []
        found += [Delivery.destination == self.destination] if self.destination else []
        found += [Delivery.state.in_(self.states)] if self.states else []
        found += [Delivery.form == self.form] if self.form else []
        return found


def resend(session: Session, choice: Choice) -> int:
    """Send objects now, also those that were delivered; returns how many."""
    moment = now()
    values = {"state": DeliveryState.WAITING, "due": moment, "created": moment, "attempts": 0, "transaction": None}
    held = Delivery.state != DeliveryState.UNWANTED
    statement = update(Delivery).where(held, *choice.conditions()).values(values)
    return len(session.scalars(statement.returning(Delivery.id)).all())


def hold(session: Session, choice: Choice) -> int:
    """Hold objects back that are not delivered yet; returns how many."""
    open_ones = Delivery.state.in_((DeliveryState.WAITING, DeliveryState.STUCK))
    statement = update(Delivery).where(open_ones, *choice.conditions()).values(state=DeliveryState.HELD)
    return len(session.scalars(statement.returning(Delivery.id)).all())


def release(session: Session, choice: Choice) -> int:
    """Let objects go that were held back; returns how many."""
    moment = now()
    statement = update(Delivery).where(Delivery.state == DeliveryState.HELD, *choice.conditions())
    values = {"state": DeliveryState.WAITING, "due": moment, "created": moment}
    return len(session.scalars(statement.values(values).returning(Delivery.id)).all())


def page(session: Session, choice: Choice, limit: int, before: int | None = None) -> Sequence[Delivery]:
    """Objects, the newest first; ``before`` is the id of the last one that was seen."""
    wanted = Delivery.state != DeliveryState.UNWANTED
    older = [] if before is None else [Delivery.id < before]
    query = select(Delivery).where(wanted, *older, *choice.conditions()).order_by(Delivery.id.desc())
    return session.scalars(query.limit(limit)).all()


def counted(session: Session) -> dict[str, dict[str, int]]:
    """How many objects of each destination are in each state."""
    rows = session.execute(
        select(Delivery.destination, Delivery.state, func.count())
        .where(Delivery.state != DeliveryState.UNWANTED)
        .group_by(Delivery.destination, Delivery.state)
    )
    found: dict[str, dict[str, int]] = {}
    for destination, state, count in rows:
        found.setdefault(destination, {})[state] = count
    return found


def oldest(session: Session) -> dict[str, datetime]:
    """Since when the oldest object of each destination waits that is neither delivered nor held back."""
    query = select(Delivery.destination, func.min(Delivery.created)).where(Delivery.state.in_(_OPEN))
    return {row[0]: row[1] for row in session.execute(query.group_by(Delivery.destination))}


def problems(session: Session) -> dict[str, Fault]:
    """Why each destination did not take an object that it has not got yet, the latest attempt."""
    failed = select(func.max(Delivery.id)).where(Delivery.state.in_(_OPEN), Delivery.problem.is_not(None))
    rows = session.scalars(select(Delivery).where(Delivery.id.in_(failed.group_by(Delivery.destination))))
    return {row.destination: row.problem for row in rows if row.problem is not None}
