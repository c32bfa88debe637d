"""The cookie of a session, however its user has proved who they are."""

from __future__ import annotations

from fastapi import Request, Response
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, client_address, cookie_name
from osteon.clinic.server.context import context
from osteon.clinic.store.access import sessions
from osteon.clinic.store.tables.accounts import User


def begin_session(request: Request, response: Response, session: Session, user: User) -> Person:
    """Start a session: always a new one, so that nobody can prepare it for somebody else."""
    here = context(request)
    address = client_address(request)
    old = request.cookies.get(cookie_name(request))
    if old:
        sessions.end(session, old)
    secret = sessions.begin(session, user, here.settings.session_hours, address)
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(here.settings.session_hours * 3600),
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="strict",
    )
    left = min(here.settings.session_idle_minutes * 60, here.settings.session_hours * 3600)
    request.state.idle_left = left
    return Person(user.id, user.name, Role(user.role), secret, must_change=user.must_change, left=left)


def over_tls(request: Request) -> bool:
    """Whether the browser came over TLS, so that its cookies never go another way."""
    return request.url.scheme == "https"
