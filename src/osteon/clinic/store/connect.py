"""Engines of both kinds of database, and how long is waited for one."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event

from osteon.clinic.store.refused import guard

BUSY: Final = 10.0
"""Seconds to wait for another writer of the same SQLite file."""

CONNECT: Final = 10
"""Seconds to wait for a PostgreSQL server to answer."""

POOL: Final = 20
"""Connections at most, and as many again for a moment: those of requests in the thread pool and of the worker."""

_LIVELY: Final = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""A database whose machine is gone is noticed within some seconds: who waits for it answers for nobody."""


def sqlite_engine(file: str, *, durable: bool) -> Engine:
    """Of a file.

    Args:
        file: its path.
        durable: whether what is written must survive a loss of power.
    """
    # IMMEDIATE: a transaction that writes waits for the other writer when it begins, and never fails in its middle.
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={"timeout": BUSY, "isolation_level": "IMMEDIATE", "check_same_thread": False},
        pool_size=POOL if durable else 2,
        max_overflow=POOL,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for setting in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
        ):
            connection.execute(f"PRAGMA {setting}").close()

    del _prepare
    guard(engine)
    return engine


def postgres_engine(address: URL, pool: int) -> Engine:
    """Of a PostgreSQL server.

    Args:
        address: with its driver.
        pool: connections that are kept, and as many more for a moment.
    """
    engine = create_engine(
        address,
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=True,
        pool_timeout=CONNECT,
        connect_args={"connect_timeout": CONNECT, **_LIVELY},
    )
    guard(engine)
    return engine
