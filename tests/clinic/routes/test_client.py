"""The Python client does what a program wants of a reading room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from osteon.clinic.client import Client
from osteon.core.errors import InputError, PeerError


@pytest.fixture
def client(room: Any) -> Any:
    url = room.url.removesuffix("/api/v1")
    with Client(url, room.administrator.headers["Authorization"].removeprefix("Bearer ")) as opened:
        yield opened


def test_all_that_it_can(client: Client, picture: Any, tmp_path: Path) -> None:
    file = tmp_path / "hand.png"
    file.write_bytes(picture(200))
    sent = client.submit([file, ("x.png", picture(201)), ("x.pdf", b"%PDF-1.4")])
    assert [one.index for one in sent.failures] == [2]
    first = sent.studies[0]
    # Names of files are told to those who may fetch the files, and never in the answer to an upload.
    named = {"identifiers", "files"}
    assert client.study(first.id).model_dump(exclude=named) == first.model_dump(exclude=named)
    assert client.study(first.id).files[0].name == "hand.png"
    assert client.reading(first.id) == first.reading
    assert client.overlay(first.id).startswith(b"\x89PNG")
    assert client.report(first.id).startswith(b"%PDF")
    assert b"NOT FOR DIAGNOSIS" in client.report(first.id, "html")
    assert first.id in client.output(first.id, "json").decode()
    assert client.original(first.id) == picture(200)
    assert client.judge(first.id, agrees=True, note="so do I").agrees
    assert [one.note for one in client.opinions(first.id)] == ["so do I"]
    assert first.id in [one.id for one in client.studies(words=first.id)]
    assert client.bundles()[0].identity == first.bundle
    client.delete(first.id)
    with pytest.raises(PeerError, match="no such study"):
        client.study(first.id)


def test_later(client: Client, picture: Any) -> None:
    job = client.submit_later([("a.png", picture(210)), ("b.png", picture(211)[:700])])
    done = client.wait(job.id, timeout=60)
    assert len(done.studies) == 1
    assert [one.index for one in done.failures] == [1]


def test_errors(client: Client, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a radiograph"):
        client.submit([("a.txt", b"hello")])
    with pytest.raises(InputError, match="cannot be opened"):
        client.submit([tmp_path / "none.png"])
    with pytest.raises(PeerError, match="no such job"):
        client.wait("none")
    with Client("http://127.0.0.1:1") as nobody, pytest.raises(PeerError, match="does not answer"):
        nobody.study("x")
