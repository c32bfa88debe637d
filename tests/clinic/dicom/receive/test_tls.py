"""Mutual TLS: who shows no certificate, one of another authority, or one of another name does not get in."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import dcmtk, storescu
from tests.clinic.dicom.receive.certificates import Authority

pytestmark = [pytest.mark.pacs, pytest.mark.dcmtk]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secured(rooms: Any, authority: Authority) -> Any:
    """A node under TLS."""
    certificate, key = authority.sign("osteon.example")
    peers = {
        "SENDER0": {"address": "127.0.0.1", "certificate": "cr1.example"},
        "SENDER1": {"address": "127.0.0.1", "certificate": "cr2.example"},
    }
    return rooms(peers=peers, tls_cert=certificate, tls_key=key, tls_ca=authority.file, patience=2.0)


def tls(authority: Authority, certificate: Path, key: Path) -> list[object]:
    return ["+tls", key, certificate, "+cf", authority.file, "-ic"]


def echo(room: Any, sender: str, *options: object) -> Any:
    return dcmtk("echoscu", *options, "-aet", sender, "-aec", "OSTEON", "127.0.0.1", room.port, check=False)


def test_a_peer_with_its_certificate(
    secured: Any, authority: Authority, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    own = tls(authority, *authority.sign("cr1.example"))
    assert echo(secured, "SENDER0", *own).returncode == 0
    uid = generate_uid()
    storescu(secured, put(film(1, StudyInstanceUID=uid)), options=own)
    secured.read(uid)


def test_the_certificate_of_another_peer(secured: Any, authority: Authority) -> None:
    own = tls(authority, *authority.sign("cr1.example"))
    assert "Reject" in echo(secured, "SENDER1", *own).stderr


def test_who_is_nobody(secured: Any, authority: Authority, tmp_path: Path) -> None:
    rogue = Authority(tmp_path / "rogue").sign("cr1.example")
    assert echo(secured, "SENDER0", *tls(authority, *rogue)).returncode
    assert echo(secured, "SENDER0", "+tla", "-ic").returncode, "no certificate"
    assert echo(secured, "SENDER0").returncode, "no TLS"


def test_a_caller_that_says_nothing_holds_nobody_up(secured: Any, authority: Authority) -> None:
    silent = [socket.create_connection(("127.0.0.1", secured.port)) for _ in range(5)]
    try:
        own = tls(authority, *authority.sign("cr1.example"))
        assert echo(secured, "SENDER0", *own).returncode == 0
    finally:
        for one in silent:
            one.close()
