"""Logins. The cookie holds a random id; the store holds its hash, and knows when it ends.

A login ends after some hours, and when its user has done nothing for some minutes. What a page asks for by itself, since
something changed on the server or a clock ran down, is not the user's doing and keeps no login alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.store.access.secret import digest, fresh
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now

_GRAIN: Final = timedelta(seconds=60)
"""What the user does is written down this often, not each time; where logins end sooner, more often."""

_SHORT: Final = 12
"""Hexadecimal digits by which a login is told from the others of its account."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose login it is.

    Attributes:
        id: of the account.
        name: of the account.
        role: what it may do.
        must_change: whether it has to choose another password before anything else.
        digest: of the cookie, which names the login.
        left: seconds after which it ends if its user does nothing.
    """

    id: int
    name: str
    role: Role
    must_change: bool
    digest: str
    left: float


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


def find(session: Session, secret: str, idle_minutes: float, *, active: bool = False) -> Found | None:
    """Whose cookie this is; None where the login has ended, was idle for too long, or never was.

    Args:
        session: of the database.
        secret: the cookie.
        idle_minutes: after which a login ends.
        active: whether the request comes from something that the user did.
    """
    return _find(session, digest(secret), idle_minutes, active=active)


def look(session: Session, login: str, idle_minutes: float) -> Found | None:
    """The same for a login by its digest, as one that looks on: it is not kept alive."""
    return _find(session, login, idle_minutes, active=False)


def _find(session: Session, login_digest: str, idle_minutes: float, *, active: bool) -> Found | None:
    row = session.execute(
        select(Login, User).join(User, Login.user_id == User.id).where(Login.digest == login_digest)
    ).first()
    if row is None:
        return None
    login, user = row[0], row[1]
    moment, idle = now(), timedelta(minutes=idle_minutes)
    if moment >= login.expires or moment - login.seen > idle or not user.active:
        # by statement, since the stream of events of the same page may end it at the same time
        deleted(session, delete(Login).where(Login.digest == login.digest))
        return None
    seen = login.seen
    if active:
        if moment - seen > min(_GRAIN, idle / 30):
            session.execute(update(Login).where(Login.digest == login.digest).values(seen=moment))
        seen = moment
    left = min(login.expires - moment, idle - (moment - seen)).total_seconds()
    return Found(user.id, user.name, Role(user.role), user.must_change, login.digest, left)


def short(login: str) -> str:
    """How a login is named to its user; nobody gets in with that."""
    return login[:_SHORT]


def of_user(session: Session, user: int) -> Sequence[Login]:
    """The logins of an account, the newest first."""
    wanted = select(Login).where(Login.user_id == user, Login.expires > now())
    return session.scalars(wanted.order_by(Login.created.desc())).all()


def end_of(session: Session, user: int, *, only: str | None = None, but: str = "") -> list[str]:
    """End logins of an account.

    Args:
        session: of the database.
        user: id of the account.
        only: the short name of the one that ends; None for all.
        but: digest of the one that stays.

    Returns:
        The digests of those that ended.
    """
    ended = [
        login.digest
        for login in of_user(session, user)
        if login.digest != but and (only is None or short(login.digest) == only)
    ]
    session.execute(delete(Login).where(Login.digest.in_(ended)))
    return ended


def end(session: Session, secret: str) -> None:
    """Log out."""
    session.execute(delete(Login).where(Login.digest == digest(secret)))


def sweep(session: Session) -> None:
    """Forget what has ended."""
    session.execute(delete(Login).where(Login.expires <= now()))
