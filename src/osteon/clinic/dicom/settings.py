"""The settings of the DICOM node: who may send, where results go, which bundle reads what."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from osteon.clinic.dicom.reporting import Signatory, Webhook, check_url, is_loopback
from osteon.clinic.dicom.rule import Rule
from osteon.clinic.dicom.sources import Archive

PORT: Final = 11112
"""The port that a PACS administrator expects a DICOM node on, where none is set."""

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _aet(title: str) -> str:
    if not 1 <= len(title) <= 16 or not title.isascii() or not title.isprintable() or "\\" in title:
        raise ValueError("an AE title has 1 to 16 letters of ASCII, without backslash")
    return title


Aet = Annotated[str, AfterValidator(_aet)]
"""An AE title (PS3.5 section 6.2)."""


class Peer(BaseModel):
    """Another system that may call this node.

    Attributes:
        address: from which it calls, an address or a network.
        certificate: a name in its TLS certificate (a DNS name or the common name); empty: any that the authority signed.
        port: on which it listens, for reports of storage commitment and C-MOVE; None where it does not.
        host: on which it listens; empty: the address that it called from.
        query: whether it may search what this node holds and retrieve it (C-FIND, C-MOVE, C-GET).
    """

    model_config = _STRICT

    address: str
    certificate: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    host: str = ""
    query: bool = False

    @field_validator("address")
    @classmethod
    def _network(cls, address: str) -> str:
        ip_network(address, strict=False)
        return address

    @property
    def single(self) -> str:
        """Its address, where it is not a network; else empty."""
        network = ip_network(self.address, strict=False)
        return str(network.network_address) if network.num_addresses == 1 else ""

    @property
    def listens(self) -> bool:
        """Whether it can be called."""
        return self.port is not None and bool(self.host or self.single)

    def covers(self, address: str) -> bool:
        """Whether it may call from an address."""
        try:
            called = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(called, "ipv4_mapped", None)
        return (mapped or called) in ip_network(self.address, strict=False)


class Destination(BaseModel):
    """A system that gets results: by DICOM (``aet``, ``host``, ``port``) or by DICOMweb (``url``).

    Attributes:
        aet: its AE title.
        host: on which it listens.
        port: on which it listens.
        tls: whether it is called under TLS, with the node's own certificate.
        certificate: the name in its certificate, where that is not ``host``.
        commitment: whether it is asked to commit itself to what it was sent (storage commitment).
        url: of its STOW-RS service, ending in ``/studies``.
        token: a bearer token for it.
        ca: authorities (PEM) that it is trusted by; None: those of this machine.
        outputs: names of output formats, each a DICOM object.
        sr_class: class of the measurements: ``comprehensive-3d``, or ``comprehensive`` for viewers that know no other. Each has
            its own SOPInstanceUID. Destinations that get reports of readers choose alike.
        capture: how the overlay holds its pixels: ``jpeg``, ``jpeg-ls`` or ``none``, each with its own SOPInstanceUID.
        when: ``always``, or only for ``positives``: studies called a fracture or doubtful.
        readers: which reports of readers it gets: ``none``, those they ``signed``, or ``all``.
    """

    model_config = _STRICT

    aet: Aet | None = None
    host: str = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    tls: bool = False
    certificate: str = ""
    commitment: bool = True
    url: str = ""
    token: SecretStr = SecretStr("")
    ca: Path | None = None
    outputs: tuple[str, ...] = Field(min_length=1)
    sr_class: Literal["comprehensive-3d", "comprehensive"] = "comprehensive-3d"
    capture: Literal["jpeg", "jpeg-ls", "none"] = "jpeg"
    when: Literal["always", "positives"] = "always"
    readers: Literal["none", "signed", "all"] = "none"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        dimse = self.aet is not None and bool(self.host) and self.port is not None
        if dimse == bool(self.url):
            raise ValueError("a destination has either aet, host and port, or url")
        if self.url:
            check_url(self.url)
        return self

    @property
    def web(self) -> bool:
        """Whether it is reached by DICOMweb."""
        return bool(self.url)


class Dicom(BaseModel):
    """The DICOM node."""

    model_config = _STRICT

    port: int | None = Field(
        default=None, ge=0, le=65535, description="The port of the DICOM node; none: there is no node."
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address that the DICOM node listens on.")
    aet: Aet = Field(default="OSTEON", description="The node's own AE title.")
    tls_cert: Path | None = Field(default=None, description="The node's certificate (PEM, with its chain).")
    tls_key: Path | None = Field(default=None, description="The key of the node's certificate (PEM).")
    tls_ca: Path | None = Field(
        default=None, description="The authorities (PEM) that sign the peers' certificates; each peer must show one."
    )
    plain: bool = Field(
        default=False, description="Whether DICOM without encryption may leave this machine; for a network of its own."
    )
    quiet_seconds: float = Field(
        default=30.0, ge=0, le=3600, description="Seconds without a further image after which a study is read."
    )
    associations: int = Field(default=20, ge=1, le=500, description="The most associations at once.")
    instance_mebibytes: int = Field(default=512, ge=1, le=4096, description="The largest DICOM instance, MiB.")
    patience: float = Field(
        default=30.0, gt=0, le=600, description="Seconds that a peer may take to answer, or to go on sending."
    )
    commitment_minutes: float = Field(
        default=10.0, gt=0, le=1440, description="Minutes after which a destination is asked for its commitment again."
    )
    stuck_hours: float = Field(
        default=24.0, gt=0, le=720, description="Hours after which a result that could not be delivered is stuck."
    )
    pause_seconds: float = Field(
        default=5.0,
        gt=0,
        le=600,
        description="The first pause after a failed delivery; each further one is twice as long.",
    )
    longest_pause_minutes: float = Field(
        default=30.0, gt=0, le=1440, description="The longest pause between two attempts to deliver."
    )
    reader_seconds: float = Field(
        default=60.0,
        ge=0,
        le=3600,
        description="Seconds without a further change after which a reader's opinion is sent to the destinations that want it.",
    )
    organization: str = Field(default="", max_length=64, description="The hospital, as reports of readers name it.")
    peers: dict[str, Peer] = Field(
        default_factory=dict, description="Who may call, by AE title; in the environment JSON."
    )
    destinations: dict[str, Destination] = Field(
        default_factory=dict, description="Where results go, by a name of one's choice; in the environment JSON."
    )
    archives: dict[str, Archive] = Field(
        default_factory=dict,
        description="Where studies are fetched from, by a name of one's choice; in the environment JSON.",
    )
    earlier: str = Field(
        default="",
        description="The archive, by its name, that is asked for earlier studies of each patient; empty: none is asked.",
    )
    earlier_seconds: float = Field(
        default=20.0, gt=0, le=600, description="Seconds that the search for a patient's earlier studies may take."
    )
    earlier_studies: int = Field(
        default=20, ge=1, le=200, description="The most earlier studies of a patient that are listed, the newest ones."
    )
    webhooks: dict[str, Webhook] = Field(
        default_factory=dict,
        description="Programs that are notified of urgent studies, each under a name of your choice; in the environment JSON.",
    )
    readers: dict[str, Signatory] = Field(
        default_factory=dict,
        description="What readers are called in their reports, by account; in the environment JSON.",
    )
    rules: tuple[Rule, ...] = Field(
        default=(), description="Which bundle reads what, the first that fits; none: everything is read."
    )

    @field_validator("peers", "destinations", "archives", "webhooks", "readers", "rules", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) and value else value or ()

    @field_validator("port", "tls_cert", "tls_key", "tls_ca", mode="before")
    @classmethod
    def _none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("peers", "destinations", "archives", "webhooks", "readers", mode="before")
    @classmethod
    def _empty(cls, value: Any) -> Any:
        return value or {}

    @field_validator("peers")
    @classmethod
    def _titles(cls, peers: dict[str, Peer]) -> dict[str, Peer]:
        for title in peers:
            _aet(title)
        return peers

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        given = [value is not None for value in (self.tls_cert, self.tls_key, self.tls_ca)]
        if any(given) and not all(given):
            raise ValueError("tls_cert, tls_key and tls_ca of the DICOM node go together")
        if self.port is not None and not self.tls and not is_loopback(self.host) and not self.plain:
            raise ValueError(
                f"{self.host} is reachable from other machines: set tls_cert, tls_key and tls_ca of the DICOM node, "
                "or state with plain = true that its network is a protected one"
            )
        both = sorted({*self.destinations} & {*self.webhooks})
        if both:
            raise ValueError(f"a destination and a webhook have the same name: {', '.join(both)}")
        for name, destination in self.destinations.items():
            if destination.tls and not self.tls:
                raise ValueError(
                    f"the destination {name} wants TLS: set tls_cert, tls_key and tls_ca of the DICOM node"
                )
            if not destination.web and not destination.tls and not is_loopback(destination.host) and not self.plain:
                raise ValueError(
                    f"results would leave this machine unencrypted for the destination {name}: set its tls, "
                    "or state with plain = true that the network is a protected one"
                )
            if not destination.web and destination.commitment and destination.aet not in self.peers:
                raise ValueError(
                    f"the destination {name} reports its commitment by calling this node: name its AE title in peers, "
                    "or set its commitment = false"
                )
            if not destination.web and destination.commitment and self.port is None:
                raise ValueError(
                    f"the destination {name} reports its commitment to the DICOM node: set port of [dicom]"
                )
        for name, archive in self.archives.items():
            if archive.peer and archive.peer not in self.peers:
                raise ValueError(f"the archive {name} names {archive.peer}, which is not among the peers")
        if self.earlier and self.earlier not in self.archives:
            raise ValueError(f"earlier names {self.earlier}, which is not among the archives")
        if not self.tls and any(peer.certificate for peer in self.peers.values()):
            raise ValueError(
                "the certificate of a peer can be checked under TLS only: set tls_cert, tls_key and tls_ca"
            )
        return self

    @property
    def tls(self) -> bool:
        """Whether the node speaks TLS, with certificates on both sides."""
        return self.tls_cert is not None

    @property
    def wants_reports(self) -> bool:
        """Whether a destination gets reports of readers."""
        return any(destination.readers != "none" for destination in self.destinations.values())

    @property
    def instance_bytes(self) -> int:
        """The largest DICOM instance, bytes."""
        return self.instance_mebibytes << 20
