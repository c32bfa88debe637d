"""The settings of archives that studies are fetched from."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from osteon.clinic.dicom.reporting import check_url


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
        if self.url:
            check_url(self.url)
        return self

    @property
    def web(self) -> bool:
        """Whether it is reached by DICOMweb."""
        return bool(self.url)
