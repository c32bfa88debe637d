"""Compares what was acknowledged and told by several servers with what the store has."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cluster_load import Load, Page, Racer
from sqlalchemy import func, select

from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.studies import Original, State, StoredReading, Study

LONGEST: Final = 5.0
"""Seconds that a page may be without an answer."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        name: what was counted.
        value: how much.
        most: that it may be; None where it is told only.
    """

    name: str
    value: float
    most: float | None = None

    @property
    def broken(self) -> bool:
        """Whether a promise was."""
        return self.most is not None and self.value > self.most

    def line(self) -> str:
        """For people."""
        promise = "" if self.most is None else f"at most {self.most:g}" + ("  BROKEN" if self.broken else "")
        return f"{self.name:58} {self.value:>9g}  {promise}".rstrip()

    def content(self) -> dict[str, Any]:
        """For programs."""
        return {"name": self.name, "value": self.value, "most": self.most}


def proof(
    load: Load, pages: Sequence[Page], racer: Racer, database: Database, *, settled: float | None, unclean: int
) -> list[Row]:
    """The rows of the table, once all processes have ended."""
    with database.session() as session:
        states = dict(session.execute(select(Study.id, Study.state)).tuples().all())
        grouped = select(StoredReading.study_id, func.count()).group_by(StoredReading.study_id)
        readings = dict(session.execute(grouped).tuples().all())
        kept: dict[str, set[str]] = {}
        for study, digest in session.execute(select(Original.study_id, Original.digest)):
            kept.setdefault(study, set()).add(digest)
        audited = set(session.scalars(select(Audit.subject).where(Audit.action == "send study")))
        for detail in session.scalars(select(Audit.detail).where(Audit.action == "send study")):
            audited |= set(detail.split())
    wanted = {study: digests for study, digests in load.acknowledged.items() if study not in load.deleted}
    on_disk = {path.name for path in (load.store / "files").glob("??/*")}
    needed = {digest for digests in kept.values() for digest in digests}
    damaged = sum(
        hashlib.sha256((load.store / "files" / digest[:2] / digest).read_bytes()).hexdigest() != digest
        for digest in needed & on_disk
    )
    told_twice = sum(count > 1 for page in pages for count in page.told.values())
    done = {study for study, state in states.items() if state == State.DONE}
    return [
        Row("studies acknowledged", len(load.acknowledged)),
        Row("answers that said to come again (429, 503)", load.answers[429] + load.answers[503]),
        Row("answers of another kind than 200, 202, 429, 503", _others(load), 0),
        Row("rounds of deleting while admitting", racer.rounds),
        Row("rounds that there was no time for", racer.wanted - racer.rounds, 0),
        Row("files that a round lost", len(racer.lost), 0),
        Row("acknowledged studies that are not there", sum(study not in states for study in wanted), 0),
        Row("acknowledged files that their study does not have", _missing(wanted, kept), 0),
        Row("files of studies that are not on the disk, or damaged", len(needed - on_disk) + damaged, 0),
        Row("studies that were not read", sum(state != State.DONE for state in states.values()), 0),
        Row("studies without exactly one reading", sum(readings.get(study) != 1 for study in done), 0),
        Row("studies that a page was told twice to be read", told_twice, 0),
        Row("read studies of which a page does not know", sum(len(done - page.known) for page in pages), 0),
        Row("acknowledged studies that the audit log does not name", len(set(load.acknowledged) - audited), 0),
        Row("longest time of a page without an answer, s", _longest(pages, "answer"), LONGEST),
        Row("longest time of a page without its stream of events, s", _longest(pages, "stream"), LONGEST),
        Row("streams of events that pages opened", sum(page.streams for page in pages)),
        Row("times that a page was told to ask anew", sum(page.resets for page in pages)),
        Row("processes that did not end cleanly on SIGTERM", unclean, 0),
        Row("files without a study, which the sweep removes", len(on_disk - needed)),
        Row("seconds from the last fault until all was read", -1.0 if settled is None else round(settled, 1)),
        Row("studies that still waited then", float(settled is None), 0),
    ]


def _others(load: Load) -> int:
    return sum(count for status, count in load.answers.items() if status not in {200, 202, 429, 503})


def _missing(wanted: dict[str, list[str]], kept: dict[str, set[str]]) -> int:
    return sum(not kept.get(study, set()).issuperset(digests) for study, digests in wanted.items())


def _longest(pages: Sequence[Page], kind: str) -> float:
    return round(max(page.gaps[kind] for page in pages), 2)
