"""Logins. The cookie holds a random id; the store holds its hash, and knows when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.store.secret import digest, fresh
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now

_GRAIN: Final = timedelta(seconds=60)
"""The last request of a session is written down this often, not each time."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose session it is."""

    id: int
    name: str
    role: Role


def begin(session: Session, user: User, hours: float, address: str) -> str:
    """Log an account in.

    Returns:
        The secret for the cookie; it is stored as a hash only.
    """
    secret, moment = fresh(), now()
    user.seen = moment
    session.add(
        Login(
            digest=digest(secret),
            user_id=user.id,
            created=moment,
            expires=moment + timedelta(hours=hours),
            seen=moment,
            address=address[:64],
        )
    )
    return secret


def find(session: Session, secret: str, idle_minutes: float) -> Found | None:
    """Whose cookie this is; None where the session has ended, was idle for too long, or never was."""
    row = session.execute(
        select(Login, User).join(User, Login.user_id == User.id).where(Login.digest == digest(secret))
    ).first()
    if row is None:
        return None
    login, user = row[0], row[1]
    moment = now()
    if moment >= login.expires or moment - login.seen > timedelta(minutes=idle_minutes) or not user.active:
        session.delete(login)
        return None
    if moment - login.seen > _GRAIN:
        session.execute(update(Login).where(Login.digest == login.digest).values(seen=moment))
    return Found(user.id, user.name, Role(user.role))


def end(session: Session, secret: str) -> None:
    """Log out."""
    session.execute(delete(Login).where(Login.digest == digest(secret)))


def sweep(session: Session) -> None:
    """Forget what has ended."""
    session.execute(delete(Login).where(Login.expires <= now()))
