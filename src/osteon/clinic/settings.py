"""The settings of a reading room: one record. ``osteon.clinic.configuration`` loads it from all its sources.

Each field is a key of the TOML file, a variable of the environment (``OSTEON_SERVE_`` and its name in capitals) and a name for
``--set``; some are options of ``osteon serve``.
"""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from osteon.clinic.dicom.settings import Dicom, is_loopback
from osteon.clinic.role import Role

PREFIX: Final = "OSTEON_SERVE_"
"""Variables of the environment begin with this; a nested one is ``OSTEON_SERVE_OIDC_ISSUER``."""

PORT: Final = 8042
MEBIBYTE: Final = 1 << 20


class Oidc(BaseModel):
    """Login through a provider of OpenID Connect."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    issuer: str = Field(description="The provider's issuer address; https, or http on the loopback address.")
    client_id: str = Field(min_length=1, description="The name under which the provider knows this reading room.")
    client_secret: SecretStr = Field(default=SecretStr(""), description="The secret of a confidential client.")
    name: str = Field(default="Single sign-on", description="The text of the button on the login page.")
    scopes: str = Field(default="openid profile", description="The scopes that are asked for, separated by spaces.")
    name_claim: str = Field(default="preferred_username", description="The claim that holds the person's name.")
    roles_claim: str = Field(default="groups", description="The claim that holds the groups; dots for nested objects.")
    roles: dict[str, Role] = Field(default_factory=dict, description="The role of each group; the highest counts.")
    default_role: Role | None = Field(
        default=None, description="The role of those in none of these groups; none: no access."
    )

    @field_validator("roles", mode="before")
    @classmethod
    def _pairs(cls, roles: Any) -> Any:
        """In the environment ``group=role`` with commas between; a group may hold an equals sign."""
        if not isinstance(roles, str):
            return roles
        return {group.strip(): role.strip() for group, _, role in (pair.rpartition("=") for pair in _items(roles))}

    @field_validator("issuer")
    @classmethod
    def _safe(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
            return issuer
        raise ValueError("an issuer must use https")


class Settings(BaseSettings):
    """The settings of a reading room, complete and checked.

    Made directly it holds what it is given and defaults: the environment of the process is read by ``load_settings`` alone, so
    that the demonstration can never open a hospital's store.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        enable_decoding=False,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, and no other source."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    host: str = Field(default="127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(PORT, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    bundle: str = Field(default="fracatlas", min_length=1, description="The bundle for new studies: a name, or a file.")
    further_bundles: tuple[str, ...] = Field(
        default=(), description="Further bundles, names or files, with which a study can be read again."
    )
    store: Path = Field(
        default_factory=lambda: data_home(),
        description="The folder of the store; default: `$XDG_DATA_HOME/osteon`, else `~/.local/share/osteon`.",
    )
    database: str = Field(
        default="", repr=False, description="Address of a PostgreSQL database; empty: SQLite in the store."
    )
    jobs: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="Studies read at the same time; none: one for each processor, up to 4; 0 leaves reading to `osteon worker`.",
    )
    threads: int | None = Field(
        default=None, ge=1, le=64, description="Threads for one image; none: one for each processor, up to 4."
    )
    tls_cert: Path | None = Field(default=None, description="The certificate (PEM, with its chain).")
    tls_key: Path | None = Field(default=None, description="The key of the certificate (PEM).")
    behind_proxy: tuple[str, ...] = Field(
        default=(),
        description="Addresses or networks of the reverse proxies that terminate TLS; only their forwarding headers are trusted.",
    )
    hosts: tuple[str, ...] = Field(default=(), description="Further host names of the server.")
    public_url: str = Field(default="", description="The address in the browser, where a proxy changes it.")
    open_access: Literal[Role.VIEWER, Role.READER] | None = Field(
        default=None, description="Access without a login, with this role; on the loopback address only."
    )
    session_hours: float = Field(default=12.0, gt=0, le=720, description="Hours after which a session ends.")
    session_idle_minutes: float = Field(
        default=60.0, gt=0, le=43200, description="Minutes of inactivity after which a session ends."
    )
    upload_mebibytes: int = Field(default=256, ge=1, le=4096, description="The largest upload, MiB.")
    files_per_upload: int = Field(default=64, ge=1, le=1000, description="The most files in one upload.")
    uploads: int = Field(default=32, ge=1, le=1024, description="Uploads accepted at the same time.")
    queue: int = Field(default=500, ge=1, le=100_000, description="The most studies in the queue.")
    pixels: int = Field(default=100_000_000, ge=1, description="The most pixels of one image.")
    pixels_at_once: int = Field(
        default=150_000_000,
        ge=1,
        description="Pixels decoded at the same time by the whole server, about 10 bytes of memory each; an image or "
        "study with more is decoded alone.",
    )
    study_pixels: int = Field(
        default=1_000_000_000,
        ge=1,
        description="The most pixels of all images of a study; they are in memory together while it is read.",
    )
    rate: float = Field(default=50.0, ge=0, description="Requests a second from one address over time; 0: no limit.")
    burst: int = Field(default=400, ge=1, description="Requests from one address at once.")
    connections: int = Field(default=512, ge=8, description="The most connections.")
    connections_per_address: int | None = Field(
        default=None,
        ge=2,
        description="The most connections, and requests at once, of one address; none: a quarter of all.",
    )
    uploads_per_address: int | None = Field(
        default=None,
        ge=1,
        description="Uploads accepted from one address at the same time; none: a quarter of all.",
    )
    patience: float = Field(
        default=30.0,
        gt=0,
        description="Seconds that a client may take to send the headers, or between two parts of a request.",
    )
    audit_days: int = Field(default=3650, ge=1, description="Days for which entries of the audit log are kept.")
    study_days: int | None = Field(
        default=None, ge=1, description="Days after which studies are deleted; none: they are kept."
    )
    oidc: Oidc | None = Field(default=None, description="Login through a provider of OpenID Connect.")
    dicom: Dicom = Field(default_factory=Dicom, description="The DICOM node.")

    @field_validator(
        "open_access",
        "jobs",
        "threads",
        "tls_cert",
        "tls_key",
        "connections_per_address",
        "uploads_per_address",
        "study_days",
        mode="before",
    )
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("further_bundles", "behind_proxy", "hosts", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        """In the environment a list has commas between its items."""
        return _items(value) if isinstance(value, str) else value

    @field_validator("behind_proxy")
    @classmethod
    def _networks(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            ip_network(proxy)
        return proxies

    @field_validator("store")
    @classmethod
    def _absolute(cls, store: Path) -> Path:
        return store.expanduser().absolute()

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        """Beyond the loopback address everything is encrypted; access without a login is for the loopback address alone."""
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key go together")
        if self.tls and self.behind_proxy:
            raise ValueError("either this server terminates TLS (tls_cert) or a proxy does (behind_proxy), not both")
        if not self.loopback and not self.tls and not self.behind_proxy:
            raise ValueError(
                f"{self.host} is reachable from other machines: set tls_cert and tls_key, "
                "or name the proxy that terminates TLS with behind_proxy"
            )
        if self.open_access is not None and (not self.loopback or self.behind_proxy):
            raise ValueError("open_access is for the loopback address only, without a proxy")
        if self.jobs == 0 and not self.shared:
            raise ValueError("jobs = 0 leaves reading to workers, which needs database = postgresql+psycopg://...")
        return self

    @property
    def shared(self) -> bool:
        """Whether several servers and workers may use the store: PostgreSQL keeps apart what they do."""
        return self.database.startswith("postgresql")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return is_loopback(self.host)

    @property
    def tls(self) -> bool:
        """Whether this server terminates TLS itself."""
        return self.tls_cert is not None

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return self.database or f"sqlite:///{self.store / 'osteon.db'}"

    @property
    def each_connections(self) -> int:
        """The most connections of one address."""
        return self.connections_per_address or max(2, self.connections // 4)

    @property
    def each_uploads(self) -> int:
        """Uploads accepted from one address at the same time."""
        return self.uploads_per_address or max(1, self.uploads // 4)

    @property
    def upload_bytes(self) -> int:
        """The largest upload, bytes."""
        return self.upload_mebibytes * MEBIBYTE


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def data_home() -> Path:
    """The default folder of the store: ``$XDG_DATA_HOME/osteon``."""
    home = os.environ.get("XDG_DATA_HOME", "")
    return (Path(home) if home else Path.home() / ".local" / "share") / "osteon"
