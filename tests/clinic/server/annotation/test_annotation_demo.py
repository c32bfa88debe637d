"""``osteon annotate demo`` leads a newcomer from two reads to a dataset, by the steps of docs/workbench.md."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from osteon.cli import application
from osteon.data import datasets

DOCS = Path(__file__).parents[4] / "docs" / "workbench.md"
STUDIES = 5
BOX = [[20.0, 30.0], [60.0, 80.0]]


@contextmanager
def demo(store: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address that the demo prints, and the passwords."""
    command = [sys.executable, "-u", "-m", "osteon.cli", "annotate", "demo", "--port", "0", "--studies", str(STUDIES)]
    process = subprocess.Popen([*command, "--size", "256", "--store", str(store)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = "".join(takewhile(lambda line: not line.startswith("The images are simulated"), process.stdout))
        (address,) = re.findall(rf"with {STUDIES} studies is open at (http://\S+)/#/annotate", told)
        yield address, dict(re.findall(r"^(ana|ben|cleo|lead) +\w+ +(\S+)$", told, re.MULTILINE))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


class Person:
    """Somebody who is logged in."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self._room = httpx.Client(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=60)
        told = self._room.post("/session", json={"name": name, "password": password})
        assert told.status_code == 200, told.text
        self._room.headers["X-CSRF-Token"] = told.json()["csrf"]
        (self.project,) = self.get("/projects")

    def close(self) -> None:
        """End the connections."""
        self._room.close()

    def get(self, path: str) -> Any:
        """What a route answers."""
        answer = self._room.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """What a route answers."""
        answer = self._room.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def status(self, path: str) -> int:
        """Whether a route answers."""
        return self._room.get(path).status_code

    def read(self, *, box: bool) -> None:
        """Finish the own queue: osteophytes on each first image, or nothing on any."""
        for entry in self.get(f"/projects/{self.project['id']}/queue")["items"]:
            images = [image["index"] for image in self.get(f"/assignments/{entry['assignment']}")["images"]]
            events: list[tuple[str, dict[str, Any]]] = []
            if box:
                events.append(("region", {"id": "a", "label": "osteophytes", "image": 0, "kind": "box", "points": BOX}))
            events += [
                ("answer", {"label": "no_finding", "value": 1, "image": image}) for image in images if image or not box
            ]
            sent = [
                {"id": str(uuid.uuid4()), "kind": kind, "payload": payload}
                for kind, payload in (*events, ("finish", {}))
            ]
            assert self.post(f"/assignments/{entry['assignment']}/events", {"events": sent})["state"] == "finished"


def test_a_newcomer_gets_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    with demo(store) as (address, passwords), ExitStack() as stack:
        assert set(passwords) == {"ana", "ben", "cleo", "lead"}
        people = {name: Person(address, name, password) for name, password in passwords.items()}
        for person in people.values():
            stack.callback(person.close)
        for name in ("ana", "ben", "cleo"):
            assert people[name].status("/studies") == 403, "nothing of the reading room, and so of the model"
        people["ana"].read(box=True)
        people["ben"].read(box=False)
        cleo = people["cleo"]
        path = f"/projects/{cleo.project['id']}"
        waiting = cleo.get(f"{path}/adjudications")["items"]
        assert [one["disputed"] > 0 for one in waiting] == [True] * STUDIES
        for one in waiting:
            case = cleo.get(f"{path}/items/{one['item']}")
            (drawn,) = [region for read in case["reads"] for region in read["regions"]]
            answers = [{"label": "no_finding", "value": image, "image": image} for image in (0, 1)]
            body = {"rule": "person", "answers": answers, "regions": [drawn], "sign": True}
            assert cleo.post(f"{path}/items/{one['item']}/consensus", body)["signed"]
        assert people["lead"].post(f"{path}/snapshots", {})["studies"] == STUDIES
    (command,) = re.findall(r'`osteon (annotate snapshot "Simulated spines"[^`]+)`', DOCS.read_text())
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(application(), shlex.split(command.replace("DIR", str(store))))
    assert done.exit_code == 0, (done.output, done.exception)
    table = datasets.read("listed", tmp_path / "spines")
    assert len(table) == 2 * STUDIES
    assert sorted(table.label("osteophytes").tolist()) == [0] * STUDIES + [1] * STUDIES
    assert set(table.frame["split"]) == {"train", "test"}


def test_a_store_that_is_in_use_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "osteon.db").write_bytes(b"another one")
    done = CliRunner().invoke(application(), ["annotate", "demo", "--store", str(tmp_path)])
    assert "not empty" in str(done.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["osteon.db"]
