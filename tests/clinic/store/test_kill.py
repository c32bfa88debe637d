"""A process that is killed in the middle of work loses nothing that it acknowledged, and reads nothing twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from osteon.clinic.store.database import Database
from osteon.clinic.store.tables.studies import OPEN, Image, Original, State, StoredReading, Study

PROCESS = """
import io, sys
import cv2
import numpy as np
from osteon.bundle.archive import open_bundle
from osteon.clinic.hub import Hub
from osteon.clinic.intake import Intake, Upload
from osteon.clinic.store.database import open_database
from osteon.clinic.store.files import Files
from osteon.clinic.reading.worker import Worker
from osteon.inference.engine import InferenceEngine

url, folder, bundle, first, last = sys.argv[1:]
opened = open_bundle(bundle)
database, files, hub = open_database(url), Files(folder), Hub()
worker = Worker(database, files, InferenceEngine(opened, 1), hub, 2)
worker.start()
print("started", flush=True)
intake = Intake(database, files, hub, bundle=opened.manifest.identity, digest=opened.digest)
for seed in range(int(first), int(last)):
    noise = np.random.default_rng(seed).integers(0, 255, (700, 700), np.uint8)
    grey = cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 9), None, 0, 255, cv2.NORM_MINMAX)
    film = cv2.imencode(".png", grey)[1].tobytes()
    for arrival in intake.take([Upload("film.png", io.BytesIO(film))]).arrivals:
        print(seed, arrival.study, flush=True)
    worker.wake()
print("all sent", flush=True)
sys.stdin.read()
worker.stop()
"""

Moment = Callable[[subprocess.Popen[str], Database], None]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_while_it_reads(database: Database, database_url: str, boxes_file: Path, tmp_path: Path) -> None:
    survives([while_reading], 12, database, database_url, boxes_file, tmp_path / "store")


@pytest.mark.slow
def test_killed_at_any_moment(database: Database, database_url: str, boxes_file: Path, tmp_path: Path) -> None:
    chance = random.Random(20_260_203)

    def at_any_moment(process: subprocess.Popen[str], _database: Database) -> None:
        time.sleep(chance.uniform(0.05, 0.8))
        process.kill()

    survives([at_any_moment] * 3, 24, database, database_url, boxes_file, tmp_path / "store")


def while_reading(process: subprocess.Popen[str], database: Database) -> None:
    """Kill a process when it reads: it is held still while that is made sure of."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        process.send_signal(signal.SIGSTOP)
        with database.session() as session:
            reads = session.scalar(count(Study.state == State.READING))
        if reads:
            process.kill()
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    pytest.fail("nothing was read")


def survives(
    kills: Sequence[Moment], films: int, database: Database, database_url: str, bundle: Path, folder: Path
) -> None:
    """Send films to one process after the other; each but the last is killed."""
    acknowledged: dict[int, str] = {}
    killed_while_reading = 0
    for kill in (*kills, None):
        first = max(acknowledged, default=-1) + 1
        command = [sys.executable, "-c", PROCESS, database_url, str(folder), str(bundle), str(first), str(films)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if kill is None:
                acknowledged |= heard(process.stdout)
                wait_until_read(database)
                process.stdin.close()
                assert process.wait(60) == 0
            else:
                assert process.stdout.readline().strip() == "started"
                kill(process, database)
                assert process.wait(60) == -signal.SIGKILL
                with database.session() as session:
                    killed_while_reading += session.scalar(count(Study.state == State.READING)) or 0
                acknowledged |= heard(process.stdout)
        finally:
            process.kill()
            process.wait(60)
            process.stdout.close()
            process.stdin.close()
    assert sorted(acknowledged) == list(range(films))
    assert killed_while_reading > 0, "no process was killed while it read: the moments should be others"
    with database.session() as session:
        done = set(session.scalars(select(Study.id).where(Study.state == State.DONE)))
        read = session.scalars(select(StoredReading.study_id)).all()
        images = session.scalars(select(Image.study_id)).all()
        digests = session.scalars(select(Original.digest)).all()
        if database.kind == "sqlite":
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    assert set(acknowledged.values()) == done
    assert len(read) == len(set(read)) == len(images) == len(set(images)) == films
    assert len(digests) == films
    assert all((folder / "files" / digest[:2] / digest).is_file() for digest in digests)
    assert not list((folder / "files" / "new").iterdir())


def heard(lines: Any) -> dict[int, str]:
    """What a process acknowledged, until it ended or had sent all; a line that was cut off acknowledges nothing."""
    found: dict[int, str] = {}
    for line in lines:
        words = line.split()
        if line.strip() == "all sent":
            break
        if line.endswith("\n") and len(words) == 2 and words[0].isdecimal():
            found[int(words[0])] = words[1]
    return found


def count(condition: Any) -> Any:
    return select(func.count()).select_from(Study).where(condition)


def wait_until_read(database: Database) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with database.session() as session:
            if not session.scalar(count(Study.state.in_(OPEN))):
                return
        time.sleep(0.05)
    pytest.fail("the studies were not read")
