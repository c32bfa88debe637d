"""Authentication and authorisation of requests: API key, session, or access without a login."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import HTTPConnection, Request

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope, covers, parsed
from osteon.clinic.server.access.csrf import check_origin, check_token
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.store.access import keys, sessions
from osteon.clinic.store.audit import audit

__all__ = ["Needs", "Person", "Role", "identify", "listed", "needs", "note"]

BEARER: Final = "bearer "
VISITOR: Final = "visitor"

ACTIVITY: Final = "x-osteon-activity"
"""The header with which the page marks a request that the user's own input caused: ``X-Osteon-Activity: user``."""

USER: Final = "user"

FIRST: Final = frozenset(
    {
        ("DELETE", "/api/v1/session"),
        ("POST", "/api/v1/session/password"),
        ("POST", "/api/v1/session/activity"),
        ("GET", "/api/v1/account"),
    }
)
"""What an account may ask for that has to choose another password first."""

CHOOSE: Final = "urn:osteon:problem:password"
"""The type of the refusal of everything else."""


@dataclass(frozen=True, slots=True)
class Person:
    """The person or program that sent a request.

    Attributes:
        id: of the account; None for keys and visitors.
        name: of the account, ``key:NAME``, or ``visitor``.
        role: their role.
        cookie: of the session, empty where there is none.
        login: digest of that cookie.
        key: id of the API key, empty where there is none.
        scopes: what the key may be used for; everything for people.
        must_change: whether they have to choose another password first.
        left: seconds after which the session ends if its user does nothing; None where there is none.
    """

    id: int | None
    name: str
    role: Role
    cookie: str = ""
    login: str = ""
    key: str = ""
    scopes: tuple[Scope, ...] = (Scope.ALL,)
    must_change: bool = False
    left: float | None = None

    @property
    def sees(self) -> bool:
        """Whether they may see studies at all; a key that only sends may not."""
        return not {Scope.ALL, Scope.VIEW}.isdisjoint(self.scopes)


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
        route = getattr(request.scope.get("route"), "path", "-")
        if person.must_change and (request.method, route) not in FIRST:
            detail = "It was set by an administrator. POST /session/password changes it."
            raise ProblemError(403, "The password must be changed first", detail, extra={"type": CHOOSE})
        if not person.role.allows(self.role):
            note(request, f"{request.method} {route}", result="refused")
            raise ProblemError(403, f"This needs the role {self.role}", f"Your role is {person.role}.")
        viewing = self.role is Role.VIEWER or (request.method, route) in FIRST
        if not covers(person.scopes, request.method, route, viewing=viewing):
            note(request, f"{request.method} {route}", result="refused")
            raise ProblemError(403, "The API key does not cover this", f"Its scopes: {', '.join(person.scopes)}.")
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
        active = request.headers.get(ACTIVITY, "").strip().lower() == USER
        with here.database.session() as session:
            found = sessions.find(session, cookie, here.settings.session_idle_minutes, active=active)
        if found is not None:
            check_token(request, cookie)
            request.state.idle_left = found.left
            return Person(
                found.id, found.name, found.role, cookie, found.digest, must_change=found.must_change, left=found.left
            )
    if here.settings.open_access is not None:
        return Person(None, VISITOR, here.settings.open_access)
    return None


def remains(here: Context, person: Person) -> float | None:
    """Seconds for which somebody who was let in before may stay without being asked again; None where they may not.

    Asking does not keep a session alive.
    """
    with here.database.session() as session:
        if person.key:
            return _LONG if keys.good(session, person.key) else None
        if person.login:
            found = sessions.look(session, person.login, here.settings.session_idle_minutes)
            return None if found is None else found.left
    return _LONG


_LONG: Final = 3600.0


def cookie_name(request: HTTPConnection, kind: str = "") -> str:
    """The name of a cookie of this room: other rooms on the same host have others, whatever their ports are.

    Under TLS its prefix lets browsers refuse any that is not this host's own.

    Args:
        request: to this room.
        kind: which of its cookies; empty for the session's.
    """
    name = "-".join(part for part in ("osteon", kind, context(request).room) if part)
    return f"__Host-{name}" if request.url.scheme == "https" else name


def client_address(request: HTTPConnection) -> str:
    """The address that a request came from, through stated proxies."""
    return request.client.host if request.client is not None else ""


def note(request: Request, action: str, *subjects: str, result: str = "done", name: str | None = None) -> None:
    """Write the audit log: who did what to what, when and from where.

    Entries are safe from the end of the process when this returns, and reach the database soon after.

    Args:
        request: whose person was found by ``needs``.
        action: a verb and a noun, e.g. ``delete study``.
        subjects: ids, never a patient's data; an entry for each.
        result: ``done``, ``refused`` or ``failed``.
        name: of the account, where nobody is logged in yet.
    """
    person: Person | None = getattr(request.state, "person", None)
    shown, role = (person.name, str(person.role)) if person else ("", "")
    address = client_address(request)
    who = shown if name is None else name
    context(request).recorder.add(
        *(audit.Entry(who, role, action, subject, address, result) for subject in subjects or ("",))
    )


def listed(request: Request, studies: tuple[str, ...]) -> None:
    """Say which studies an answer shows, where the address of the request does not: the audit log names them."""
    request.state.listed = studies


def about(request: Request, studies: tuple[str, ...]) -> None:
    """Say which studies an answer is about, where its address names them otherwise than this store does."""
    request.state.subject = " ".join(studies)


def _bearer(request: Request, secret: str) -> Person:
    here = context(request)
    with here.database.session() as session:
        key = keys.find(session, secret)
        known = "" if key is not None else keys.known(session, secret)
    if key is None:
        here.recorder.combine(audit.Entry("", "", "use API key", known, client_address(request), "failed"))
        raise ProblemError(401, "The API key is not valid", headers={"WWW-Authenticate": "Bearer"})
    return Person(None, f"key:{key.name}", Role(key.role), key=key.id, scopes=parsed(key.scopes))
