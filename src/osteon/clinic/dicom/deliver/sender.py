"""Delivers results: a thread for each destination and webhook, so that one that is down or slow holds no other up.

All that a thread needs lies in the database and the store: it could be a process of its own.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Final
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.deliver.making import Maker
from osteon.clinic.dicom.deliver.transport import Load, Transport
from osteon.clinic.dicom.deliver.wanted import Wanted
from osteon.clinic.dicom.settings import Dicom
from osteon.clinic.store.database import Database
from osteon.clinic.store.faults import dump
from osteon.clinic.store.files import Files
from osteon.clinic.store.pacs import outbox, put_off
from osteon.clinic.store.pacs.outbox import Parcel
from osteon.clinic.store.tables.base import now
from osteon.core.errors import OsteonError, PeerError

POLL: Final = 2.0
"""Seconds after which a thread looks for studies that were read, where nobody wakes it."""

BATCH: Final = 16
"""Objects that are sent in one association or request."""

_FAULTS: Final = (ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""Unexpected errors of an object or an association: it is tried again, and the others go on."""

_log = logging.getLogger("osteon.clinic.dicom")


class Sender:
    """Delivers to one destination until it is stopped.

    Args:
        name: of the destination.
        wanted: what it wants.
        settings: of the node.
        database: of the store.
        files: of the store.
        maker: makes the objects.
        transport: carries them.
        happened: called for the metrics with the kind of event and the destination.
    """

    def __init__(
        self,
        name: str,
        wanted: Wanted,
        settings: Dicom,
        database: Database,
        files: Files,
        maker: Maker,
        transport: Transport,
        happened: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self.transport = transport
        self._wanted = wanted
        self._settings = settings
        self._database = database
        self._files = files
        self._maker = maker
        self._happened = happened
        self._owner = secrets.token_hex(8)
        self._changed = threading.Condition()
        self._begun = False
        self._woken = False
        self._stopping = False
        self._failures = 0
        self._pause_until = 0.0
        self._thread = threading.Thread(target=self._work, name=f"osteon-deliver-{name}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; leases of processes before this one end."""
        with suppress(SQLAlchemyError):  # as on a full disk: then it is done once there is room
            self._begin()
        self._thread.start()

    def _begin(self) -> None:
        if not self._begun:
            with self._database.session() as session:
                outbox.introduce(session, self.name)
                outbox.free(session, [self.name], self._owner)
            self._begun = True

    def stop(self, timeout: float = 30.0) -> None:
        """End after the batch in hand."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def wake(self, *, at_once: bool = False) -> None:
        """Say that there may be something to deliver; ``at_once`` ends a pause after a failure."""
        with self._changed:
            self._woken = True
            if at_once:
                self._pause_until, self._failures = 0.0, 0
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._woken and not self._stopping:
                    self._changed.wait(POLL)
                if self._stopping:
                    return
                self._woken = False
            try:
                self._begin()
                self._plan()
                if monotonic() >= self._pause_until:
                    self._ask_again()
                    while not self._stopping and monotonic() >= self._pause_until and self._deliver():
                        pass
            except (SQLAlchemyError, OsteonError, OSError) as error:
                # The store cannot be used now; what is to be delivered is in it.
                _log.warning("results wait", extra={"fields": self._fields(error)})
            except _FAULTS as error:
                _log.error("delivery failed: %s", type(error).__name__, exc_info=error)
                self._pause()

    def _plan(self) -> None:
        late = now() - timedelta(hours=self._settings.stuck_hours)
        while True:
            with self._database.session() as session:
                since = outbox.introduce(session, self.name)
                planned = self._wanted.plan(session, since)
            if not planned:
                break
        longest = timedelta(
            minutes=2 * max(self._settings.longest_pause_minutes, self._settings.commitment_minutes, 30)
        )
        with self._database.session() as session:
            put_off.bring_back(session, self.name, longest)
            stuck = outbox.mark_stuck(session, self.name, late)
        if stuck:
            _log.error("results are stuck", extra={"fields": {"destination": self.name, "objects": stuck}})
            self._happened("stuck", self.name)

    def _deliver(self) -> bool:
        """Make and send a batch; whether there may be more."""
        with self._database.session() as session:
            parcels = outbox.take(session, self.name, self._owner, BATCH)
        if not parcels:
            return False
        made = [one for parcel in parcels for one in self._made(parcel)]
        loads = [Load(parcel, self._files.path(parcel.digest)) for parcel in made]
        if not loads:
            return True
        try:
            outcomes = self.transport.send(loads)
        except (OsteonError, OSError) as error:
            self._failed_all(made, error if isinstance(error, OsteonError) else PeerError(_BROKEN))
            return False
        except _FAULTS as error:
            _log.error("delivery failed: %s", type(error).__name__, exc_info=error)
            self._failed_all(made, PeerError(_BROKEN))
            return False
        self._failures = 0
        accepted = [parcel for parcel in made if outcomes.get(parcel.id, _LOST) is None]
        for parcel in made:
            outcome = outcomes.get(parcel.id, _LOST)
            if outcome is not None:
                self._failed(parcel, outcome)
        if accepted:
            self._accepted(accepted)
        return True

    def _made(self, parcel: Parcel) -> list[Parcel]:
        """A parcel with its objects; none where they cannot be made now."""
        if parcel.digest:
            return [parcel]
        try:
            return self._maker.make(parcel)
        except (OsteonError, OSError) as error:
            self._failed(parcel, error if isinstance(error, OsteonError) else PeerError("the object cannot be kept"))
        except _FAULTS as error:
            _log.error("a result cannot be made: %s", type(error).__name__, exc_info=error)
            self._failed(parcel, PeerError("the object cannot be made", got=type(error).__name__))
        return []

    def _accepted(self, parcels: Sequence[Parcel]) -> None:
        transaction = _uid() if self._wanted.commitment else None
        again = timedelta(minutes=self._settings.commitment_minutes)
        with self._database.session() as session:
            # Before it is asked for: the answer may be faster than the next transaction.
            outbox.accept(session, parcels, transaction, again)
        for _ in parcels:
            self._happened("sent", self.name)
        if transaction is not None:
            self._ask(parcels, transaction)

    def _ask(self, parcels: Sequence[Parcel], transaction: str) -> None:
        try:
            self.transport.ask(parcels, transaction)
        except OsteonError as error:
            _log.warning("a commitment could not be asked for", extra={"fields": self._fields(error)})
            with self._database.session() as session:
                for parcel in parcels:
                    outbox.fail(session, parcel, dump(error), self._next_pause(parcel.attempts + 1))

    def _ask_again(self) -> None:
        """Ask for commitments that have not come in time."""
        with self._database.session() as session:
            late = outbox.overdue(session, self.name, self._owner, BATCH)
            transaction = _uid()
            if late:
                again = timedelta(minutes=self._settings.commitment_minutes)
                outbox.accept(session, late, transaction, again)
        if late:
            self._ask(late, transaction)

    def _failed_all(self, parcels: Sequence[Parcel], error: OsteonError) -> None:
        _log.warning("a destination cannot be delivered to", extra={"fields": self._fields(error)})
        pause = self._pause()
        with self._database.session() as session:
            for parcel in parcels:
                outbox.fail(session, parcel, dump(error), pause)
        self._happened("failed", self.name)

    def _failed(self, parcel: Parcel, error: OsteonError) -> None:
        fields = {**self._fields(error), "study": parcel.study, "form": parcel.form}
        _log.warning("a result was not delivered", extra={"fields": fields})
        with self._database.session() as session:
            outbox.fail(session, parcel, dump(error), self._next_pause(parcel.attempts + 1))
        self._happened("failed", self.name)

    def _pause(self) -> timedelta:
        """Leave the destination alone for a while, longer after each failure."""
        self._failures += 1
        pause = self._next_pause(self._failures)
        self._pause_until = monotonic() + pause.total_seconds()
        return pause

    def _next_pause(self, failures: int) -> timedelta:
        longest = 60.0 * self._settings.longest_pause_minutes
        pause = min(longest, self._settings.pause_seconds * 2.0 ** min(failures - 1, 30))
        return timedelta(seconds=pause * random.uniform(0.75, 1.25))  # noqa: S311 - so that not all come back at once

    def _fields(self, error: Exception) -> dict[str, str]:
        problem = error.problem if isinstance(error, OsteonError) else ""
        return {"destination": self.name, "error": type(error).__name__, "problem": problem}


def _uid() -> str:
    """A UID of a UUID (PS3.5 section B.2)."""
    return f"2.25.{uuid4().int}"


_BROKEN: Final = "the delivery broke off"
_LOST: Final = PeerError(_BROKEN)
