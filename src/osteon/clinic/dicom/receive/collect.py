"""Collects what was received into studies: an instance waits until its study is quiet or complete, then intake has it.

What waits lies in the store's folder ``incoming`` and is acknowledged; it is looked through again at each start. Nothing is
removed from there before its study, or the quarantine, has it.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from time import monotonic
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.background import FAULTS
from osteon.clinic.dicom.receive.facts import Facts, read_facts
from osteon.clinic.dicom.receive.known import Holdings, Kept, alike
from osteon.clinic.dicom.receive.reasons import reason_of
from osteon.clinic.dicom.receive.rules import rule_for
from osteon.clinic.dicom.receive.waiting import Item, Waiting
from osteon.clinic.dicom.settings import Dicom, Rule
from osteon.clinic.intake import Intake, Upload
from osteon.clinic.reading.engines import Engines
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.incoming import Entry, Incoming
from osteon.clinic.store.pacs import receipts
from osteon.clinic.store.tables.pacs import Reason
from osteon.core.errors import InputError, OsteonError

AT_LAST: Final = 20
"""So many quiet times after its first image a study is read, also if further ones keep coming."""

PAUSE: Final = 2.0
"""Seconds until what could not be taken in is tried again."""

_TICK: Final = 0.25

_log = logging.getLogger("osteon.clinic.dicom")


class Collector:
    """Takes in what was received; safe to use from several threads at once.

    Args:
        database: of the store.
        files: of the store.
        incoming: of the store.
        intake: gets whole studies.
        engines: tell which views a bundle reads together.
        settings: of the node.
        wake: is called when studies were queued.
        happened: called for the metrics with the kind of event and the peer.
    """

    def __init__(
        self,
        database: Database,
        files: Files,
        incoming: Incoming,
        intake: Intake,
        engines: Engines,
        settings: Dicom,
        wake: Callable[[], None],
        happened: Callable[[str, str], None],
    ) -> None:
        self._database = database
        self._holdings = Holdings(database, files)
        self._incoming = incoming
        self._intake = intake
        self._engines = engines
        self._settings = settings
        self._wake = wake
        self._happened = happened
        self._changed = threading.Condition()
        self._waiting: dict[str, Waiting] = {}
        self._passing: list[Waiting] = []
        """Studies that intake is given now."""
        self._unheld: list[tuple[Entry, Facts, Reason]] = []
        self._freed: set[str] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="osteon-dicom-collector", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it works."""
        return self._thread.is_alive()

    def start(self, *, alone: bool = True) -> None:
        """Take up what a process before this one received, and begin; ``alone`` where no other process can use the store."""
        self._incoming.clean()
        if alone:
            with suppress(SQLAlchemyError), self._database.session() as session:
                receipts.forget_missing(session, self._incoming.in_quarantine())
        left = 0
        for entry in self._incoming.entries():
            left += 1
            self._take_up(entry)
        if left:
            _log.info("found %d instances that no study has yet", left)
        self._thread.start()

    def adopt(self, alive: Collection[str]) -> int:
        """Take up what processes received that have ended, all but those that are ``alive``; how many instances that were."""
        adopted = list(self._incoming.adopt(alive))
        for entry in adopted:
            self._take_up(entry)
        return len(adopted)

    def stop(self, timeout: float = 30.0) -> None:
        """End; what waits is taken up at the next start, or by another process."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._incoming.leave()

    def offer(self, entry: Entry, facts: Facts) -> Kept:
        """Take up an instance that is on the disk.

        Args:
            entry: of ``incoming``.
            facts: of its header; it states its study and itself.
        """
        with self._changed:
            before = self._find(facts.instance)
            same = None if before is None else alike(before.entry, entry)
        if same:
            self._incoming.remove(entry)
            return Kept.KNOWN
        own = self._holdings.own(entry, facts)
        if own is not None:
            if own:
                self._incoming.remove(entry)
                return Kept.KNOWN
            self._hold(entry, facts, Reason.OWN_RESULT)
            return Kept.NEW
        known = Kept.HELD if same is False else self._holdings.known(entry, facts)
        if known is Kept.HELD:
            self._hold(entry, facts, Reason.OTHER_CONTENT)
            return known
        self._add(entry, facts)
        return known

    def _add(self, entry: Entry, facts: Facts, pause: float = 0.0) -> None:
        rule = Rule() if entry.name in self._freed else rule_for(self._settings.rules, facts, entry.sender)
        moment = monotonic()
        with self._changed:
            raced = self._find(facts.instance)
            if raced is None:
                study = self._waiting.setdefault(facts.study, Waiting(moment, moment))
                study.last = moment
                study.pause = max(study.pause, pause)
                study.items[facts.instance] = Item(entry, facts, rule)
            self._changed.notify_all()
        if raced is not None and raced.entry != entry:  # another association was faster by a moment
            same = alike(raced.entry, entry)
            if same is None:
                self.offer(entry, facts)
            elif same:
                self._incoming.remove(entry)
            else:
                self._hold(entry, facts, Reason.OTHER_CONTENT)

    def waiting(self) -> Counter[str]:
        """How many instances wait, by their senders."""
        with self._changed:
            studies = (*self._passing, *self._waiting.values())
            return Counter(item.entry.sender for study in studies for item in study.items.values())

    def has(self, instance: str) -> str | None:
        """The SOP class of an instance that waits; None where it does not."""
        with self._changed:
            found = self._find(instance)
        return None if found is None else found.facts.sop_class

    def _find(self, instance: str) -> Item | None:
        """An instance that waits, under whichever study; the lock is held."""
        studies = (*self._passing, *self._waiting.values())
        return next((study.items[instance] for study in studies if instance in study.items), None)

    def _passed(self, study: Waiting) -> None:
        with self._changed:
            self._passing = [other for other in self._passing if other is not study]

    def free(self, name: str) -> None:
        """Let an instance out of the quarantine: it is read whatever the rules say, and apart from another patient's images.

        Other content under a SOPInstanceUID that is there comes back to the quarantine.

        Raises:
            StoreError: it is not there.
        """
        self._freed.add(name)
        self._take_up(self._incoming.free(name))

    def _take_up(self, entry: Entry) -> None:
        try:
            facts = read_facts(entry.path)
        except (InputError, OSError):
            facts = Facts()
        if facts.study and facts.instance:
            self.offer(entry, facts)
        else:
            self._hold(entry, facts, Reason.UNREADABLE)

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._stopping:
                    self._changed.wait(_TICK)
                if self._stopping:
                    return
                due = [uid for uid, study in self._waiting.items() if self._due(study)]
                ready = self._passing = [self._waiting.pop(uid) for uid in due]
                unheld, self._unheld = self._unheld, []
            for entry, facts, reason in unheld:
                self._hold(entry, facts, reason)
            for study in ready:
                self._pass_on(study)
                self._passed(study)

    def _due(self, study: Waiting) -> bool:
        moment, quiet = monotonic(), self._settings.quiet_seconds
        if moment < study.pause:
            return False
        rested = moment - study.last >= quiet or moment - study.first >= AT_LAST * quiet
        return rested or (study.pause == 0.0 and study.complete(self._engines))

    def _pass_on(self, study: Waiting) -> None:
        """Let intake have a study; where that cannot be now, later."""
        items = sorted(study.items.values(), key=lambda item: item.entry.received)
        rules = self._settings.rules
        ranked = [rules.index(item.rule) for item in items if item.rule is not None and item.rule in rules]
        bundle = rules[min(ranked)].bundle if ranked else ""
        mine: list[Item] = []
        for item in items:
            if item.rule is None:
                self._hold(item.entry, item.facts, Reason.NO_RULE)
            elif item.rule.bundle != bundle:
                self._hold(item.entry, item.facts, Reason.OTHER_BUNDLE)
            else:
                mine.append(item)
        try:
            if mine:
                self._take(mine, bundle)
        except (OsteonError, SQLAlchemyError, OSError) as error:
            # Full or down: what waits is on the disk, and is tried again.
            _log.warning("received images wait", extra={"fields": {"images": len(mine), "error": type(error).__name__}})
            self._passed(study)
            for item in mine:
                if not item.entry.path.exists():  # another process took it, which thought that this one had ended
                    continue
                self._add(item.entry, item.facts, monotonic() + PAUSE)
        except FAULTS as error:
            _log.error("received images cannot be taken in: %s", type(error).__name__, exc_info=error)
            for item in mine:
                self._hold(item.entry, item.facts, Reason.UNREADABLE)

    def _take(self, items: Sequence[Item], bundle: str) -> None:
        identity = (self._engines.identity(bundle) or "") if bundle else ""
        with ExitStack() as stack:
            uploads = [Upload("", stack.enter_context(item.entry.path.open("rb"))) for item in items]
            freed = self._freed.issuperset(item.entry.name for item in items)
            taken = self._intake.take(uploads, bundle=identity, one_patient=not freed)
        with self._database.session() as session:
            for one in taken.arrivals:
                known = set(one.known)
                new = [items[position].entry for position in one.positions if position not in known]
                receipts.record(session, {one.study: new})
                receipts.record_known(session, one.study, [items[position].entry for position in known])
        self._wake()
        for refusal in taken.refusals:
            item = items[refusal.position]
            self._hold(item.entry, item.facts, reason_of(refusal.error))
        for arrival in taken.arrivals:
            for position in arrival.positions:
                self._incoming.remove(items[position].entry)

    def _hold(self, entry: Entry, facts: Facts, reason: Reason) -> None:
        """Move an instance to the quarantine and say so; where that cannot be done now, later."""
        try:
            with self._database.session() as session:
                receipts.hold(session, entry, reason, facts.study, facts.instance)
            self._incoming.hold(entry)
        except (OsteonError, SQLAlchemyError):
            with self._changed:
                self._unheld.append((entry, facts, reason))
            return
        self._happened("quarantined", entry.sender)
        _log.warning("an instance is held back", extra={"fields": {"peer": entry.sender, "reason": reason.value}})
