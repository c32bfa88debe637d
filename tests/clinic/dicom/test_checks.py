"""Tests of peers: a clear cause for each failure, in bounded time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import Verification
from tests.clinic.dicom.receive.certificates import Authority
from tests.orthanc import free_port

from osteon.clinic.dicom.checks.outcome import Outcome, try_steps
from osteon.clinic.dicom.deliver.dimse import DimseTransport
from osteon.clinic.dicom.deliver.stow import StowTransport
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.core.codes.check import CheckCause
from osteon.core.wording.checks import CAUSES, check_words

pytestmark = [pytest.mark.pacs]


def dimse(port: int, settings: Dicom | None = None, **more: Any) -> Outcome:
    to = Destination.model_validate({"aet": "PACS", "host": "127.0.0.1", "port": port, "outputs": ["sr"], **more})
    return DimseTransport(settings or Dicom(), to, lambda _: (0, None)).test()


def web(url: str, **more: Any) -> Outcome:
    return StowTransport(Destination.model_validate({"url": url, "outputs": ["sr"], **more}), 5).test()


def found(tried: Outcome) -> list[tuple[str, str | None]]:
    return [(check.step.value, None if check.cause is None else check.cause.value) for check in tried.checks]


@contextmanager
def entity(security: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """An application entity that echoes."""
    made = AE("PACS")
    made.add_supported_context(options.pop("context", Verification))
    for name, value in options.pop("require", {}).items():
        setattr(made, name, value)
    server = made.start_server(("127.0.0.1", 0), block=False, ssl_context=security, **options)
    try:
        yield server.socket.getsockname()[1]
    finally:
        server.shutdown()


@contextmanager
def listening(answer: bytes = b"") -> Iterator[int]:
    """A port that accepts, and says something or nothing."""
    taken = socket.create_server(("127.0.0.1", 0))
    taken.settimeout(0.1)
    end, kept = threading.Event(), list[socket.socket]()

    def accept() -> None:
        while not end.is_set():
            try:
                one = taken.accept()[0]
            except TimeoutError:
                continue
            kept.append(one)
            if answer:
                one.sendall(answer)
                one.close()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield taken.getsockname()[1]
    finally:
        end.set()
        thread.join()
        for one in (taken, *kept):
            one.close()


@contextmanager
def service(status: int) -> Iterator[str]:
    """An HTTP service that answers each POST with a status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            del arguments

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/dicom-web/studies"
    finally:
        server.shutdown()
        server.server_close()


def test_an_entity_that_echoes() -> None:
    with entity() as port:
        tried = dimse(port)
    assert found(tried) == [("connect", None), ("associate", None), ("echo", None)]
    assert tried.failed is None


def test_why_an_entity_does_not_answer() -> None:
    assert found(dimse(free_port())) == [("connect", "refused")]
    assert found(dimse(1, host="no-such-host.invalid")) == [("connect", "name")]
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert found(dimse(port))[-1] == ("associate", "no-dicom")
    with entity(require={"require_called_aet": True}) as port:
        assert found(dimse(port, aet="OTHER"))[-1] == ("associate", "called-title")
    with entity(require={"require_calling_aet": ["SOMEBODY"]}) as port:
        assert found(dimse(port))[-1] == ("associate", "calling-title")
    with entity(context="1.2.840.10008.5.1.4.1.1.1") as port:
        assert found(dimse(port))[-1] == ("associate", "no-echo")
    handlers = [(evt.EVT_C_ECHO, lambda _: 0x0122)]
    with entity(evt_handlers=handlers) as port:
        tried = dimse(port)
    assert found(tried)[-1] == ("echo", "status")
    assert tried.failed is not None
    assert "status 0122" in check_words(tried.failed)


def test_who_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_steps, "__kwdefaults__", {"seconds": 1.0})
    with listening() as port:
        begin = time.monotonic()
        for tried in (dimse(port), web(f"http://127.0.0.1:{port}/studies")):
            assert found(tried)[-1][1] in {"timeout", "no-dicom"}
        assert time.monotonic() - begin < 8


def test_certificates(tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    certificate, key = ours.sign("osteon.example")
    settings = Dicom(tls_cert=certificate, tls_key=key, tls_ca=ours.file)

    def security(authority: Authority, trusts: Authority) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusts.file)
        made.load_cert_chain(*authority.sign("pacs.example"))
        made.verify_mode = ssl.CERT_REQUIRED
        return made

    secure = {"tls": True, "certificate": "pacs.example"}
    with entity(security(ours, ours)) as port:
        assert found(dimse(port, settings, **secure)) == [
            ("connect", None), ("tls", None), ("associate", None), ("echo", None)
        ]  # fmt: skip
        assert found(dimse(port, settings, tls=True, certificate="other.example"))[-1] == ("tls", "other-name")
    with entity(security(theirs, ours)) as port:
        assert found(dimse(port, settings, **secure))[-1] == ("tls", "untrusted")
    with entity(security(ours, theirs)) as port:
        assert found(dimse(port, settings, **secure))[-1] == ("tls", "own-certificate")
    with listening(b"no TLS here at all\r\n") as port:
        assert found(dimse(port, settings, **secure))[-1] == ("tls", "no-tls")


@pytest.mark.parametrize(
    ("status", "cause"),
    [(200, None), (400, None), (409, None), (401, "unauthorised"), (404, "not-found"), (302, "redirected"),
     (503, "failing")],
)  # fmt: skip
def test_a_service(status: int, cause: str | None) -> None:
    with service(status) as url:
        assert found(web(url)) == [("connect", None), ("stow", cause)]


def test_a_service_that_is_none() -> None:
    assert found(web(f"http://127.0.0.1:{free_port()}/studies")) == [("connect", "refused")]
    with listening(b"220 mail.example ESMTP\r\n") as port:
        assert found(web(f"http://127.0.0.1:{port}/studies"))[-1] == ("stow", "no-http")


def test_every_cause_has_its_sentence() -> None:
    assert CAUSES.keys() == set(CheckCause)
