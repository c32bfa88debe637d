"""Who may come in, and who did what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from osteon.clinic.store.tables.base import Base, Moment

_DIGEST = String(64)
_NAME = String(64)
_ROLE = String(16)
_ADDRESS = String(64)


class User(Base):
    """An account.

    Attributes:
        key: the name as it is compared.
        subject: the person at the OIDC provider.
        must_change: whether somebody else knows the password, so that the account has to choose another one first.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(256), unique=True)
    name: Mapped[str] = mapped_column(_NAME)
    password: Mapped[str | None] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(_ROLE)
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime | None] = mapped_column(Moment)
    must_change: Mapped[bool] = mapped_column(default=False, server_default=false())


class Session(Base):
    """A login, by the SHA-256 of its cookie; ``seen`` is when its user last did something."""

    __tablename__ = "sessions"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime] = mapped_column(Moment)
    seen: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(_ADDRESS)


class ApiKey(Base):
    """A key of a program, by the SHA-256 of its secret; ``scopes`` are values of ``Scope`` with spaces between."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(_NAME)
    digest: Mapped[str] = mapped_column(_DIGEST)
    role: Mapped[str] = mapped_column(_ROLE)
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)
    seen: Mapped[datetime | None] = mapped_column(Moment)
    creator: Mapped[str] = mapped_column(_NAME)
    scopes: Mapped[str] = mapped_column(String(64), default="all", server_default="all")


class SetupToken(Base):
    """A token that makes an administrator, once."""

    __tablename__ = "setup_tokens"

    digest: Mapped[str] = mapped_column(_DIGEST, primary_key=True)
    expires: Mapped[datetime] = mapped_column(Moment)


class Audit(Base):
    """An entry of the audit log. It is never changed, which the database itself sees to.

    Attributes:
        detail: further ids, where the entry is about several: the studies of a list, with spaces between.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    time: Mapped[datetime] = mapped_column(Moment, index=True)
    person: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(_ROLE)
    action: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(128))
    address: Mapped[str] = mapped_column(_ADDRESS)
    result: Mapped[str] = mapped_column(_ROLE)
    detail: Mapped[str] = mapped_column(Text, default="", server_default="")


class AuditJournal(Base):
    """A journal of the audit log that was taken into it, until its file is gone: it must not be taken twice."""

    __tablename__ = "audit_journals"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    taken: Mapped[datetime] = mapped_column(Moment)
