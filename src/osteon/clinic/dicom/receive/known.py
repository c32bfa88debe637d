"""Whether an instance that was received is here already."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.dicom.receive.facts import Facts
from osteon.clinic.store.database import Database
from osteon.clinic.store.files import Files
from osteon.clinic.store.incoming import Entry, same_data_set
from osteon.clinic.store.pacs import receipts


class Kept(StrEnum):
    """What became of an instance that was received."""

    NEW = "new"
    KNOWN = "known"
    HELD = "held"


class Holdings:
    """What studies and the outbox of a store have.

    Args:
        database: of the store.
        files: of the store.
    """

    def __init__(self, database: Database, files: Files) -> None:
        self._database = database
        self._files = files

    def own(self, entry: Entry, facts: Facts) -> bool | None:
        """Whether this is a result of this node that comes back, unchanged or changed; None for anything else.

        Archives that route all that they receive send results back, too: an overlay must never be read as a radiograph.
        """
        with suppress(SQLAlchemyError, OSError):
            with self._database.session() as session:
                there = receipts.own_results(session, facts.instance)
            if there:
                return any(same_data_set(entry.path, self._files.path(digest)) for digest in there)
        return None

    def known(self, entry: Entry, facts: Facts) -> Kept:
        """Whether a study has this instance, with the same content or with other; if unknown now, intake decides."""
        try:
            with self._database.session() as session:
                there = receipts.digests(session, facts.instance)
            if not there:
                return Kept.NEW
            same = any(same_data_set(entry.path, self._files.path(digest)) for digest in there)
        except (SQLAlchemyError, OSError):
            return Kept.NEW
        return Kept.KNOWN if same else Kept.HELD


def alike(first: Entry, second: Entry) -> bool | None:
    """Whether two hold the same; None where the first one does not lie there any more: its study has it by now."""
    with suppress(OSError):
        return same_data_set(first.path, second.path)
    return None
