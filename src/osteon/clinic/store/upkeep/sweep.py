"""Removing files that no study needs: of uploads that were refused, or whose process was killed before they were acknowledged."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

from sqlalchemy import select

from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.fleet.exclusive import exclusive, still_exclusive
from osteon.clinic.store.tables.pacs import Delivery
from osteon.clinic.store.tables.reports import ReaderReport
from osteon.clinic.store.tables.studies import Original

GRACE: Final = 3600.0
"""Seconds that a file may lie without a study: it may belong to an upload that is still under way."""


def discard(database: Database, files: Files, digests: Collection[str], grace: float = 0.0) -> int:
    """Remove those of these files that no study, no delivery and no report has; returns how many there were.

    Args:
        database: of the store.
        files: of the store.
        digests: of files.
        grace: seconds; younger files stay.

    Raises:
        StoreError: one cannot be removed.
    """
    if not digests:
        return 0
    removed = 0
    with exclusive(database, files) as turn:
        with database.session() as session:
            needed = set(session.scalars(select(Original.digest).where(Original.digest.in_(digests))))
            needed |= set(session.scalars(select(Delivery.digest).where(Delivery.digest.in_(digests))))
            needed |= set(session.scalars(select(ReaderReport.digest).where(ReaderReport.digest.in_(digests))))
        for digest in set(digests) - needed:
            if not grace or files.age(digest) > grace:
                still_exclusive(database, turn)
                files.remove(digest)
                removed += 1
    return removed


def sweep(database: Database, files: Files) -> int:
    """Remove all files that no study has and that are older than ``GRACE``; returns how many there were.

    Raises:
        StoreError: one cannot be removed.
    """
    removed = 0
    for group in files.digests():
        removed += discard(database, files, group, GRACE)
        time.sleep(0)  # a large store takes a while: let the others have their turn
    return removed
