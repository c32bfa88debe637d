"""The settings of archives that studies are fetched from."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator


class Archive(BaseModel):
    """A system that studies are fetched from: by DICOM (``peer``) or by DICOMweb (``url``).

    Attributes:
        peer: the AE title of one of the peers, which listens.
        way: how it sends images: by C-GET on the association that asks for them, or by C-MOVE to this node's port.
        url: of its DICOMweb service, which has ``/studies`` below it.
        token: a bearer token for it.
        ca: authorities (PEM) that it is trusted by; None: those of this machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    peer: str = ""
    way: Literal["get", "move"] = "get"
    url: str = ""
    token: SecretStr = SecretStr("")
    ca: Path | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.peer) == bool(self.url):
            raise ValueError("an archive has either peer, or url")
        require_safe(self.url)
        return self

    @property
    def web(self) -> bool:
        """Whether it is reached by DICOMweb."""
        return bool(self.url)


def require_safe(url: str) -> None:
    """Refuse an address, if there is one, over which patient data would pass in the clear.

    Raises:
        ValueError: it is one.
    """
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise ValueError("url begins with https://, or http:// on the loopback address")
    if url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
        raise ValueError("url must use https: patient data would pass unencrypted")


def is_loopback(host: str) -> bool:
    """Whether a name or address is one of this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
