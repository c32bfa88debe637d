"""Session and own account."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope


class CurrentUser(BaseModel):
    """Who is logged in."""

    name: str = Field(examples=["maria"])
    role: Role


class SingleSignOn(BaseModel):
    """The provider of OpenID Connect."""

    name: str
    url: str


class SessionState(BaseModel):
    """The state of the session, which the page asks for first."""

    user: CurrentUser | None
    csrf: str | None = Field(description="For the header X-CSRF-Token of requests that change something.")
    setup: bool = Field(description="Whether there is no administrator yet.")
    must_change: bool = Field(
        description="Whether the user has to choose another password first (POST /session/password); all else is refused."
    )
    idle_minutes: float = Field(
        description="Minutes after which a session ends whose user does nothing. Requests with the header "
        "`X-Osteon-Activity: user`, and POST /session/activity, count as something that the user did; no others."
    )
    idle_left: int | None = Field(
        description="Seconds until then, also in the header `X-Osteon-Idle-Left` of every answer; null without a session."
    )
    open: bool = Field(description="Whether there is access without a login.")
    reports: bool = Field(description="Whether what readers say goes out as reports, which they can sign.")
    oidc: SingleSignOn | None
    version: str = Field(examples=["0.1.0"])
    bundle: str = Field(examples=["fracatlas@1.1.0"])


class Login(BaseModel):
    """A session of an account."""

    id: str = Field(description="For DELETE /account/logins/{id}; it is no credential.")
    created: datetime
    seen: datetime = Field(description="When its user last did something, to the minute.")
    expires: datetime
    address: str
    current: bool = Field(description="Whether it is the one that asks.")


class OwnAccount(BaseModel):
    """One's own account; for a program, its API key."""

    name: str
    role: Role
    created: datetime | None
    seen: datetime | None = Field(description="The last login.")
    single_sign_on: bool = Field(
        description="Whether it is entered through the provider: then it has no password here."
    )
    must_change: bool
    logins: list[Login] = Field(description="Those that have not ended, the newest first.")
    scopes: list[Scope] = Field(description="Scopes of the key; of people: all.")
    expires: datetime | None = Field(description="When the key ends.")
