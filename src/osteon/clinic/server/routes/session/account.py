"""One's own account, its sessions, and how to end them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Request

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.server.schemas.session import Login, OwnAccount
from osteon.clinic.store.access import sessions
from osteon.clinic.store.tables.accounts import ApiKey, User

router: Final = api_router(prefix="/api/v1/account", tags=["session"])

Anybody = Annotated[Person, Depends(needs(Role.ANNOTATOR))]


@router.get("")
def get_own_account(request: Request, person: Anybody) -> OwnAccount:
    """One's own account with its sessions; for a program, its API key."""
    with context(request).database.session() as session:
        user = None if person.id is None else session.get(User, person.id)
        key = session.get(ApiKey, person.key) if person.key else None
        known = user or key
        return OwnAccount(
            name=person.name,
            role=person.role,
            created=None if known is None else known.created,
            seen=None if known is None else known.seen,
            single_sign_on=user is not None and user.subject is not None,
            must_change=person.must_change,
            logins=[
                Login(
                    id=sessions.short(item.digest),
                    created=item.created,
                    seen=item.seen,
                    expires=item.expires,
                    address=item.address,
                    current=item.digest == person.login,
                )
                for item in ([] if user is None else sessions.of_user(session, user.id))
            ],
            scopes=list(person.scopes),
            expires=None if key is None else key.expires,
        )


@router.delete("/logins", status_code=204)
def end_other_logins(request: Request, person: Anybody) -> None:
    """End all other sessions of one's own account."""
    _end(request, person, None)


@router.delete("/logins/{id}", status_code=204, responses=refusals(404))
def end_login(request: Request, id: str, person: Anybody) -> None:  # noqa: A002 - the name in the API
    """End one of one's own sessions."""
    if not _end(request, person, id):
        raise missing("login")


def _end(request: Request, person: Person, only: str | None) -> int:
    """End logins of an account; returns how many there were."""
    here = context(request)
    if person.id is None:
        return 0
    with here.database.session() as session:
        ended = sessions.end_of(session, person.id, only=only, but=person.login if only is None else "")
    if ended:
        note(request, "end own logins", *(sessions.short(item) for item in ended))
        here.streams.look()
    return len(ended)
