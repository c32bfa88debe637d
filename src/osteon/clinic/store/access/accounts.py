"""Accounts: names, roles, passwords. Everything here runs within a session of the database that the caller opened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.store.access.lookalikes import mixed, skeletons
from osteon.clinic.store.access.passwords import hashed, matches
from osteon.clinic.store.database import is_taken
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import Session as Login
from osteon.clinic.store.tables.accounts import User
from osteon.clinic.store.tables.base import now
from osteon.core.errors import OsteonError

_NAME: Final = re.compile(r"\w[\w.@+-]*( [\w.@+-]+)*")
_LONGEST: Final = 64

RESERVED: Final = ("visitor", "osteon")
"""Names in the audit log that are nobody's: of those who come without a login, and of what the server does itself."""


class AccountError(OsteonError):
    """An account that cannot be made or changed as was asked."""


def cleaned(name: str) -> str:
    """A name as it is shown.

    Raises:
        OsteonError: it is empty, too long, has characters that names have not, mixes scripts, or is reserved.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    if len(plain) > _LONGEST or not _NAME.fullmatch(plain):
        raise OsteonError(
            "this name is not valid", expected=f"1 to {_LONGEST} letters, digits, spaces or any of . @ + - _"
        )
    if mixed(plain):
        raise OsteonError("this name is not valid", expected="letters of one script, such as Latin or Cyrillic")
    if any(not skeletons(plain).isdisjoint(skeletons(item)) for item in RESERVED):
        raise OsteonError("this name is not valid", got="a reserved name, or one that resembles it")
    return plain


def compared(name: str) -> str:
    """A name as it is compared: without case, and in one form of Unicode."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def find(session: Session, name: str) -> User | None:
    """The account of a name."""
    return session.scalar(select(User).where(User.key == compared(name)))


def everyone(session: Session) -> Sequence[User]:
    """All accounts by name."""
    return session.scalars(select(User).order_by(User.key)).all()


def any_administrator(session: Session) -> bool:
    """Whether somebody can administrate; without one the reading room waits for its set-up."""
    return _administrators(session) > 0


def create(
    session: Session,
    name: str,
    role: Role,
    password: str | None,
    subject: str | None = None,
    *,
    by_other: bool = False,
) -> User:
    """Make an account; without a password it is entered through OpenID Connect only.

    Args:
        session: of the database.
        name: of the account.
        role: what it may do.
        password: the first one.
        subject: the person at the provider.
        by_other: whether somebody else chose the password: then the account has to choose its own at the first login.

    Raises:
        AccountError: the name is taken, or looks like one that is.
        OsteonError: the name or password cannot be one.
    """
    shown = cleaned(name)
    if find(session, shown) is not None:
        raise AccountError("this name is taken")
    looks = skeletons(shown)
    if any(not looks.isdisjoint(skeletons(other)) for other in session.scalars(select(User.name))):
        raise AccountError(
            "this name resembles that of another account", hint="Choose one that cannot be confused with it."
        )
    kept = None if password is None else hashed(password, shown)
    user = User(
        key=compared(shown),
        name=shown,
        password=kept,
        role=role,
        subject=subject,
        active=True,
        created=now(),
        seen=None,
        must_change=by_other and password is not None,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:  # another one made it while the password was hashed
        if not is_taken(error):
            raise
        raise AccountError("this name is taken") from error
    return user


def authenticate(session: Session, name: str, password: str) -> User | None:
    """The account with this name and password; the answer takes as long for names that do not exist."""
    user = find(session, name)
    usable = user is not None and user.active
    if not matches(user.password if user is not None and usable else None, password):
        return None
    return user


def from_provider(session: Session, subject: str, name: str, role: Role) -> User:
    """The account of a person at the OIDC provider, made at the first login; the provider says which role they have.

    An account with a password is never entered this way: whoever can choose a name at the provider could take it over.

    Raises:
        AccountError: the name belongs to somebody else here, or the account is closed.
    """
    user = session.scalar(select(User).where(User.subject == subject))
    if user is None:
        return create(session, name, role, None, subject)
    if not user.active:
        raise AccountError("this account is closed")
    user.role = role
    return user


def change(
    session: Session,
    user: User,
    *,
    role: Role | None = None,
    password: str | None = None,
    active: bool | None = None,
    by_other: bool = False,
) -> None:
    """Change an account; its logins end, so that nobody goes on with what was taken from them.

    Args:
        session: of the database.
        user: the account.
        role: another role.
        password: another password.
        active: whether the account may be entered.
        by_other: whether somebody else chose the password: then the account has to choose its own at the next login.

    Raises:
        AccountError: the last administrator would be lost, or the account has no password of its own.
        OsteonError: the password cannot be one.
    """
    demoted = (role is not None and role is not Role.ADMINISTRATOR) or active is False
    if demoted:
        _keep_one(session, user)
    if password is not None:
        if user.subject is not None:
            raise AccountError("this account has no password: it uses single sign-on")
        user.password = hashed(password, user.name)
        user.must_change = by_other
    user.role = user.role if role is None else role
    user.active = user.active if active is None else active
    session.execute(delete(Login).where(Login.user_id == user.id))


def remove(session: Session, user: User) -> bool:
    """Delete an account with its logins; whether it was still there.

    Raises:
        AccountError: it is the last administrator.
    """
    _keep_one(session, user)
    session.execute(delete(Login).where(Login.user_id == user.id))
    return deleted(session, delete(User).where(User.id == user.id)) == 1


def _administrators(session: Session) -> int:
    wanted = select(func.count()).select_from(User).where(User.role == Role.ADMINISTRATOR, User.active)
    return session.scalar(wanted) or 0


def _keep_one(session: Session, user: User) -> None:
    if user.role == Role.ADMINISTRATOR and user.active and _administrators(session) == 1:
        raise AccountError("this is the last administrator", hint="Make another one first.")
