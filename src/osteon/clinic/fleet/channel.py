"""A connection to PostgreSQL on which a process hears what others tell, and tells others: LISTEN and NOTIFY.

It is one connection for one thread. Telling is no part of the transaction that changed something, since the commits of all who
notify wait for each other; who is killed between the two is noticed, and the pages then ask anew.
"""

from __future__ import annotations

import os
import select
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, cast

from sqlalchemy import text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from osteon.clinic.store.database import Database

ALL: Final = "osteon"
"""The channel of everything that is told."""

WORK: Final = "osteon_work"
"""The channel of what those who only read have to know. A notification goes to all who listen: with hundreds of workers most of
what is told would be told to those who have no use for it."""


class Channel:
    """Hears and tells; for one thread, but for ``interrupt``.

    Args:
        database: PostgreSQL.
        name: what is heard.

    Raises:
        SQLAlchemyError: it does not answer.
    """

    def __init__(self, database: Database, name: str = ALL) -> None:
        self.connection = database.apart()
        self._heard: list[str] = []
        self._woken, self._waking = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waking, False)
        # pyright cannot know which driver SQLAlchemy uses.
        self._driver: Any = cast("Any", self.connection.connection).dbapi_connection
        self._driver.add_notify_handler(self._notified)
        self.connection.execute(text("SET synchronous_commit = off"))
        self.connection.execute(text("SET statement_timeout = '10s'"))
        self.connection.execute(text(f"LISTEN {name}"))

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connection."""
        with suppress(SQLAlchemyError):
            self.connection.close()
        os.close(self._woken)
        os.close(self._waking)

    def wait(self, seconds: float) -> list[str]:
        """What was told, as soon as anything is, or ``interrupt`` is called, or the time runs out.

        Raises:
            SQLAlchemyError: the connection was lost.
        """
        if not self._heard:
            ready, _, _ = select.select([self._driver.fileno(), self._woken], [], [], max(0.0, seconds))
            if self._woken in ready:
                os.read(self._woken, 4096)
            if len(ready) > (self._woken in ready):
                self._take()
        heard, self._heard = self._heard, []
        return heard

    def tell(self, texts: Sequence[str], name: str = ALL) -> None:
        """Tell all who listen to a name, this process included.

        Raises:
            SQLAlchemyError: the connection was lost.
        """
        for content in texts:
            self.connection.execute(text("SELECT pg_notify(:name, :content)"), {"name": name, "content": content})

    def interrupt(self) -> None:
        """Let ``wait`` return; from any thread."""
        try:
            os.write(self._waking, b".")
        except (BlockingIOError, OSError):  # it is full, and so wakes, or the channel was closed
            return

    def _notified(self, notice: Any) -> None:
        """Told while a statement was executed."""
        self._heard.append(str(notice.payload))

    def _take(self) -> None:
        """Take in what the connection has received."""
        link = self._driver.pgconn
        try:
            link.consume_input()
            while (notice := link.notifies()) is not None:
                self._heard.append(notice.extra.decode("utf-8", "replace"))
        except Exception as error:
            raise OperationalError("LISTEN", {}, error) from error
