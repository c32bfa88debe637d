"""Who deletes what another one has deleted meanwhile is told that it is gone, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.store.access import accounts, keys
from osteon.clinic.store.database import Database
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import ApiKey, AuditJournal
from osteon.clinic.store.tables.base import now


def test_a_statement_tells_how_many_rows_it_found(database: Database) -> None:
    with database.session() as session:
        session.add_all([AuditJournal(name=name, taken=now()) for name in ("a", "b")])
    with database.session() as session:
        assert session.get(AuditJournal, "a") is not None  # which the session keeps in mind
        assert deleted(session, delete(AuditJournal).where(AuditJournal.name == "a")) == 1
        assert deleted(session, delete(AuditJournal).where(AuditJournal.name == "a")) == 0
        assert session.get(AuditJournal, "a") is None
        assert session.get(AuditJournal, "b") is not None


def remove_key(session: Session, name: str) -> bool:
    key = next(key for key in keys.everything(session) if key.name == name)
    _taken(session, "api_keys", key.id)
    return keys.remove(session, key.id)


def remove_account(session: Session, name: str) -> bool:
    user = accounts.find(session, name)
    assert user is not None
    _taken(session, "users", user.id)
    return accounts.remove(session, user)


def _taken(session: Session, table: str, key: str | int) -> None:
    """Delete a row behind the session's back, as another request does between the look and the deletion."""
    session.connection().execute(text(f"DELETE FROM {table} WHERE id = :key"), {"key": key})  # noqa: S608 - of the tests


@pytest.mark.parametrize("remove", [remove_key, remove_account])
def test_a_row_that_is_gone_is_no_fault(database: Database, remove: Callable[[Session, str], bool]) -> None:
    """Warnings are errors here, as SQLAlchemy's of a deletion that finds no row would be."""
    with database.session() as session:
        keys.create(session, "Berta", Role.READER, None, "Anna")
        accounts.create(session, "Anna", Role.ADMINISTRATOR, "a long password of hers")
        accounts.create(session, "Berta", Role.READER, "another long password")
    with database.session() as session:
        assert remove(session, "Berta") is False
    with database.session() as session:
        assert session.query(ApiKey).count() == (remove is remove_account)
