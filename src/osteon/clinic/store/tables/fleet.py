"""The processes that share a store, and what one of them at a time does for all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment


class Process(Base):
    """A server or a worker that lives. All moments are those of the database, whose clock is the same for all.

    Attributes:
        id: under which it leases studies.
        kind: a value of ``osteon.clinic.store.fleet.presence.Kind``.
        host: name of the machine.
        jobs: studies that it reads at the same time.
        started: when it came.
        seen: when it last said that it lives.
    """

    __tablename__ = "processes"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    host: Mapped[str] = mapped_column(String(80))
    jobs: Mapped[int]
    started: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)


class Leadership(Base):
    """Something that one process at a time does for all that share a store.

    Attributes:
        name: of what is done.
        owner: the process that does it.
        until: when another may.
    """

    __tablename__ = "leaderships"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    owner: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(Moment)
