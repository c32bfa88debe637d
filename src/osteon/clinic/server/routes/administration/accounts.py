"""Accounts and API keys: for administrators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from fastapi import Depends, Request
from pydantic import BaseModel, Field, model_validator
from sqlalchemy.orm import Session

from osteon.clinic.role import Role
from osteon.clinic.scope import ABOUT, Scope, parsed
from osteon.clinic.server.access.access import Person, needs, note
from osteon.clinic.server.context import context
from osteon.clinic.server.problems import ProblemError, missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.given import Given
from osteon.clinic.store.access import accounts, keys
from osteon.clinic.store.tables.accounts import ApiKey, User
from osteon.clinic.store.tables.base import now

router: Final = api_router(prefix="/api/v1", tags=["accounts"])

Administrator = Annotated[Person, Depends(needs(Role.ADMINISTRATOR))]


class NewAccount(Given):
    """A new account. Its owner has to choose another password at the first login."""

    name: str = Field(max_length=256, examples=["maria"])
    password: str = Field(max_length=1024)
    role: Role = Role.READER


class AccountChange(Given):
    """A change of an account; what is left out stays.

    A password that is set here has to be changed at the next login.
    """

    role: Role | None = None
    password: str | None = Field(default=None, max_length=1024)
    active: bool | None = Field(default=None, description="False disables the account.")


class Account(BaseModel):
    """An account."""

    name: str
    role: Role
    active: bool
    created: datetime
    seen: datetime | None = Field(description="The last login.")
    single_sign_on: bool = Field(description="Whether it uses the provider of OpenID Connect.")
    must_change: bool = Field(description="Whether its password must be changed at the next login.")


class NewApiKey(Given):
    """A new API key."""

    name: str = Field(max_length=256, examples=["night import"])
    role: Role = Role.READER
    days: int | None = Field(default=365, ge=1, le=3650, description="Days until it expires; null: never.")
    scopes: list[Scope] = Field(
        default_factory=lambda: [Scope.ALL],
        min_length=1,
        max_length=len(Scope),
        description="Its scopes: "
        + "; ".join(f"`{scope}` {meaning}" for scope, meaning in ABOUT.items())
        + ". Its role must allow them too: send needs a reader, view a viewer, metrics an administrator.",
    )

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        for scope, least in (
            (Scope.SEND, Role.READER),
            (Scope.VIEW, Role.VIEWER),
            (Scope.METRICS, Role.ADMINISTRATOR),
        ):
            if scope in self.scopes and not self.role.allows(least):
                raise ValueError(f"a key with the scope {scope} needs the role {least}")
        return self


class Key(BaseModel):
    """An API key, without its secret."""

    id: str
    name: str
    role: Role
    created: datetime
    expires: datetime | None
    seen: datetime | None
    creator: str
    scopes: list[Scope] = Field(description="Its scopes.")
    expired: bool


class CreatedApiKey(Key):
    """An API key that was just created, with its secret, which is shown only once."""

    key: str = Field(examples=["osteon_1f2e3d4c5b6a_..."])


@router.get("/users")
def list_accounts(request: Request, person: Administrator) -> list[Account]:
    """All accounts."""
    del person
    with context(request).database.session() as session:
        return [_account(user) for user in accounts.everyone(session)]


@router.post("/users", status_code=201)
def create_account(request: Request, given: NewAccount, person: Administrator) -> Account:
    """Create an account."""
    del person
    with context(request).database.session() as session:
        made = _account(accounts.create(session, given.name, given.role, given.password, by_other=True))
    note(request, "make account", made.name)
    return made


@router.patch("/users/{name}")
def change_account(request: Request, name: str, given: AccountChange, person: Administrator) -> Account:
    """Change an account; its sessions end."""
    here = context(request)
    with here.database.session() as session:
        user = _found(session, name)
        if user.id == person.id and given.password is not None:
            raise ProblemError(409, "This is your own account", "POST /session/password changes your own password.")
        accounts.change(session, user, role=given.role, password=given.password, active=given.active, by_other=True)
        changed = _account(user)
    what = [key for key, value in given.model_dump().items() if value is not None]
    note(request, f"change account ({', '.join(what)})", changed.name)
    here.streams.look()
    return changed


@router.delete("/users/{name}", status_code=204)
def delete_account(request: Request, name: str, person: Administrator) -> None:
    """Delete an account."""
    del person
    here = context(request)
    with here.database.session() as session:
        user = _found(session, name)
        shown = user.name
        if not accounts.remove(session, user):
            raise missing("account")
    note(request, "delete account", shown)
    here.streams.look()


@router.get("/keys")
def list_keys(request: Request, person: Administrator) -> list[Key]:
    """All API keys."""
    del person
    with context(request).database.session() as session:
        return [_key(key) for key in keys.everything(session)]


@router.post("/keys", status_code=201)
def create_key(request: Request, given: NewApiKey, person: Administrator) -> CreatedApiKey:
    """Create an API key."""
    expires = None if given.days is None else now() + timedelta(days=given.days)
    with context(request).database.session() as session:
        name = accounts.cleaned(given.name)
        key, secret = keys.create(session, name, given.role, expires, person.name[:64], given.scopes)
        made = CreatedApiKey(**_key(key).model_dump(), key=secret)
    note(request, "make key", made.id)
    return made


@router.delete("/keys/{id}", status_code=204)
def delete_key(request: Request, id: str, person: Administrator) -> None:  # noqa: A002 - the name in the API
    """Delete an API key."""
    del person
    here = context(request)
    with here.database.session() as session:
        if not keys.remove(session, id):
            raise missing("key")
    note(request, "delete key", id)
    here.streams.look()


def _found(session: Session, name: str) -> User:
    user = accounts.find(session, name)
    if user is None:
        raise missing("account")
    return user


def _key(key: ApiKey) -> Key:
    return Key(
        id=key.id,
        name=key.name,
        role=Role(key.role),
        created=key.created,
        expires=key.expires,
        seen=key.seen,
        creator=key.creator,
        scopes=list(parsed(key.scopes)),
        expired=key.expires is not None and now() >= key.expires,
    )


def _account(user: User) -> Account:
    return Account(
        name=user.name,
        role=Role(user.role),
        active=user.active,
        created=user.created,
        seen=user.seen,
        single_sign_on=user.subject is not None,
        must_change=user.must_change,
    )
