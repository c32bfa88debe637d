"""Who lives, who leads, and what the dead were reading. All times are those of the database.

A process says every ``BEAT`` that it lives. Who has not for ``DEAD`` counts as ended, however it ended: its leases of studies
are given back. If it lives after all, its readings are refused, since their leases have passed on; so no study has two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, text

BEAT: Final = 2.0
"""Seconds between two signs of life."""

DEAD: Final = 12.0
"""Seconds without one after which a process counts as ended."""

TERM: Final = 8.0
"""Seconds for which who leads does so without asking again."""


class Kind(StrEnum):
    """What a process is."""

    SERVER = "server"
    WORKER = "worker"


class Office(StrEnum):
    """What one process at a time does for all."""

    SERVER = "server"
    """Of servers: deletes what is too old, has the DICOM port and the outbox, looks for drift, reads in shadow."""
    UPKEEP = "upkeep"
    """Of all processes: gives back what ended ones were reading."""


@dataclass(frozen=True, slots=True)
class Self:
    """A process as the others see it.

    Attributes:
        id: under which it leases studies.
        kind: what it is.
        host: name of the machine.
        jobs: studies that it reads at the same time.
    """

    id: str
    kind: Kind
    host: str
    jobs: int


def beat(connection: Connection, process: Self) -> None:
    """Say that a process lives."""
    values = {"id": process.id, "kind": process.kind.value, "host": process.host[:80], "jobs": process.jobs}
    connection.execute(_BEAT, values)


def leave(connection: Connection, process: str) -> None:
    """Say that a process has ended, and leads nothing any more."""
    connection.execute(text("DELETE FROM leaderships WHERE owner = :id"), {"id": process})
    connection.execute(text("DELETE FROM processes WHERE id = :id"), {"id": process})


def forget_all(connection: Connection) -> None:
    """Forget all processes: there is none but the one that asks."""
    connection.execute(text("DELETE FROM leaderships"))
    connection.execute(text("DELETE FROM processes"))


def lead(connection: Connection, office: Office, process: str) -> bool:
    """Lead, or go on leading, where nobody else does; whether this process does for ``TERM`` from when it asked."""
    values: dict[str, Any] = {"name": office.value, "id": process, "term": TERM}
    # Looked for first: hundreds of processes ask, and must not all lock the row.
    if connection.scalar(_LED, values) is not None:
        return False
    return connection.scalar(_LEAD, values) is not None


def alive(connection: Connection) -> set[str]:
    """The processes that live."""
    return set(connection.scalars(_ALIVE, {"dead": DEAD}))


def counted(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many processes of each kind live, and how many studies they can read at the same time."""
    rows = connection.execute(_COUNTED, {"dead": DEAD})
    return {kind: (int(count), int(jobs)) for kind, count, jobs in rows}


def bury(connection: Connection) -> tuple[list[str], list[str]]:
    """Give back what ended processes were reading; who ended, and the studies that are queued again.

    Whoever leases studies and is unknown has ended, too: what lives says so before it takes any.
    """
    dead = list(connection.scalars(_BURY, {"dead": DEAD}))
    studies = list(connection.scalars(_RETURN))
    return dead, studies


_ALIVE: Final = text("SELECT id FROM processes WHERE seen > clock_timestamp() - make_interval(secs => :dead)")
_COUNTED: Final = text(
    "SELECT kind, count(*), sum(jobs) FROM processes "
    "WHERE seen > clock_timestamp() - make_interval(secs => :dead) GROUP BY kind"
)
_BEAT: Final = text(
    "INSERT INTO processes (id, kind, host, jobs, started, seen) "
    "VALUES (:id, :kind, :host, :jobs, clock_timestamp(), clock_timestamp()) "
    "ON CONFLICT (id) DO UPDATE SET seen = clock_timestamp(), jobs = excluded.jobs"
)
_LED: Final = text("SELECT 1 FROM leaderships WHERE name = :name AND owner <> :id AND until > clock_timestamp()")
_LEAD: Final = text(
    "INSERT INTO leaderships (name, owner, until) VALUES (:name, :id, clock_timestamp() + make_interval(secs => :term)) "
    "ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE leaderships.owner = excluded.owner OR leaderships.until <= clock_timestamp() RETURNING owner"
)
_BURY: Final = text("DELETE FROM processes WHERE seen <= clock_timestamp() - make_interval(secs => :dead) RETURNING id")
_RETURN: Final = text(
    "UPDATE studies SET state = 'queued', lease_owner = NULL, leased_until = NULL "
    "WHERE state = 'reading' AND NOT EXISTS (SELECT 1 FROM processes WHERE processes.id = studies.lease_owner) "
    "RETURNING id"
)
