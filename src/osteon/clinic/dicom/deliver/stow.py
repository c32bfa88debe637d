"""Carries objects by STOW-RS (PS3.18 section 10.5)."""

from __future__ import annotations

import json
import secrets
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from osteon.clinic.dicom.checks.connection import connect, shake_hands
from osteon.clinic.dicom.checks.outcome import Outcome, Step, try_steps
from osteon.clinic.dicom.checks.web import empty_request, stow
from osteon.clinic.dicom.deliver.transport import Load, Sent
from osteon.clinic.dicom.settings import Destination
from osteon.clinic.store.pacs.outbox import Parcel
from osteon.core.codes.check import CheckStep
from osteon.core.errors import OsteonError, PeerError

FAILED: Final = "00081198"
INSTANCE: Final = "00081155"
CAUSE: Final = "00081197"
"""FailedSOPSequence, ReferencedSOPInstanceUID, FailureReason."""

_CHUNK: Final = 1 << 18
_ANSWERS: Final = (200, 202, 409)


class StowTransport:
    """Carries objects to a DICOMweb service.

    Args:
        destination: with a url.
        patience: seconds that it may take to answer.
    """

    def __init__(self, destination: Destination, patience: float) -> None:
        self._url = destination.url.rstrip("/")
        self._patience = patience
        self._headers = {"Accept": "application/dicom+json"}
        if destination.token.get_secret_value():
            self._headers["Authorization"] = f"Bearer {destination.token.get_secret_value()}"
        self._verify = trusted(destination.ca)

    def test(self) -> Outcome:
        """Connect, make it secure, and send a request without an object."""
        headers, body = empty_request(secrets.token_hex(16))

        def post(seconds: float) -> httpx.Response:
            with self._client() as client:
                return client.post(self._url, content=body, headers=headers, timeout=seconds)

        return try_steps(*first_steps(self._url, self._verify), (CheckStep.STOW, stow(post)))

    def send(self, loads: Sequence[Load]) -> dict[int, Sent]:
        """Send objects in one request."""
        boundary = secrets.token_hex(16)
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        size = sum(load.path.stat().st_size + len(_head(boundary)) + 2 for load in loads) + len(_end(boundary))
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        with self._client() as client:
            answer = self._ask(lambda: client.post(self._url, content=_body(loads, boundary), headers=headers))
        if answer.status_code not in _ANSWERS:
            raise PeerError("the destination refuses objects", got=f"HTTP status {answer.status_code}")
        failures = _failures(answer)
        found: dict[int, Sent] = {}
        for load in loads:
            failed = load.parcel.instance in failures or (answer.status_code == 409 and not failures)
            got = failures.get(load.parcel.instance, "HTTP status 409")
            found[load.parcel.id] = PeerError("the destination refuses an object", got=got) if failed else None
        return found

    def ask(self, parcels: Sequence[Parcel], transaction: str) -> None:
        """Nothing: what the service has accepted is done."""
        del parcels, transaction

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=self._patience, verify=self._verify, headers=self._headers, trust_env=False)

    def _ask(self, request: Any) -> httpx.Response:
        try:
            answer: httpx.Response = request()
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise PeerError("the destination cannot be reached", got=type(error).__name__) from error
        return answer


def trusted(ca: Path | None) -> ssl.SSLContext:
    """TLS for calls to a service; ``ca`` are the authorities that it is trusted by, None those of this machine.

    Raises:
        OsteonError: the file cannot be used.
    """
    try:
        return httpx.create_ssl_context(trust_env=False) if ca is None else ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        got = error.strerror or type(error).__name__
        hint = "It holds certificates in PEM."
        raise OsteonError(
            "the authorities (ca) of a destination or webhook cannot be used", got=got, hint=hint
        ) from error


def first_steps(url: str, security: ssl.SSLContext) -> list[Step]:
    """The steps of a test before the first request: a connection, and TLS over it."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    shake = [(CheckStep.TLS, shake_hands(host, port, security))] if secure else []
    return [(CheckStep.CONNECT, connect(host, port)), *shake]


def _head(boundary: str) -> bytes:
    return f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode("ascii")


def _end(boundary: str) -> bytes:
    return f"--{boundary}--\r\n".encode("ascii")


def _body(loads: Sequence[Load], boundary: str) -> Iterator[bytes]:
    for load in loads:
        yield _head(boundary)
        with load.path.open("rb") as stream:
            while block := stream.read(_CHUNK):
                yield block
        yield b"\r\n"
    yield _end(boundary)


def _failures(answer: httpx.Response) -> dict[str, str]:
    """Why instances were refused, by SOPInstanceUID; many services list none in an empty sequence."""
    try:
        content = json.loads(answer.content or b"{}")
        items = content.get(FAILED, {}).get("Value", []) if isinstance(content, dict) else []
        found: dict[str, str] = {}
        for item in items:
            (uid,) = item.get(INSTANCE, {}).get("Value", [""])
            causes = item.get(CAUSE, {}).get("Value", [])
            found[str(uid)] = f"failure reason {int(causes[0]):04x}" if causes else "no reason"
    except (ValueError, TypeError, AttributeError) as error:
        raise PeerError("the destination answers with something else than DICOM JSON") from error
    return found
