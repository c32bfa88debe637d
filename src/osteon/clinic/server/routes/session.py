"""Logging in and out, the first administrator, and login through a provider of OpenID Connect."""

from __future__ import annotations

from importlib.metadata import version
from math import ceil
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse

from osteon.clinic.role import Role
from osteon.clinic.server.access import Person, client_address, cookie_name, identify, needs, note
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.csrf import check_origin, csrf_token
from osteon.clinic.server.identity import LoginError
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.throttle import FREE_ADDRESS, network
from osteon.clinic.store import accounts, audit, sessions, setup
from osteon.clinic.store.tables.accounts import User

if TYPE_CHECKING:
    from osteon.clinic.server.oidc import Provider  # with its client for HTTP, which most servers do without

router: Final = APIRouter(prefix="/api/v1", tags=["session"])

OIDC: Final = "/api/v1/oidc/login"
FLOW: Final = "osteon_oidc"


class Credentials(BaseModel):
    """Name and password."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=256, examples=["maria"])
    password: str = Field(max_length=1024, examples=["five green cats on a roof"])


class SetUp(Credentials):
    """What makes an administrator."""

    token: str = Field(max_length=256, description="The one-time token that `osteon serve` printed.")


class NewPassword(BaseModel):
    """A change of one's own password."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class Who(BaseModel):
    """Who is logged in."""

    name: str = Field(examples=["maria"])
    role: Role


class SingleSignOn(BaseModel):
    """The provider of OpenID Connect."""

    name: str
    url: str


class State(BaseModel):
    """What the page must know before anything else."""

    user: Who | None
    csrf: str | None = Field(description="For the header X-CSRF-Token of requests that change something.")
    setup: bool = Field(description="Whether there is no administrator yet.")
    open: bool = Field(description="Whether everyone is let in without a login.")
    oidc: SingleSignOn | None
    version: str = Field(examples=["0.1.0"])
    bundle: str = Field(examples=["fracatlas@1.1.0"])


@router.get("/session")
def state(request: Request) -> State:
    """Who is logged in, and what the server offers to those who are not."""
    return _state(request, identify(request))


@router.post("/session")
def log_in(request: Request, given: Credentials, response: Response) -> State:
    """Log in with a name and a password."""
    check_origin(request)
    here = context(request)
    account, address = f"name {accounts.compared(given.name)}", f"from {network(client_address(request))}"
    wait = here.throttle.wait(account, address)
    if wait > 0:
        raise ProblemError(
            429, "Too many wrong passwords", "Try again later.", headers={"Retry-After": str(ceil(wait))}
        )
    person: Person | None = None
    with here.database.session() as session:
        user = accounts.authenticate(session, given.name, given.password)
        if user is None:
            known = accounts.find(session, given.name)
            # What was typed as a name may be a password: it is written down only if it is a name.
            name = known.name if known is not None else ""
            audit.write(session, audit.Entry(name, "", "log in", "", client_address(request), "failed"))
        else:
            person = _begin(request, response, session, user, "log in")
    if person is None:
        here.throttle.failed(account)
        here.throttle.failed(address, FREE_ADDRESS)
        raise ProblemError(401, "The name or the password is wrong")
    here.throttle.succeeded(account)
    return _state(request, person)


@router.delete("/session", status_code=204)
def log_out(request: Request, response: Response, person: Annotated[Person, Depends(needs(Role.VIEWER))]) -> None:
    """Log out."""
    with context(request).database.session() as session:
        sessions.end(session, person.cookie)
    response.delete_cookie(cookie_name(request), path="/", secure=_tls(request), httponly=True, samesite="strict")
    if person.cookie:
        note(request, "log out")


@router.post("/session/password", status_code=204)
def change_password(
    request: Request, given: NewPassword, person: Annotated[Person, Depends(needs(Role.VIEWER))]
) -> None:
    """Change one's own password; all logins of the account end."""
    here = context(request)
    account = f"name {accounts.compared(person.name)}"
    if here.throttle.wait(account) > 0:
        raise ProblemError(429, "Too many wrong passwords", headers={"Retry-After": "60"})
    with here.database.session() as session:
        user = accounts.authenticate(session, person.name, given.old) if person.id is not None else None
        if user is not None:
            accounts.change(session, user, password=given.new)
    note(request, "change own password", result="failed" if user is None else "done")
    if user is None:
        here.throttle.failed(account)
        raise ProblemError(403, "The old password is wrong")


@router.post("/setup")
def set_up(request: Request, given: SetUp, response: Response) -> State:
    """Make an administrator with the one-time token, or give one back their entry, and log in."""
    check_origin(request)
    here = context(request)
    # All in one: where the name or password is refused the token stays good.
    with here.database.session() as session:
        if not setup.spend(session, given.token):
            raise ProblemError(
                401, "This token is not good any more", "`osteon serve --new-token` makes another one; it is good once."
            )
        user = accounts.find(session, given.name)
        if user is None:
            user = accounts.create(session, given.name, Role.ADMINISTRATOR, given.password)
        else:
            accounts.change(session, user, role=Role.ADMINISTRATOR, password=given.password, active=True)
        person = _begin(request, response, session, user, "set up")
    here.throttle.succeeded(f"name {accounts.compared(given.name)}")
    return _state(request, person)


@router.get("/oidc/login", include_in_schema=False)
def to_provider(request: Request) -> Response:
    """Send the browser to the provider."""
    provider = _provider(context(request))
    flow, address = provider.begin(_callback(request))
    response = RedirectResponse(address, 303)
    # Lax, since the provider's page leads back here: a strict cookie would not come along.
    response.set_cookie(
        FLOW, flow, max_age=600, path="/api/v1/oidc", secure=_tls(request), httponly=True, samesite="lax"
    )
    return response


@router.get("/oidc/callback", include_in_schema=False)
def from_provider(request: Request, state: str = "", code: str = "") -> Response:
    """Take the browser back from the provider and log in."""
    here = context(request)
    provider = _provider(here)
    response: Response = RedirectResponse("/", 303)
    try:
        identity = provider.finish(request.cookies.get(FLOW, ""), state, code, _callback(request))
    except LoginError as error:
        with here.database.session() as session:
            audit.write(session, audit.Entry("", "", "single sign-on", "", client_address(request), "failed"))
        raise ProblemError(403, "The login with the provider failed", error.problem) from error
    with here.database.session() as session:
        user = accounts.from_provider(session, identity.subject, identity.name, identity.role)
        _begin(request, response, session, user, "single sign-on")
    response.delete_cookie(FLOW, path="/api/v1/oidc")
    return response


def _begin(request: Request, response: Response, session: Session, user: User, action: str) -> Person:
    """Start a session: always a new one, so that nobody can prepare it for somebody else."""
    here = context(request)
    address = client_address(request)
    old = request.cookies.get(cookie_name(request))
    if old:
        sessions.end(session, old)
    secret = sessions.begin(session, user, here.settings.session_hours, address)
    audit.write(session, audit.Entry(user.name, user.role, action, "", address))
    response.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(here.settings.session_hours * 3600),
        path="/",
        secure=_tls(request),
        httponly=True,
        samesite="strict",
    )
    return Person(user.id, user.name, Role(user.role), secret)


def _state(request: Request, person: Person | None) -> State:
    here = context(request)
    with here.database.session() as session:
        waiting = here.settings.open_access is None and not accounts.any_administrator(session)
    return State(
        user=None if person is None else Who(name=person.name, role=person.role),
        csrf=csrf_token(person.cookie) if person is not None and person.cookie else None,
        setup=waiting,
        open=here.settings.open_access is not None,
        oidc=None if here.provider is None else SingleSignOn(name=here.provider.name, url=OIDC),
        version=version("osteon"),
        bundle=here.bundle.manifest.identity,
    )


def _tls(request: Request) -> bool:
    return request.url.scheme == "https"


def _callback(request: Request) -> str:
    """The address that the provider leads back to; the host was checked, or stands in the settings."""
    public = context(request).settings.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}/api/v1/oidc/callback"


def _provider(here: Context) -> Provider:
    if here.provider is None:
        raise missing("login")
    return here.provider
