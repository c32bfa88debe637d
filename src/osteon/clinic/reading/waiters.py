"""Who waits until a study is read."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError

from sqlalchemy import select

from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.studies import OPEN, Study


class Waiters:
    """Those who wait for studies, until ``tell`` says that one was read, failed or was removed.

    Args:
        database: of the store.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._futures: dict[str, list[Future[None]]] = {}
        self._closed = False

    def wait(self, study: str, timeout: float) -> bool:
        """Wait until a study was read, failed or was removed.

        Args:
            study: its identifier.
            timeout: seconds.

        Returns:
            Whether it was; False where the time ran out.
        """
        future = self.future(study)
        try:
            future.result(timeout)
        except FutureTimeoutError:
            self.forget(study, future)
            return False
        return True

    def future(self, study: str) -> Future[None]:
        """Is done when the study was read, failed or was removed; give it to ``forget`` if you no longer wait."""
        future: Future[None] = Future()
        with self._lock:
            self._futures.setdefault(study, []).append(future)
        with self._database.session() as session:
            state = session.scalar(select(Study.state).where(Study.id == study))
        if state not in OPEN or self._closed:
            self.tell(study)
        return future

    def forget(self, study: str, future: Future[None]) -> None:
        """Nobody waits for this any more."""
        with self._lock:
            futures = self._futures.get(study, [])
            if future in futures:
                futures.remove(future)
            if not futures:
                self._futures.pop(study, None)

    def tell(self, study: str) -> None:
        """Say that a study was read, failed or was removed."""
        with self._lock:
            futures = self._futures.pop(study, [])
        for future in futures:
            if not future.done():
                future.set_result(None)

    def look(self) -> None:
        """Look which studies have been read or removed of which nobody told: another process may read them.

        Raises:
            SQLAlchemyError: the database does not answer.
        """
        with self._lock:
            waited = list(self._futures)
        if waited:
            with self._database.session() as session:
                open_still = set(session.scalars(select(Study.id).where(Study.id.in_(waited), Study.state.in_(OPEN))))
            for study in waited:
                if study not in open_still:
                    self.tell(study)

    def close(self) -> None:
        """Let nobody who comes from now on wait: no study is taken up any more."""
        self._closed = True

    def tell_all(self) -> None:
        """Say that nothing is read any more."""
        for study in list(self._futures):
            self.tell(study)
