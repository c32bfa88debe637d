"""The one-time token that makes an administrator: at the first start, and for those who are locked out."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from osteon.clinic.store.access.secret import digest, fresh
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import SetupToken
from osteon.clinic.store.tables.base import now

LIFETIME: Final = timedelta(hours=24)


def issue(session: Session) -> str:
    """A new token; those before it end. It is good for one use within a day."""
    token = fresh()
    session.execute(delete(SetupToken))
    session.add(SetupToken(digest=digest(token), expires=now() + LIFETIME))
    return token


def spend(session: Session, token: str) -> bool:
    """Use a token up; whether it was good. Of two that come at once, one is first."""
    good = SetupToken.digest == digest(token), SetupToken.expires > now()
    return deleted(session, delete(SetupToken).where(*good)) == 1
