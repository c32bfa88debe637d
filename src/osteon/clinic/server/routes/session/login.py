"""Logging in and out with a password, and the first administrator."""

from __future__ import annotations

from importlib.metadata import version
from math import ceil
from typing import Annotated, Final

from fastapi import Depends, Request, Response
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, client_address, cookie_name, identify, needs, note
from osteon.clinic.server.access.csrf import check_origin, csrf_token
from osteon.clinic.server.access.devices import LIFETIME
from osteon.clinic.server.access.session_cookie import begin_session, over_tls
from osteon.clinic.server.access.throttle import FREE, FREE_ACCOUNT, FREE_ADDRESS, network
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.routes.session.single_sign_on import OIDC
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.server.schemas.session import CurrentUser, SessionState, SingleSignOn
from osteon.clinic.store.access import accounts, sessions, setup
from osteon.clinic.store.database import is_gone

router: Final = api_router(prefix="/api/v1", tags=["session"])

DEVICE: Final = "device"

CLEAR: Final = '"cache"'
"""What a browser forgets at logout. Not its cookies and storage: they hold nothing of a patient, and those of other rooms on
this host would go along."""


class Credentials(Given):
    """Name and password."""

    name: str = Field(max_length=256, examples=["maria"])
    password: str = Field(max_length=1024, examples=["five green cats on a roof"])


class Setup(Credentials):
    """Creates an administrator, or resets the access of one."""

    token: str = Field(max_length=256, description="The one-time token that `osteon serve` printed.")


class NewPassword(Given):
    """A change of one's own password."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


@router.get("/session")
def get_session(request: Request) -> SessionState:
    """CurrentUser is logged in, and what the server offers to those who are not."""
    return _state(request, identify(request))


@router.post("/session")
def log_in(request: Request, given: Credentials, response: Response) -> SessionState:
    """Log in with a name and a password."""
    check_origin(request)
    here = context(request)
    account = accounts.compared(given.name)
    tries = _tries(request, account)
    wait = here.throttle.begin(tries)
    if wait > 0:
        raise _too_many(wait)
    person, shown = _entered(request, response, given)
    # What was typed as a name may be a password: it is written down only if it is a name.
    note(request, "log in", result="failed" if person is None else "done", name=shown)
    if person is None:
        here.throttle.wrong(tries)
        raise ProblemError(401, "Wrong name or password")
    here.throttle.right(tries)
    _remember(request, response, account)
    return _state(request, person)


@router.post("/session/activity", status_code=204)
def keep_alive(request: Request, person: Annotated[Person, Depends(needs(Role.ANNOTATOR))]) -> None:
    """Keep the session alive: for activity of the user on the page that causes no other request.

    `X-Osteon-Idle-Left` of the response says how long the session now lasts without activity.
    """
    if not person.cookie:
        return
    here = context(request)
    with here.database.session() as session:
        found = sessions.find(session, person.cookie, here.settings.session_idle_minutes, active=True)
    if found is not None:
        request.state.idle_left = found.left


@router.delete("/session", status_code=204)
def log_out(request: Request, response: Response, person: Annotated[Person, Depends(needs(Role.ANNOTATOR))]) -> None:
    """Log out."""
    here = context(request)
    with here.database.session() as session:
        sessions.end(session, person.cookie)
    response.delete_cookie(cookie_name(request), path="/", secure=over_tls(request), httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = CLEAR
    if person.cookie:
        note(request, "log out")
        here.streams.look()


@router.post("/session/password", status_code=204)
def change_password(
    request: Request, given: NewPassword, person: Annotated[Person, Depends(needs(Role.ANNOTATOR))]
) -> None:
    """Change one's own password; all sessions of the account end."""
    here = context(request)
    tries = {f"password of {person.id}": FREE}
    wait = here.throttle.begin(tries)
    if wait > 0:
        raise _too_many(wait)
    with here.database.session() as session:
        user = accounts.authenticate(session, person.name, given.old) if person.id is not None else None
        if user is not None:
            if given.new == given.old:
                raise ProblemError(422, "The new password equals the old one", "Choose another one.")
            accounts.change(session, user, password=given.new)
    note(request, "change own password", result="failed" if user is None else "done")
    if user is None:
        here.throttle.wrong(tries)
        raise ProblemError(403, "The old password is wrong")
    here.throttle.right(tries)
    here.streams.look()


@router.post("/setup")
def set_up(request: Request, given: Setup, response: Response) -> SessionState:
    """Create an administrator with the one-time token, or reset the access of one, and log in."""
    check_origin(request)
    here = context(request)
    # All in one: where the name or password is refused the token stays good.
    with here.database.session() as session:
        if not setup.spend(session, given.token):
            raise ProblemError(
                401, "This token is no longer valid", "`osteon serve --new-token` makes another one, for a single use."
            )
        user = accounts.find(session, given.name)
        if user is None:
            user = accounts.create(session, given.name, Role.ADMINISTRATOR, given.password)
        else:
            accounts.change(session, user, role=Role.ADMINISTRATOR, password=given.password, active=True)
        person = begin_session(request, response, session, user)
    request.state.person = person
    note(request, "set up")
    account = accounts.compared(given.name)
    here.throttle.right({}, f"name {account}", *_tries(request, account))
    _remember(request, response, account)
    here.streams.look()
    return _state(request, person)


def _entered(request: Request, response: Response, given: Credentials) -> tuple[Person | None, str]:
    """Who logs in, None where name or password is wrong, and the name of the account if there is one."""
    shown = ""
    try:
        with context(request).database.session() as session:
            user = accounts.authenticate(session, given.name, given.password)
            known = user or accounts.find(session, given.name)
            shown = known.name if known is not None else ""
            return None if user is None else begin_session(request, response, session, user), shown
    except SQLAlchemyError as error:
        if not is_gone(error):
            raise
        return None, shown  # the account was deleted while its password was checked


def _state(request: Request, person: Person | None) -> SessionState:
    here = context(request)
    with here.database.session() as session:
        waiting = here.settings.open_access is None and not accounts.any_administrator(session)
    return SessionState(
        user=None if person is None else CurrentUser(name=person.name, role=person.role),
        csrf=csrf_token(person.cookie) if person is not None and person.cookie else None,
        setup=waiting,
        must_change=person is not None and person.must_change,
        idle_minutes=here.settings.session_idle_minutes,
        idle_left=None if person is None or person.left is None else int(person.left),
        open=here.settings.open_access is not None,
        reports=here.settings.dicom.wants_reports and (person is None or person.id is not None),
        oidc=None if here.provider is None else SingleSignOn(name=here.provider.name, url=OIDC),
        version=version("osteon"),
        bundle=here.bundle.manifest.identity,
    )


def _tries(request: Request, account: str) -> dict[str, int]:
    """What a try to log in counts for. A device on which the account is known has a count of its own."""
    here = context(request)
    device = here.devices.known(request.cookies.get(cookie_name(request, DEVICE), ""), account)
    if device is not None:
        return {f"device {device} {account}": FREE}
    address = network(client_address(request))
    return {
        f"from {address} name {account}": FREE,
        f"from {address}": FREE_ADDRESS,
        f"name {account}": FREE_ACCOUNT,
    }


def _too_many(wait: float) -> ProblemError:
    headers = {"Retry-After": str(ceil(wait))}
    return ProblemError(429, "Too many wrong passwords", "Try again later.", headers=headers)


def _remember(request: Request, response: Response, account: str) -> None:
    """Let the browser be known for an account from now on."""
    name = cookie_name(request, DEVICE)
    response.set_cookie(
        name,
        context(request).devices.remember(request.cookies.get(name, ""), account),
        max_age=LIFETIME,
        path="/",
        secure=over_tls(request),
        httponly=True,
        samesite="strict",
    )
