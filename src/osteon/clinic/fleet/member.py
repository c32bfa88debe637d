"""This process among those that share a store: it says that it lives, hears and tells, and leads where nobody else does.

With SQLite there is one process, which leads at once and has nobody to tell.
"""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.events import Event
from osteon.clinic.fleet.channel import ALL, WORK, Channel
from osteon.clinic.fleet.message import Call, Message, parsed, written
from osteon.clinic.hub import RESET, Hub
from osteon.clinic.state import State
from osteon.clinic.store.database import Database
from osteon.clinic.store.fleet import presence
from osteon.clinic.store.fleet.presence import BEAT, DEAD, TERM, Kind, Office, Self
from osteon.clinic.store.tables.studies import OPEN

GATHER: Final = 0.01
"""Seconds in which further events join those that are told: each telling is a transaction."""

PATIENCE: Final = 10.0
"""Seconds to wait at the start until others are heard."""

PAUSE: Final = 1.0
"""Seconds until a database that did not answer is asked again."""

UNTOLD: Final = 10_000
"""Events that may wait to be told; instead of more others are told to ask anew."""

LOOK: Final = 5.0
"""Seconds after which it is looked whether what somebody waits for was done without anybody telling."""

_log = logging.getLogger("osteon.clinic.fleet")


def _nothing() -> None:
    """What is called where nobody asked to be."""


def _ignored(study: str) -> None:
    del study


def _is_queued(event: Event) -> bool:
    return event["kind"] == "study" and event["state"] == State.QUEUED


class Member:
    """This process; what it tells may be told from any thread.

    Args:
        database: of the store.
        hub: of this process: what is published there is told to others, and what others tell is delivered there.
        kind: what this process is.
        jobs: studies that it reads at the same time.

    Attributes:
        id: under which it leases studies.
        shared: whether other processes may use the store.
        on_done: is called with studies that somebody else has read or removed.
        on_call: is called where others ask for it.
        on_look: is called now and then, and where something may have been missed.
    """

    def __init__(self, database: Database, hub: Hub, kind: Kind, jobs: int) -> None:
        self.id = secrets.token_hex(8)
        self.shared = database.kind == "postgresql"
        self.on_done: Callable[[str], None] = _ignored
        self.on_call: dict[Call, Callable[[], None]] = {}
        self.on_look: Callable[[], None] = _nothing
        self._self = Self(self.id, kind, socket.gethostname(), jobs)
        # Pages hang on servers alone: a worker has no use for what happens to studies, but for those that are queued.
        self._hears = WORK if kind is Kind.WORKER else ALL
        self._offices = (Office.UPKEEP,) if kind is Kind.WORKER else (Office.SERVER, Office.UPKEEP)
        self._database = database
        self._hub = hub
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._calls: set[Call] = set()
        self._channel: Channel | None = None
        self._leads: dict[Office, float] = {}
        self._stopping = False
        self._listening = threading.Event()
        self._missed = False
        self._looked = self._bury_from = 0.0
        self._thread = threading.Thread(target=self._work, name="osteon-fleet", daemon=True)
        if self.shared:
            hub.forward = self._event

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return not self.shared or self._thread.is_alive()

    def leads(self, office: Office = Office.SERVER) -> bool:
        """Whether this process does what one at a time does for all."""
        return not self.shared or self._leads.get(office, 0.0) > monotonic()

    def start(self, *, alone: bool) -> None:
        """Say that this process is there; once this returns it is known, hears others, and leads if nobody else does.

        Args:
            alone: whether no other process can use the store now: then what those before it left is forgotten.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        if not self.shared:
            return
        with self._database.apart() as connection:
            if alone:
                presence.forget_all(connection)
            self._tick(connection)
        self._thread.start()
        self._listening.wait(PATIENCE)

    def stop(self) -> None:
        """Tell what is still to be told, and leave."""
        self._stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(5.0)
        self._leads.clear()
        if self.shared:
            with suppress(SQLAlchemyError), self._database.apart() as connection:
                presence.leave(connection, self.id)

    def call(self, *calls: Call) -> None:
        """Let others look at something anew."""
        if self.shared:
            with self._lock:
                self._calls.update(calls)
            self._wake()

    def others(self) -> set[str]:
        """The processes that live, this one included.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        with self._database.session() as session:
            return presence.alive(session.connection())

    def _event(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            if len(self._events) > UNTOLD:  # nobody can be told for now
                self._events = [RESET]
        self._wake()

    def _wake(self) -> None:
        channel = self._channel
        if channel is not None:
            channel.interrupt()

    def _work(self) -> None:
        while not self._stopping:
            try:
                with Channel(self._database, self._hears) as channel:
                    self._channel = channel
                    self._listening.set()
                    if self._missed:
                        self._miss()
                        _log.info("the database answers again")
                    self._serve(channel)
            except (SQLAlchemyError, OSError) as error:
                if not self._missed and not self._stopping:
                    _log.warning(
                        "nothing is heard of other processes", extra={"fields": {"error": type(error).__name__}}
                    )
                self._missed = True
                self._channel = None
                end = monotonic() + PAUSE
                while not self._stopping and monotonic() < end:
                    threading.Event().wait(0.1)

    def _serve(self, channel: Channel) -> None:
        due = monotonic()
        while True:
            if monotonic() >= due:
                due = monotonic() + BEAT
                self._tick(channel.connection)
            if not self._pending():
                if self._stopping:
                    return
                heard = channel.wait(due - monotonic())
            else:
                heard = []
            for content in heard:
                self._hear(content)
            if self._pending():
                threading.Event().wait(GATHER)
                self._tell(channel)
            if monotonic() - self._looked > LOOK:
                self._look()

    def _pending(self) -> bool:
        return bool(self._events or self._calls)

    def _tick(self, connection: Connection) -> None:
        """Say that this process lives, lead, and give back what ended ones were reading."""
        presence.beat(connection, self._self)
        for office in self._offices:
            asked = monotonic()
            led = self.leads(office)
            if presence.lead(connection, office, self.id):
                self._leads[office] = asked + TERM
                if not led:
                    _log.info("this process leads", extra={"fields": {"office": office.value}})
            else:
                self._leads.pop(office, None)
        if self.leads(Office.UPKEEP) and monotonic() > self._bury_from:
            dead, studies = presence.bury(connection)
            if studies:
                _log.warning("queued %d studies of an ended process again", len(studies))
                self.call(Call.WORK)
                self.on_call.get(Call.WORK, _nothing)()
            if dead:
                _log.warning("%d processes have ended without saying so", len(dead))
                self._hub.publish(RESET)  # what they did last they may not have told

    def _tell(self, channel: Channel) -> None:
        with self._lock:
            events, self._events = self._events, []
            calls, self._calls = self._calls, set()
        try:
            channel.tell(list(written(Message(self.id, events, frozenset(calls)))))
            if Call.WORK in calls or any(map(_is_queued, events)):
                channel.tell(list(written(Message(self.id, calls=frozenset({Call.WORK})))), WORK)
        except SQLAlchemyError:
            with self._lock:  # told twice does no harm
                self._events[:0] = events[-1000:]
                self._calls |= calls
            raise

    def _hear(self, content: str) -> None:
        message = parsed(content)
        if message is None or message.sender == self.id:
            return
        calls = set(message.calls)
        for event in message.events:
            self._hub.deliver(event)
            if event["kind"] == "study":
                if _is_queued(event):
                    calls.add(Call.WORK)
                elif event["state"] not in OPEN:
                    self.on_done(event["id"])
            elif event["kind"] == "removed":
                self.on_done(event["id"])
        for call in calls:
            self.on_call.get(call, _nothing)()

    def _miss(self) -> None:
        """What happened while nothing was heard may be anything."""
        self._missed = False
        self._bury_from = monotonic() + DEAD  # the others could not say either that they live
        self._hub.deliver(RESET)
        for call in Call:
            self.on_call.get(call, _nothing)()
        self._look()

    def _look(self) -> None:
        self._looked = monotonic()
        self.on_look()
