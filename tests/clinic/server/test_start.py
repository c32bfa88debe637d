"""What keeps a server from starting; nothing listens before everything is in order."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from osteon.clinic.server.open import listen, open_context, open_store
from osteon.clinic.server.run import Server, address, first_token
from osteon.clinic.settings import Settings
from osteon.core.errors import BundleError, OsteonError, StoreError


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OsteonError, match=rf"port {port} .* is used.*--port"):
            listen(Settings(port=port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines(host: str) -> None:
    with pytest.raises(OsteonError, match="listen"):
        listen(Settings(host=host, port=0, behind_proxy=("192.0.2.2",)))


def test_a_bundle_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle named"):
        open_context(Settings(bundle="nope", store=tmp_path / "store"))
    assert not (tmp_path / "store").exists()


def test_stores_that_cannot_be_used(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StoreError, match=r"cannot be written to.*--store"):
        open_store(Settings(store=file / "store"))
    with pytest.raises(StoreError, match="not supported"):
        open_store(Settings(store=tmp_path, database="mysql://x/y"))


def test_a_store_is_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir(mode=0o755)
    open_store(Settings(store=folder)).close()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_certificate_that_is_none(room: Any, tmp_path: Path) -> None:
    from dataclasses import replace

    file = tmp_path / "cert.pem"
    for content in (None, "no certificate"):
        if content is not None:
            file.write_text(content)
        wrong = room.context.settings.model_copy(update={"tls_cert": file, "tls_key": file})
        with pytest.raises(OsteonError, match="certificate"):
            Server(replace(room.context, settings=wrong))


def test_addresses() -> None:
    with listen(Settings(port=0)) as taken:
        port = taken.getsockname()[1]
        assert address(Settings(), taken) == f"http://127.0.0.1:{port}"
        assert address(Settings(host="::1"), taken) == f"http://[::1]:{port}"
        assert address(Settings(public_url="https://a.example/"), taken) == "https://a.example"
        tls = Settings(tls_cert=Path("c"), tls_key=Path("k"))
        assert address(tls, taken) == f"https://127.0.0.1:{port}"


def test_a_token_is_made_until_there_is_an_administrator(rooms: Any) -> None:
    room = rooms()
    settings, database = room.context.settings, room.context.database
    first, second = first_token(settings, database), first_token(settings, database)
    assert first is not None
    assert second is not None
    assert first != second
    room.account("Xenia")
    assert first_token(settings, database) is None
    assert first_token(Settings(open_access="reader"), database) is None
