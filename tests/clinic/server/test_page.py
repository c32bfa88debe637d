"""The files of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from osteon.clinic.server import problems
from osteon.clinic.server.page import Page

SCRIPT = "export const x = 1;\n" * 100


@pytest.fixture
def client(tmp_path: Path) -> httpx.Client:
    """A client of a server with a small page."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Osteon</title>")
    (folder / "assets" / "index-B1c2D3e4.js").write_text(SCRIPT)
    (folder / "assets" / "icon.svg").write_text("<svg/>")
    page = Page(folder)

    def answer(request: Request) -> Response:
        try:
            return page.answer(request, request.path_params["name"])
        except problems.ProblemError as error:
            return problems.answer("/", error.status, error.title)

    from starlette.testclient import TestClient

    return TestClient(Starlette(routes=[Route("/{name:path}", answer)]))


def test_the_first_page_is_asked_for_each_time(client: Any) -> None:
    answer = client.get("/")
    assert "<title>Osteon" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert client.head("/").status_code == 200


def test_hashed_files_stay(client: Any) -> None:
    answer = client.get("/assets/index-B1c2D3e4.js", headers={"Accept-Encoding": "gzip"})
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    tag = {"Accept-Encoding": "gzip", "If-None-Match": answer.headers["etag"]}
    assert client.get("/assets/index-B1c2D3e4.js", headers=tag).status_code == 304
    plain = client.get("/assets/index-B1c2D3e4.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == SCRIPT
    assert "content-encoding" not in plain.headers
    assert client.get("/assets/icon.svg").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "//etc/passwd",
        "/assets",
        "/a\0b",
    ],
)
def test_no_path_leads_elsewhere(client: Any, path: str) -> None:
    assert client.get(path.replace("\0", "%00")).status_code == 404


def test_an_installation_without_a_page_says_so(tmp_path: Path) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    answer = Page(tmp_path / "none").answer(Request(scope), "")
    assert b"page was not built" in answer.body
