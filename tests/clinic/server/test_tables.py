"""Accounts, logins, keys, tokens and the audit log on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, update
from sqlalchemy.exc import DatabaseError

from osteon.clinic.role import Role
from osteon.clinic.store.access import accounts, keys, sessions, setup
from osteon.clinic.store.access.accounts import AccountError
from osteon.clinic.store.audit import audit
from osteon.clinic.store.tables.accounts import ApiKey, Audit, User
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.base import Base, now


def test_the_migrations_make_the_tables_of_the_models(database: Any) -> None:
    with database.session() as session:
        found = inspect(session.connection())
        for table in Base.metadata.sorted_tables:
            columns = {one["name"]: one["nullable"] for one in found.get_columns(table.name)}
            assert columns == {one.name: one.nullable for one in table.columns}, table.name
            made = {one["name"] for one in found.get_indexes(table.name)}
            assert {one.name for one in table.indexes} <= made, table.name


def test_accounts_and_logins(database: Any) -> None:
    with database.session() as session:
        assert not accounts.any_administrator(session)
        user = accounts.create(session, " Ｍaria  ".strip(), Role.ADMINISTRATOR, None)
        assert (user.name, user.key) == ("Maria", "maria")
        secret = sessions.begin(session, user, 1, "127.0.0.1")
    with database.session() as session:
        found = sessions.find(session, secret, 60)
        assert found is not None
        assert (found.name, found.role) == ("Maria", Role.ADMINISTRATOR)
        assert sessions.find(session, secret[::-1], 60) is None
        with pytest.raises(AccountError, match="taken"):
            accounts.create(session, "MARIA", Role.VIEWER, None)
    with database.session() as session:
        session.execute(update(Login).values(expires=now() - timedelta(seconds=1)))
        sessions.sweep(session)
    with database.session() as session:
        assert sessions.find(session, secret, 60) is None
        user = accounts.find(session, "maria")
        assert user is not None
        with pytest.raises(AccountError, match="last administrator"):
            accounts.remove(session, user)


def test_a_deleted_account_takes_its_logins_along(database: Any) -> None:
    with database.session() as session:
        user = accounts.create(session, "Nora", Role.VIEWER, None)
        secret = sessions.begin(session, user, 1, "")
    with database.session() as session:
        session.delete(session.get(User, user.id))
    with database.session() as session:
        assert sessions.find(session, secret, 60) is None


def test_keys(database: Any) -> None:
    with database.session() as session:
        _, secret = keys.create(session, "import", Role.READER, now() + timedelta(days=1), "Maria")
    with database.session() as session:
        found = keys.find(session, secret)
        assert found is not None
        assert (found.name, found.role) == ("import", "reader")
    with database.session() as session:
        session.execute(update(ApiKey).values(expires=now()))
    with database.session() as session:
        assert keys.find(session, secret) is None


def test_a_token_is_good_once_also_for_many_at_once(database: Any) -> None:
    with database.session() as session:
        first = setup.issue(session)
        token = setup.issue(session)

    def spend(_: int) -> bool:
        with database.session() as session:
            return setup.spend(session, token)

    with database.session() as session:
        assert not setup.spend(session, first), "a new token ends the one before"
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(spend, range(8))) == [False] * 7 + [True]


def test_the_audit_log_cannot_be_changed(database: Any) -> None:
    with database.session() as session:
        audit.write(session, audit.Entry("Maria", "administrator", "delete study", "abc", "::1"))
    with database.session() as session, pytest.raises(DatabaseError, match="not changed"):
        session.execute(update(Audit).values(person="Mallory"))
    with database.session() as session:
        assert [one.person for one in audit.page(session, 10, None)] == ["Maria"]
