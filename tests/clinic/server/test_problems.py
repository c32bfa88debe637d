"""Errors as documents, and what the log says of them."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.requests import Request

from osteon.clinic.role import Role
from osteon.clinic.server import problems
from osteon.clinic.server.audit.logs import Lines
from osteon.clinic.server.schemas.problem import MEDIA_TYPE, Problem
from osteon.clinic.store.studies.admit import FullError
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import BundleError, InputError, OsteonError, PeerError, StoreError

PATIENT = "DOE^JANE 1970-01-01"


def test_an_error_of_osteon_says_all_it_knows() -> None:
    error = InputError(FaultCode.UNKNOWN_FORMAT, {"format": "zip"})
    assert problems.document(error) == {
        "type": "urn:osteon:problem:input",
        "title": "The image cannot be read",
        "status": 422,
        "detail": "the file is not a radiograph",
        "expected": "a radiograph as DICOM, JPEG, PNG or TIFF",
        "got": "a zip archive",
        "hint": "Unpack it first.",
        "code": "unknown_format",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (FullError("full"), 429),
        (StoreError("x"), 503),
        (PeerError("x"), 502),
        (BundleError("x"), 500),
        (OsteonError("x"), 400),
    ],
)
def test_each_error_has_its_status(error: OsteonError, status: int) -> None:
    assert problems.document(error)["status"] == status


@pytest.mark.anyio
async def test_a_fault_has_a_number_and_tells_nothing() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/fault")
    def fault(request: Request) -> None:
        raise RuntimeError(f"{PATIENT} {request.url}")

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    log = logging.getLogger("osteon.clinic.problems")
    log.addHandler(handler)
    try:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.get("/fault", params={"q": "P-7K3QXM"})
    finally:
        log.removeHandler(handler)
    document = answer.json()
    assert answer.status_code == document["status"] == 500
    assert document["instance"] == "/fault"
    line = stream.getvalue()
    assert document["incident"] in line
    assert "RuntimeError" in line
    assert "test_problems.py:" in line
    assert line.count("\n") == 1
    for text in (answer.text, line):
        assert "DOE" not in text
        assert "P-7K3QXM" not in text


def test_validation_does_not_repeat_what_was_sent(room: Any) -> None:
    for given in ({"name": PATIENT, "password": [PATIENT]}, {PATIENT: 1, "name": "a", "password": "b"}, [PATIENT]):
        answer = room.client().post("/session", json=given)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        if not (isinstance(given, dict) and PATIENT in given):
            assert "JANE" not in answer.text
    broken = room.client().post("/session", content=b'{"name": "JANE', headers={"Content-Type": "application/json"})
    assert broken.status_code == 422
    assert "JANE" not in broken.text


def test_unknown_routes_and_methods_are_problems(room: Any) -> None:
    client = room.client()
    for method, path, status in (
        ("GET", "/nope", 404),
        ("POST", "/nope", 404),
        ("PUT", "/session", 405),
        ("GET", "/studies/", 404),
    ):
        answer = client.request(method, path)
        assert answer.status_code == status, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["instance"] == f"/api/v1{path}"


def test_lines_of_the_log_are_single(room: Any) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Lines())
    log = logging.getLogger("osteon")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        client = room.with_key(Role.READER)
        client.get("/studies", params={"q": "P-7K3QXM"})
        client.post("/studies", files={"files": ("DOE_JANE.jpg", b"no film")})
        client.patch("/DOE_JANE%0Aforged=1")
        limit = time.monotonic() + 10  # a line is written once its answer is on its way
        while "method=PATCH" not in stream.getvalue() and time.monotonic() < limit:
            time.sleep(0.01)
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
    text = stream.getvalue()
    for secret in ("JANE", "7K3QXM", "forged"):
        assert secret not in text
    lines = text.splitlines()
    assert all(line.startswith("time=") for line in lines)
    for told in (
        "method=GET route=/api/v1/studies status=200",
        "method=POST route=/api/v1/studies status=422",
        "method=PATCH route=- status=404",
    ):
        assert sum(told in line for line in lines) == 1


def test_values_are_quoted() -> None:
    record = logging.makeLogRecord({"msg": 'a "b"\nlevel=info', "levelname": "INFO"})
    line = Lines().format(record)
    assert "\n" not in line
    assert json.dumps('a "b"\nlevel=info') in line


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("GET", "/api/v1/studies/none", {}, 404),
        ("GET", "/api/v1/no-such-route", {}, 404),
        ("GET", "/nothing.js", {}, 404),
        ("PUT", "/api/v1/studies", {}, 405),
        ("POST", "/", {}, 405),
        ("POST", "/api/v1/session", {"content": b"x" * 100_000}, 413),
        ("POST", "/api/v1/studies", {"content": b"x"}, 415),
        ("GET", "/api/v1/studies", {"headers": {"Host": "elsewhere.example"}}, 421),
        ("GET", "/api/v1/studies", {"params": {"limit": "0"}}, 422),
        ("GET", "/api/v1/studies", {"params": {"cursor": "none"}}, 422),
        ("POST", "/api/v1/studies", {"files": {"files": ("a.txt", b"text")}}, 422),
        ("GET", "/api/v1/studies", {"headers": {"Authorization": "Bearer none"}}, 401),
        (
            "POST",
            "/api/v1/session",
            {"json": {"name": "a", "password": "b"}, "headers": {"Origin": "https://a.example"}},
            403,
        ),
    ],
)
def test_all_errors_have_one_form(room: Any, method: str, path: str, options: dict[str, Any], status: int) -> None:
    key = room.with_key(Role.READER).headers["authorization"]
    options = {**options, "headers": {"Authorization": key, **options.get("headers", {})}}
    answer = httpx.request(method, f"{room.url}{path}", **options)
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    content = TypeAdapter(Problem).validate_json(answer.content, extra="forbid")
    assert {"type", "title", "status", "instance"} <= content.keys()
    assert (content["status"], content.get("instance")) == (status, path)
