"""Sentences for tests of other systems."""

from __future__ import annotations

from typing import Final

from osteon.core.codes.check import Check, CheckCause

CAUSES: Final[dict[CheckCause, str]] = {
    CheckCause.NAME: "its name is not known to this machine's name service. Check the host",
    CheckCause.REFUSED: "nobody listens on this port. Is it running, and is the port right?",
    CheckCause.UNREACHABLE: "it cannot be reached. Check the address, the network and firewalls",
    CheckCause.TIMEOUT: "it does not answer in time. A firewall may drop what is sent to it",
    CheckCause.NO_TLS: "it does not speak TLS on this port",
    CheckCause.UNTRUSTED: "its certificate is signed by nobody that is trusted here. Check tls_ca or ca",
    CheckCause.OTHER_NAME: "its certificate has another name. Check certificate of the settings",
    CheckCause.EXPIRED: "its certificate is not valid today. Have it renewed, or check the clocks",
    CheckCause.OWN_CERTIFICATE: "it does not accept this node's certificate. Have it trust the authority of tls_cert",
    CheckCause.CALLING_TITLE: "it does not know this node's AE title. Register the node there",
    CheckCause.CALLED_TITLE: "it has another AE title. Check aet of the settings",
    CheckCause.BUSY: "it takes no further association now. Try again later",
    CheckCause.REJECTED: "it rejects this node",
    CheckCause.NO_DICOM: "it does not speak DICOM on this port",
    CheckCause.NO_ECHO: "it does not accept C-ECHO",
    CheckCause.STATUS: "it answers with an error",
    CheckCause.UNAUTHORISED: "it refuses the credentials. Check token of the settings",
    CheckCause.NOT_FOUND: "there is no such service at this address. Check url",
    CheckCause.REDIRECTED: "it sends callers on to another address. Set url to that one",
    CheckCause.FAILING: "it has an error of its own",
    CheckCause.NO_HTTP: "it does not speak HTTP on this port",
}


def check_words(check: Check) -> str:
    """Why a step failed; empty where it did not."""
    if check.cause is None:
        return ""
    return f"{CAUSES[check.cause]}{f' ({check.detail})' if check.detail else ''}"
