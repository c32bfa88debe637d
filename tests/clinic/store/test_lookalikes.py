"""Nobody gets a name that others take for somebody else's."""

from __future__ import annotations

import pytest

from osteon.clinic.role import Role
from osteon.clinic.store.access import accounts
from osteon.clinic.store.access.accounts import AccountError, cleaned
from osteon.clinic.store.database import Database
from osteon.core.errors import OsteonError


@pytest.mark.parametrize(
    ("taken", "other"),
    [
        ("admin", "ａｄｍｉｎ"),  # full width: the same by NFKC
        ("ace", "асе"),  # Cyrillic, all of it
        ("ACE", "АСЕ"),
        ("Oxo", "Охо"),
        ("ao", "αο"),  # Greek
        ("paul", "pau1"),
        ("paul", "PauI"),
        ("zoo", "z00"),
        ("admin", "adrnin"),
        ("admin", "admın"),  # dotless i
        ("asta", "ɑsta"),
        ("user1", "userl"),
        ("user1", "user١"),
    ],
)
def test_names_that_look_alike(database: Database, taken: str, other: str) -> None:
    for first, second in ((taken, other), (other, taken)):
        with database.session() as session:
            made = accounts.create(session, first, Role.ADMINISTRATOR, None)
            with pytest.raises(AccountError, match=r"taken|resembles"):
                accounts.create(session, second, Role.VIEWER, None)
            session.delete(made)


def test_names_that_do_not(database: Database) -> None:
    names = ("Maria", "Mario", "Anna", "Hanna", "Олена", "Олег", "Γιώργος", "Jürgen", "Jurgen", "田中さくら", "김민준")
    with database.session() as session:
        for name in (*names, "dr. who", "a@b.example", "reader 1", "reader 2", "reader 10"):
            assert accounts.create(session, name, Role.VIEWER, None).name == name


@pytest.mark.parametrize(
    "name", ["аdmin", "Mаria", "pаul", "Οlga", "Maria\u202e", "Ma\u200bria", "vіsitor", "VISIT0R", "0steon"]
)
def test_what_cannot_be_a_name(name: str) -> None:
    with pytest.raises(OsteonError, match="name is not valid"):
        cleaned(name)
