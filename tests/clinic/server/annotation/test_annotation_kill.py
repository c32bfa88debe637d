"""A server that is killed between saves loses no event that it acknowledged, and keeps none twice."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from osteon.clinic.annotation.draft import replay
from osteon.clinic.annotation.records.project import MemberRole
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.role import Role
from osteon.clinic.store.access import accounts
from osteon.clinic.store.annotation import assigning, items, members, projects, work
from osteon.clinic.store.annotation.projects import Settings
from osteon.clinic.store.database import open_database
from osteon.clinic.store.tables import annotation as tables
from osteon.clinic.store.tables.studies import Study

SERVER = """
import sys
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings

settings = Settings(port=0, store=sys.argv[1], bundle=sys.argv[2], open_access="reader", rate=0, jobs=1, threads=1)
taken = listen(settings)
port = taken.getsockname()[1]
Server(open_context(settings), lambda: print(port, flush=True)).run(sockets=[taken])
"""
PASSWORD = "five green cats on a roof"  # noqa: S105 - of an account in a test


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_a_killed_server_keeps_what_it_acknowledged(boxes_file: Path, tmp_path: Path, picture: Any, kills: int) -> None:
    chance = random.Random(20)
    store = tmp_path / "store"
    acknowledged: list[tuple[str, dict[str, Any]]] = []
    waiting: list[dict[str, Any]] = []
    own = ""
    for run in range(kills + 1):
        process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(store), str(boxes_file)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            address = f"http://127.0.0.1:{process.stdout.readline().strip()}/api/v1"
            own = own or begin(store, address, picture(1, 512, 512))
            end = threading.Event()
            sender = threading.Thread(target=send, args=(address, own, waiting, acknowledged, end, chance))
            sender.start()
            wanted, late = len(acknowledged) + chance.randint(12, 24), time.monotonic() + 60
            while len(acknowledged) < wanted and time.monotonic() < late:
                time.sleep(chance.uniform(0, 0.01))  # killed at any moment of a save
            if run < kills:
                process.kill()
            end.set()
            sender.join(60)
            assert not sender.is_alive()
        finally:
            process.kill()
            process.wait(60)
            process.stdout.close()
    assert len(acknowledged) >= 12 * (kills + 1)
    assert waiting == [], "what was not acknowledged was sent again"
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    with database.session() as session:
        row = session.scalars(select(tables.Assignment).where(tables.Assignment.id == own)).one()
        kept = work.events(session, row)
    database.close()
    assert [event.sequence for event in kept] == list(range(1, len(kept) + 1))
    assert [event.client_id for event in kept] == [name for name, _ in acknowledged], (
        "each once, in the order of sending"
    )
    last = {payload["id"]: payload["points"] for _, payload in acknowledged}
    drawn = {name: [list(point) for point in region.points] for name, region in replay(kept).regions.items()}
    assert drawn == last


def begin(store: Path, address: str, image: bytes) -> str:
    """A study for one annotator; the assignment."""
    answer = httpx.post(f"{address}/studies", files={"files": ("a.png", image)}, timeout=60)
    assert answer.status_code == 200, answer.text
    study = answer.json()["studies"][0]["id"]
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    with database.session() as session:
        user = accounts.create(session, "ann", Role.ANNOTATOR, PASSWORD)
        project = projects.create(session, "p", shipped("fractuvision"), Settings(), "lead")
        members.put(session, project, user, MemberRole.ANNOTATOR)
        items.add(session, project, [Study.id == study])
        assigning.assign(session, project)
        own = session.scalars(select(tables.Assignment.id)).one()
    database.close()
    return own


def send(
    address: str,
    own: str,
    waiting: list[dict[str, Any]],
    acknowledged: list[tuple[str, dict[str, Any]]],
    end: threading.Event,
    chance: random.Random,
) -> None:
    """Draw without pause, as a page does: what got no answer stays in ``waiting`` and goes first the next time."""
    with httpx.Client(base_url=address, timeout=30) as client:
        try:
            session = client.post("/session", json={"name": "ann", "password": PASSWORD}).json()
            client.headers["X-CSRF-Token"] = session["csrf"]
            while not end.is_set() or waiting:
                while len(waiting) < chance.randint(1, 4) and not end.is_set():
                    waiting.append(drawing(chance))
                answer = client.post(f"/assignments/{own}/events", json={"events": waiting})
                assert answer.status_code == 200, answer.text
                fates = {one["id"]: one["fate"] for one in answer.json()["outcomes"]}
                assert set(fates.values()) <= {"kept", "known"}
                acknowledged += [(event["id"], event["payload"]) for event in waiting]
                waiting.clear()
        except httpx.TransportError:
            return


def drawing(chance: random.Random) -> dict[str, Any]:
    """A box that is drawn or moved."""
    x, y = chance.uniform(0, 200), chance.uniform(0, 200)
    points = [[x, y], [x + 50, y + 60]]
    payload = {"id": f"r{chance.randrange(8)}", "label": "fracture", "image": 0, "kind": "box", "points": points}
    return {"id": str(uuid.uuid4()), "kind": "region", "payload": payload}
