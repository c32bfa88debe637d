"""A server that is killed while films come in and are read loses no study that any answer named."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text

from osteon.clinic.state import State
from osteon.clinic.store.database import open_database
from osteon.clinic.store.tables.studies import OPEN, Image, StoredReading, Study

SERVER = """
import sys
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings

settings = Settings(port=0, store=sys.argv[1], bundle=sys.argv[2], open_access="reader", rate=0, jobs=2, threads=1)
taken = listen(settings)
port = taken.getsockname()[1]
Server(open_context(settings), lambda: print(port, flush=True)).run(sockets=[taken])
"""

KILLS = 3
SENDERS = 3


@pytest.mark.slow
def test_killed_server(boxes_file: Path, tmp_path: Path, picture: Callable[..., bytes]) -> None:
    chance = random.Random(7)
    acknowledged: set[str] = set()
    answers: list[int] = []
    numbers = iter(range(10**6))
    for run in range(KILLS + 1):
        command = [sys.executable, "-c", SERVER, str(tmp_path / "store"), str(boxes_file)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        end = threading.Event()

        def send(port: str = port, end: threading.Event = end) -> None:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
                while not end.is_set():
                    number = next(numbers)
                    headers = {"Prefer": "respond-async"} if number % 4 else {}
                    files = [("files", ("film.png", picture(number, 700, 500)))]
                    try:
                        answer = client.post("/studies", files=files, headers=headers)
                    except httpx.TransportError:
                        return
                    answers.append(answer.status_code)
                    body: dict[str, Any] = answer.json()
                    if answer.status_code == 202:
                        acknowledged.update(body["job"]["studies"])
                    elif answer.status_code == 200:
                        acknowledged.update(one["id"] for one in body["studies"])

        senders = [threading.Thread(target=send) for _ in range(SENDERS)]
        try:
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.5, 2.5))
            if run < KILLS:
                process.kill()
            end.set()
            for sender in senders:
                sender.join(90)
            if run == KILLS:
                wait_until_read(tmp_path / "store")
                process.terminate()
                assert process.wait(60) == 0
        finally:
            end.set()
            process.kill()
            process.wait(60)
            process.stdout.close()
    database = open_database(f"sqlite:///{tmp_path / 'store' / 'osteon.db'}")
    with database.session() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        done = set(session.scalars(select(Study.id).where(Study.state == State.DONE)))
        total = session.scalar(select(func.count()).select_from(Study))
        read = session.scalars(select(StoredReading.study_id)).all()
        images = session.scalars(select(Image.study_id)).all()
    database.close()
    assert set(answers) <= {200, 202}
    assert len(acknowledged) > KILLS
    assert acknowledged <= done
    assert len(done) == total == len(read) == len(set(read)) == len(images)


def wait_until_read(store: Path) -> None:
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end:
            with database.session() as session:
                if not session.scalar(select(func.count()).select_from(Study).where(Study.state.in_(OPEN))):
                    return
            time.sleep(0.1)
        pytest.fail("the studies were not read")
    finally:
        database.close()
