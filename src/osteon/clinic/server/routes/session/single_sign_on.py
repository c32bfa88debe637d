"""Login through a provider of OpenID Connect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from osteon.clinic.server.access.access import cookie_name, note
from osteon.clinic.server.access.identity import LoginError
from osteon.clinic.server.access.session_cookie import begin_session, over_tls
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.store.access import accounts

if TYPE_CHECKING:
    from osteon.clinic.server.access.oidc import Provider  # with its client for HTTP, which most servers do without

router: Final = api_router(prefix="/api/v1", tags=["session"])

OIDC: Final = "/api/v1/oidc/login"
FLOW: Final = "oidc"


@router.get("/oidc/login", include_in_schema=False)
def to_provider(request: Request) -> Response:
    """Send the browser to the provider."""
    provider = _provider(context(request))
    flow, address = provider.begin(_callback(request))
    response = RedirectResponse(address, 303)
    # Lax, since the provider's page leads back here: a strict cookie would not come along.
    response.set_cookie(
        cookie_name(request, FLOW), flow, max_age=600, path="/", secure=over_tls(request), httponly=True, samesite="lax"
    )
    return response


@router.get("/oidc/callback", include_in_schema=False)
def from_provider(request: Request, state: str = "", code: str = "") -> Response:
    """Receive the browser back from the provider and log in."""
    here = context(request)
    provider = _provider(here)
    response: Response = RedirectResponse("/", 303)
    try:
        identity = provider.finish(request.cookies.get(cookie_name(request, FLOW), ""), state, code, _callback(request))
    except LoginError as error:
        note(request, "single sign-on", result="failed")
        raise ProblemError(403, "The login with the provider failed", error.problem) from error
    with here.database.session() as session:
        user = accounts.from_provider(session, identity.subject, identity.name, identity.role)
        request.state.person = begin_session(request, response, session, user)
    note(request, "single sign-on")
    response.delete_cookie(
        cookie_name(request, FLOW), path="/", secure=over_tls(request), httponly=True, samesite="lax"
    )
    return response


def _callback(request: Request) -> str:
    """The address that the provider leads back to; the host was checked, or stands in the settings."""
    public = context(request).settings.public_url
    return f"{(public or str(request.base_url)).rstrip('/')}/api/v1/oidc/callback"


def _provider(here: Context) -> Provider:
    if here.provider is None:
        raise missing("login")
    return here.provider
