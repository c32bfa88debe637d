"""A project by the command line and the Python client, against a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from osteon.cli import application
from osteon.clinic.annotation.client import Annotation, new_event
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.client import Client
from osteon.clinic.role import Role
from osteon.core.errors import PeerError


@pytest.fixture(scope="module")
def run(room: Any) -> Callable[..., Any]:
    """Runs ``osteon annotate`` with an administrator's key."""
    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    environment = {"OSTEON_SERVER": room.url, "OSTEON_KEY": key, "COLUMNS": "80"}

    def start(*arguments: str, fails: bool = False) -> Any:
        done = CliRunner().invoke(application(), ["annotate", *arguments], env=environment)
        assert (done.exit_code != 0) == fails, (done.output, done.exception)
        return done

    return start


def test_from_a_schema_to_signed_studies(room: Any, run: Callable[..., Any], picture: Any, tmp_path: Path) -> None:
    schema = json.dumps(
        {
            "name": "own",
            "title": "Own",
            "labels": [
                {"id": "bad", "name": "Bad", "scope": "study", "hotkey": "b"},
                {"id": "spot", "name": "Spot", "scope": "region", "kinds": ["point"]},
            ],
            "rules": [{"kind": "required", "labels": ["bad"]}],
        }
    )
    (tmp_path / "own.json").write_text(schema)
    assert "spot: region (point)" in run("schemas", str(tmp_path / "own.json")).stdout
    run("create", "By command", "--schema", str(tmp_path / "own.json"))
    reading = room.login("Commanded", Role.ANNOTATOR)
    assert "warning" not in run("member", "By command", "Commanded").output
    room.account("Seeing", Role.READER)
    assert "can see readings of the model" in run("member", "By command", "Seeing").output
    run("member", "By command", "Seeing", "--remove")
    sent = room.with_key(Role.READER).post("/studies", files={"files": ("a.png", picture(77))})
    study = sent.json()["studies"][0]["id"]
    assert "1 added, 0 were there" in run("add", "By command", study).stdout
    assert "0 added, 1 were there" in run("add", "By command", study).stdout
    assert "Commanded: 1 studies" in run("assign", "By command").stdout

    key = room.with_key(Role.ADMINISTRATOR).headers["authorization"].split()[1]
    with Client(room.url, key) as client:
        projects = Annotation(client)
        project = projects.find("By command")
        queue = reading.get(f"/projects/{project.id}/queue").json()["items"]
        event = new_event(EventKind.ANSWER, label="bad", value=1, image=None)
        body = {"events": [event, new_event(EventKind.FINISH)]}
        kept = reading.post(f"/assignments/{queue[0]['assignment']}/events", json=body).json()
        assert kept["state"] == "finished"
        (read,) = projects.reads(project.id)
        assert [(answer.label, answer.value) for answer in read.answers] == [("bad", 1)]
        assert [member.active for member in projects.members(project.id)] == [True, False]
        with pytest.raises(PeerError, match="no such assignment"):
            projects.task(queue[0]["assignment"])
    shown = run("status", "By command").stdout
    assert "read by all 1, of them disputed 0; decided 0" in shown
    assert max(map(len, shown.splitlines())) <= 80
    weighted = ("decide", "By command", "--rule", "weighted", "--weight")
    assert "Weights are for members" in str(run(*weighted, "nobody=2", fails=True).exception)
    assert "1 studies signed" in run(*weighted, "Commanded=2.5", "--sign").stdout
    assert "By command is closed" in run("close", "By command").stdout
    assert "closed" in run("status").stdout


def test_what_cannot_be_is_told(run: Callable[..., Any]) -> None:
    assert "no such label schema" in str(run("schemas", "nonsense", fails=True).exception)
    assert "no such annotation project" in str(run("status", "nonsense", fails=True).exception)
    run("create", "Twice", "--schema", "pediurf")
    assert "of this name already" in str(run("create", "Twice", "--schema", "pediurf", fails=True).exception)
    assert "too few annotators" not in run("status", "Twice").stdout
    assert run("create", "Bad", "--schema", "pediurf", "--readers", "0", fails=True).exit_code == 2
    assert run("create", "Bad", "--schema", "pediurf", "--deidentify", fails=True).exit_code == 2
    for weights in ((), ("--weight", "nobody"), ("--weight", "=2")):
        assert run("decide", "Twice", "--rule", "weighted", *weights, fails=True).exit_code == 2
    assert run("decide", "Twice", "--rule", "any", "--weight", "a=2", fails=True).exit_code == 2
