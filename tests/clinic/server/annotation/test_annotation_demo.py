"""``osteon annotate demo`` leads a newcomer to a study that waits for them."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import httpx
from typer.testing import CliRunner

from osteon.cli import application


def test_whoever_is_named_has_a_study_to_read(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "osteon.cli", "annotate", "demo", "--port", "0", "--studies", "1"]
    command += ["--size", "256", "--store", str(tmp_path / "store")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = "".join(takewhile(lambda line: not line.startswith("The images are simulated"), process.stdout))
        (address,) = re.findall(r"with 1 studies is open at (http://\S+)/#/annotate", told)
        accounts = dict(re.findall(r"^(ana|ben|cleo|lead) +\w+ +(\S+)$", told, re.MULTILINE))
        assert set(accounts) == {"ana", "ben", "cleo", "lead"}
        for name, studies in (("ana", 1), ("ben", 1), ("cleo", None)):
            with httpx.Client(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=60) as room:
                assert room.post("/session", json={"name": name, "password": accounts[name]}).status_code == 200
                (project,) = room.get("/projects").json()
                queue = room.get(f"/projects/{project['id']}/queue")
                assert queue.json().get("total") == studies
                assert room.get("/studies").status_code == 403, "nothing of the reading room, and so of the model"
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_store_that_is_in_use_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "osteon.db").write_bytes(b"another one")
    done = CliRunner().invoke(application("annotate"), ["annotate", "demo", "--store", str(tmp_path)])
    assert "not empty" in str(done.exception)
    assert [file.name for file in tmp_path.iterdir()] == ["osteon.db"]
