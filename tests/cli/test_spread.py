"""Files are audited, described and de-identified on a real Ray cluster of this machine as they are in this process."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

pytest.importorskip("ray", reason="needs osteon[cluster]")

from tests.command import osteon

from osteon.phantom.layouts import write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Ray's own, of sockets and of what it will rename
]


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_results_are_those_of_one_process(tmp_path: Path) -> None:
    data = tmp_path / "data"
    write("forearm", "fracatlas", 30, 1, data, size=160)
    first = next((data / "images").rglob("*.jpg"))
    first.write_bytes(first.read_bytes()[:2000])  # a broken one among them
    for command in ("check", "stats"):
        here, there = (
            json.loads(osteon("data", command, "fracatlas", str(data), "--json", *more).stdout)
            for more in ((), ("--ray", "local"))
        )
        assert here == there
    secret = tmp_path / "secret"
    for out, more in (("here", ()), ("there", ("--ray", "local"))):
        done = osteon(
            *("data", "deidentify", str(data / "images"), "--out", str(tmp_path / out), "--secret", str(secret)),
            *("--json", *more),
        )
        assert json.loads(done.stdout)["failed"] == 1
    assert digests(tmp_path / "here") == digests(tmp_path / "there")
    assert len(digests(tmp_path / "here")) == 29
