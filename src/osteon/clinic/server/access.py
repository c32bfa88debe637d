"""Who asks, and whether they may: a key, a session, or the open door of a single user at home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection, Request

from osteon.clinic.role import Role
from osteon.clinic.server.context import context
from osteon.clinic.server.csrf import check_origin, check_token
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.store import audit, keys, sessions

__all__ = ["Needs", "Person", "Role", "identify", "needs", "note"]

BEARER: Final = "bearer "
VISITOR: Final = "visitor"


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever sent a request.

    Attributes:
        id: of the account; None for keys and visitors.
        name: of the account, ``key:NAME``, or ``visitor``.
        role: what they may do.
        cookie: of the session, empty where there is none.
    """

    id: int | None
    name: str
    role: Role
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency of a route: the person, who must be allowed to do what the role may."""

    role: Role

    def __call__(self, request: Request) -> Person:
        """Find out who asks.

        Raises:
            ProblemError: nobody (401), or somebody who must not (403).
        """
        person = identify(request)
        if person is None:
            raise ProblemError(401, "Log in first", headers={"WWW-Authenticate": "Bearer"})
        request.state.person = person
        if not person.role.allows(self.role):
            route = getattr(request.scope.get("route"), "path", "-")
            note(request, f"{request.method} {route}", result="refused")
            raise ProblemError(403, f"This needs the role {self.role}", f"Your role is {person.role}.")
        return person


def needs(role: Role) -> Needs:
    """The dependency of a route that needs a role: ``Annotated[Person, Depends(needs(Role.READER))]``."""
    return Needs(role)


def identify(request: Request) -> Person | None:
    """Who sent a request; None where nobody is logged in.

    Raises:
        ProblemError: a key that is not valid (401), or a change that does not come from the own page (403).
    """
    authorization = request.headers.get("authorization", "")
    if authorization[: len(BEARER)].lower() == BEARER:
        return _bearer(request, authorization[len(BEARER) :].strip())
    check_origin(request)
    here = context(request)
    cookie = request.cookies.get(cookie_name(request), "")
    if cookie:
        with here.database.session() as session:
            found = sessions.find(session, cookie, here.settings.session_idle_minutes)
        if found is not None:
            check_token(request, cookie)
            return Person(found.id, found.name, found.role, cookie)
    if here.settings.open_access is not None:
        return Person(None, VISITOR, here.settings.open_access)
    return None


def cookie_name(request: HTTPConnection) -> str:
    """The name of the session's cookie; under TLS its prefix lets browsers refuse any that is not this host's own."""
    return "__Host-osteon" if request.url.scheme == "https" else "osteon"


def client_address(request: HTTPConnection) -> str:
    """The address that a request came from, through stated proxies."""
    return request.client.host if request.client is not None else ""


def note(request: Request, action: str, *subjects: str, result: str = "done") -> None:
    """Write the audit log: who did what to what, when and from where.

    All entries are written at once: to wait for the disk is what takes time here.

    Args:
        request: whose person was found by ``needs``.
        action: a verb and a noun, e.g. ``delete study``.
        subjects: ids, never a patient's data; an entry for each.
        result: ``done``, ``refused`` or ``failed``.
    """
    person: Person | None = getattr(request.state, "person", None)
    name, role = (person.name, person.role) if person else ("", "")
    with context(request).database.session() as session:
        for subject in subjects or ("",):
            audit.write(session, audit.Entry(name, role, action, subject, client_address(request), result))


def _bearer(request: Request, secret: str) -> Person:
    with context(request).database.session() as session:
        key = keys.find(session, secret)
    if key is None:
        raise ProblemError(401, "The API key is not valid", headers={"WWW-Authenticate": "Bearer"})
    return Person(None, f"key:{key.name}", Role(key.role))
