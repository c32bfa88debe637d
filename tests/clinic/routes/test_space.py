"""On a full disk deleting works, readiness says no, and what waits is read as soon as there is room."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from osteon.clinic.store.upkeep.space import NoSpaceError, Space


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of 48 MiB; only the system's administrator can make one."""
    place = tmp_path_factory.mktemp("disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(place)], capture_output=True, check=False, timeout=30
    )
    if done.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, timeout=30)


@pytest.fixture(scope="module")
def crowded(disk: Path, rooms: Any) -> Any:
    """A server whose store lies on that disk."""
    return rooms(store=disk / "store")


def fill(disk: Path) -> Path:
    """Another program takes all that is free, to the last byte."""
    ballast = disk / f"ballast-{time.monotonic_ns()}"
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    stream.write(os.urandom(size))
            except OSError:
                continue
    return ballast


def test_reserve(disk: Path) -> None:
    space = Space(disk)
    assert space.check().enough
    assert (disk / "reserve").exists()
    ballast = fill(disk)
    assert not space.check().enough
    assert not (disk / "reserve").exists(), "it is given up"
    with pytest.raises(NoSpaceError, match="full"):
        space.require()
    ballast.unlink()
    assert space.check().enough
    assert (disk / "reserve").exists()


def test_full_disk(disk: Path, crowded: Any, picture: Callable[..., bytes]) -> None:
    room = crowded

    def send(seed: int) -> httpx.Response:
        later = {"Prefer": "respond-async"}
        return room.reader.post("/studies", files=[("files", ("a.png", picture(seed, 700, 500)))], headers=later)

    def settled(client: httpx.Client, path: str, wanted: int, seconds: float = 20.0) -> httpx.Response:
        end = time.monotonic() + seconds
        while True:
            answer = client.get(path)
            if answer.status_code == wanted or time.monotonic() > end:
                return answer
            assert answer.status_code < 500 or "Retry-After" in answer.headers, answer.text
            time.sleep(0.2)

    studies = [send(seed).json()["job"]["studies"][0] for seed in range(3)]
    for study in studies:
        assert room.context.worker.waiters.wait(study, 30)
    asked = threading.Event()

    def not_ready() -> bool:
        asked.set()
        return False

    room.context.worker._ready = not_ready  # so that something waits when the disk is full
    room.context.worker.wake()
    assert asked.wait(30), "until then it may take one more study"
    waits = send(3).json()["job"]["studies"][0]
    fill(disk)
    room.context.worker._ready = lambda: room.context.space.check().enough
    refused = send(4)
    assert refused.status_code == 503, refused.text
    assert "Retry-After" in refused.headers
    ready = settled(room.viewer, "/ready", 503).json()
    assert (ready["ready"], ready["space"], ready["database"]) == (False, False, True)
    assert settled(room.viewer, f"/studies/{studies[0]}", 200).status_code == 200, "looking works"
    assert room.viewer.get(f"/studies/{waits}").json()["state"] == "queued"
    assert room.administrator.delete(f"/studies/{studies[0]}").status_code == 204
    assert room.administrator.delete(f"/studies/{studies[1]}").status_code == 204
    fill(disk)  # also what that gave back
    (disk / "store" / "reserve").unlink(missing_ok=True)
    fill(disk)
    assert room.administrator.delete(f"/studies/{studies[2]}").status_code == 204, "without any reserve, too"
    for ballast in disk.glob("ballast-*"):
        ballast.unlink()
    assert room.context.worker.waiters.wait(waits, 30)
    assert room.viewer.get(f"/studies/{waits}").json()["state"] == "done"
    assert settled(room.viewer, "/ready", 200).json()["ready"]
    assert send(4).status_code == 202
    assert not list((disk / "store" / "files" / "new").iterdir()), "what could not be kept whole left nothing"
