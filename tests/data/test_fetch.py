"""Downloads, from a server on this machine that breaks off."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from osteon.core.errors import DataError, PeerError
from osteon.data.datasets import find
from osteon.data.files.fetch import ATTEMPTS, fetch

CARD = replace(find("fracatlas").card, figshare=7)


def archive(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as members:
        for name in names:
            members.writestr(name, name * 20000)
    return data.getvalue()


@dataclass
class Server:
    """What the server has and does.

    Attributes:
        body: of the file.
        breaks: how often it breaks off after a third of what was asked for.
        ranges: the Range headers that came.
        busy: how often it says that it is busy.
        size: that it states, where it is not that of the body.
    """

    body: bytes
    breaks: int = 0
    ranges: list[str] = field(default_factory=list)
    busy: int = 0
    size: int = 0
    md5: str = ""
    address: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(archive("FracAtlas/dataset.csv", "FracAtlas/images/a.jpg"))
    state.md5 = hashlib.md5(state.body, usedforsecurity=False).hexdigest()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/articles/7/files"):
                url = f"{state.address}/file"
                listed = [
                    {
                        "name": "FracAtlas.zip",
                        "download_url": url,
                        "size": state.size or len(state.body),
                        "computed_md5": state.md5,
                    }
                ]
                self.answer(200, json.dumps(listed).encode())
            elif self.path == "/file":
                asked = self.headers.get("Range", "")
                state.ranges.append(asked)
                start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
                if state.busy:
                    state.busy -= 1
                    self.answer(503, b"")
                else:
                    self.answer(206 if asked else 200, state.body[start:], breaks=state.breaks > 0)
            else:
                self.answer(404, b"")

        def answer(self, status: int, body: bytes, *, breaks: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if breaks:
                state.breaks -= 1
                self.wfile.write(body[: len(body) // 3])
                self.wfile.flush()
                self.connection.close()
            else:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state.address = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield state
        httpd.shutdown()
        thread.join()


def test_it_goes_on_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    server.breaks = 3
    seen: list[tuple[int, int]] = []
    fetch(
        CARD,
        tmp_path,
        accepted=True,
        progress=lambda _, have, total: seen.append((have, total)),
        api=server.address,
        pause=0,
    )
    assert (tmp_path / "FracAtlas.zip").read_bytes() == server.body
    assert (tmp_path / "FracAtlas" / "dataset.csv").exists()
    starts = [int(asked.removeprefix("bytes=").rstrip("-") or 0) for asked in server.ranges]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert len(starts) == 4
    assert seen[-1] == (len(server.body), len(server.body))
    assert not list(tmp_path.glob("*.part"))


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.busy = 2
    fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    assert len(server.ranges) == 3


def test_no_room_is_said_before_the_download(server: Server, tmp_path: Path) -> None:
    server.size = 1 << 60
    with pytest.raises(DataError, match="not enough disk space"):
        fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    assert server.ranges == []


def test_a_later_call_goes_on_too_and_a_complete_file_is_not_loaded_again(server: Server, tmp_path: Path) -> None:
    server.breaks = ATTEMPTS
    with pytest.raises(PeerError, match="failed 5 times"):
        fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    assert (tmp_path / "FracAtlas.zip.part").stat().st_size > 0
    fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    count = len(server.ranges)
    assert server.ranges[-1] != ""
    fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    assert len(server.ranges) == count


def test_another_content_is_refused_and_not_kept(server: Server, tmp_path: Path) -> None:
    server.md5 = "0" * 32
    with pytest.raises(DataError, match="differs from the published file"):
        fetch(CARD, tmp_path, accepted=True, api=server.address, pause=0)
    assert not (tmp_path / "FracAtlas.zip").exists()


def test_an_archive_that_climbs_out_is_refused(server: Server, tmp_path: Path) -> None:
    server.body = archive("../outside.txt")
    server.md5 = hashlib.md5(server.body, usedforsecurity=False).hexdigest()
    with pytest.raises(DataError, match="outside its folder"):
        fetch(CARD, tmp_path / "in", accepted=True, api=server.address, pause=0)
    assert not (tmp_path / "outside.txt").exists()


def test_licence_access_and_servers_that_do_not_answer(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="CC-BY-4"):
        fetch(CARD, tmp_path, accepted=False, api=server.address, pause=0)
    with pytest.raises(DataError, match="PhysioNet"):
        fetch(find("spinexr").card, tmp_path, accepted=True)
    with pytest.raises(PeerError, match="does not list article 8"):
        fetch(replace(CARD, figshare=8), tmp_path, accepted=True, api=server.address, pause=0)
