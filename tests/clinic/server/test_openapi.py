"""The OpenAPI document that the page's types are made from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from osteon.clinic.server.api import DOCUMENT, ROUTERS, routes
from osteon.clinic.server.openapi import document, main

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return json.loads(document())


def operations(written: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, item in written["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_every_route_is_in_it(written: dict[str, Any]) -> None:
    shown = {f"{method.lower()} {one.path}" for one in routes() if one.include_in_schema for method in one.methods}
    assert set(operations(written)) == shown


def test_operation_ids_are_the_names_of_the_functions(written: dict[str, Any]) -> None:
    ids = [one["operationId"] for one in operations(written).values()]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {one.endpoint.__name__ for one in routes() if one.include_in_schema}


def test_every_operation_has_one_tag_and_says_what_it_answers(written: dict[str, Any]) -> None:
    assert len(ROUTERS) == len({id(one) for one in ROUTERS})
    for name, operation in operations(written).items():
        assert len(operation["tags"]) == 1, name
        good = {status: one for status, one in operation["responses"].items() if status.startswith("2")}
        assert good, name
        for status, response in good.items():
            assert status == "204" or response["content"], name
            for media, content in response.get("content", {}).items():
                assert media != "application/json" or content["schema"], name


def test_errors_are_problem_documents(written: dict[str, Any]) -> None:
    for name, operation in operations(written).items():
        bad = {status: one for status, one in operation["responses"].items() if status[0] in "45d"}
        if name == "get /api/v1/ready":
            bad.pop("503")  # says part by part what is not ready
        assert "default" in bad, name
        for response in bad.values():
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, name
    assert "HTTPValidationError" not in written["components"]["schemas"]


def test_every_reference_leads_somewhere(written: dict[str, Any]) -> None:
    text = json.dumps(written)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(written["components"]["schemas"])
    assert not [name for name in written["components"]["schemas"] if "__" in name or "-" in name]


def test_the_command_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    main([str(file)])
    other = subprocess.run(
        [sys.executable, "-m", "osteon.clinic.server.openapi"],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert other.stdout == file.read_bytes() == document().encode()


def test_it_is_what_the_server_answers(room: Any) -> None:
    served = room.client().get(DOCUMENT.removeprefix("/api/v1"))
    assert served.json() == json.loads(document())
