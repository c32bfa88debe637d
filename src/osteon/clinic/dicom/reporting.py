"""Settings of what is sent besides results: notices of urgent studies, and the names under which readers report."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from osteon.core.labels import Call

SHORTEST: Final = 16
"""Letters of the secret of a webhook."""

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Webhook(BaseModel):
    """A program that is notified of urgent studies by a signed POST of JSON.

    Attributes:
        url: that gets it.
        secret: with which the body is signed (HMAC-SHA256).
        ca: authorities (PEM) that it is trusted by; None: those of this machine.
        calls: of the studies that it is notified of.
        study_uid: whether the notice has the StudyInstanceUID.
        accession: whether the notice has the AccessionNumber.
        call: whether the notice has the call of the bundle; it has the rank in the worklist in any case.
        page: address of the reading room as people open it, of which a link to the study is made; empty: none.
    """

    model_config = _STRICT

    url: str
    secret: SecretStr
    ca: Path | None = None
    calls: tuple[Call, ...] = Field(default=(Call.FRACTURE, Call.DOUBT), min_length=1)
    study_uid: bool = True
    accession: bool = False
    call: bool = False
    page: str = ""

    @model_validator(mode="after")
    def _safe(self) -> Self:
        check_url(self.url)
        if len(self.secret.get_secret_value()) < SHORTEST:
            raise ValueError(f"the secret of a webhook has {SHORTEST} letters or more, e.g. of `openssl rand -hex 32`")
        if self.page and urlsplit(self.page).scheme not in {"http", "https"}:
            raise ValueError("page is the address of the reading room, and begins with https:// or http://")
        return self


class Signatory(BaseModel):
    """What a reader is called in their reports.

    Attributes:
        name: in DICOM's notation: family name, given names, with ``^`` between.
        organization: that they belong to; empty: that of the settings.
    """

    model_config = _STRICT

    name: str = Field(min_length=1, max_length=64, pattern=r"^[^\\\x00-\x1f]+$")
    organization: str = Field(default="", max_length=64)


def check_url(url: str) -> None:
    """Refuse an address to which nothing of a patient may be sent.

    Raises:
        ValueError: it is not one of https, or of http on the loopback address.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("url begins with https://, or http:// on the loopback address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("url must use https: patient data leave this machine")


def is_loopback(host: str) -> bool:
    """Whether a name or address is one of this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
