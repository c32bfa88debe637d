"""What is tried when another system is tested, and why it fails, as codes; ``osteon.core.wording.checks`` has the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckStep(StrEnum):
    """What is tried, in this order.

    Attributes:
        CONNECT: somebody listens at the address and port.
        TLS: both sides accept each other's certificates.
        ASSOCIATE: the AE titles are accepted.
        ECHO: C-ECHO is answered.
        STOW: the service takes STOW-RS requests: an empty one is sent, which stores nothing.
        NOTICE: the receiver takes a signed notice that says that it is a test.
    """

    CONNECT = "connect"
    TLS = "tls"
    ASSOCIATE = "associate"
    ECHO = "echo"
    STOW = "stow"
    NOTICE = "notice"


class CheckCause(StrEnum):
    """Why a step fails."""

    NAME = "name"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    NO_TLS = "no-tls"
    UNTRUSTED = "untrusted"
    OTHER_NAME = "other-name"
    EXPIRED = "expired"
    OWN_CERTIFICATE = "own-certificate"
    CALLING_TITLE = "calling-title"
    CALLED_TITLE = "called-title"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_DICOM = "no-dicom"
    NO_ECHO = "no-echo"
    STATUS = "status"
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not-found"
    REDIRECTED = "redirected"
    FAILING = "failing"
    NO_HTTP = "no-http"


@dataclass(frozen=True, slots=True)
class Check:
    """A step that was tried.

    Attributes:
        step: what was tried.
        cause: why it failed; None where it did not.
        detail: what the other side said, e.g. a status; never anything of a patient.
    """

    step: CheckStep
    cause: CheckCause | None = None
    detail: str = ""
