"""API keys: ``osteon_<id>_<secret>``. The id finds the key, the hash of the secret proves it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope, written
from osteon.clinic.store.access.secret import digest, fresh
from osteon.clinic.store.deletion import deleted
from osteon.clinic.store.tables.accounts import ApiKey
from osteon.clinic.store.tables.base import now

_FORM: Final = re.compile(r"osteon_([0-9a-f]{12})_([0-9a-f]{64})")
_GRAIN: Final = timedelta(seconds=60)


def create(
    session: Session,
    name: str,
    role: Role,
    expires: datetime | None,
    creator: str,
    scopes: Collection[Scope] = (Scope.ALL,),
) -> tuple[ApiKey, str]:
    """Make a key.

    Args:
        session: of the database.
        name: says what it is for.
        role: what it may do at most.
        expires: when it ends; None for never.
        creator: who made it.
        scopes: what it may be used for.

    Returns:
        The key as it is stored, and the whole of it, which is not.
    """
    secret = fresh()
    key = ApiKey(
        id=secrets.token_hex(6),
        name=name,
        digest=digest(secret),
        role=role,
        created=now(),
        expires=expires,
        seen=None,
        creator=creator,
        scopes=written(scopes),
    )
    session.add(key)
    session.flush()
    return key, f"osteon_{key.id}_{secret}"


def find(session: Session, given: str) -> ApiKey | None:
    """The key that was given; None where it is unknown, wrong or has expired."""
    form = _FORM.fullmatch(given)
    if form is None:
        return None
    key = session.get(ApiKey, form[1])
    if key is None or not hmac.compare_digest(key.digest, digest(form[2])):
        return None
    moment = now()
    if key.expires is not None and moment >= key.expires:
        return None
    if key.seen is None or moment - key.seen > _GRAIN:
        session.execute(update(ApiKey).where(ApiKey.id == key.id).values(seen=moment))
    session.expunge(key)
    return key


def known(session: Session, given: str) -> str:
    """The id of the key that was meant by one that is wrong or has expired; empty where there is none."""
    form = _FORM.fullmatch(given)
    return form[1] if form is not None and session.get(ApiKey, form[1]) is not None else ""


def good(session: Session, key: str) -> bool:
    """Whether a key is there and has not expired."""
    found = session.get(ApiKey, key)
    return found is not None and (found.expires is None or now() < found.expires)


def everything(session: Session) -> Sequence[ApiKey]:
    """All keys, the newest first."""
    return session.scalars(select(ApiKey).order_by(ApiKey.created.desc())).all()


def remove(session: Session, key: str) -> bool:
    """Delete a key by its id; whether there was one."""
    return deleted(session, delete(ApiKey).where(ApiKey.id == key)) == 1
