"""Several servers and workers on one PostgreSQL and one folder: it does not matter which of them is asked."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.engine import Engine

from osteon.clinic.fleet.reading import WorkerProcess
from osteon.clinic.opening import Parts, open_parts
from osteon.clinic.server.leading import lead
from osteon.clinic.settings import Settings
from osteon.clinic.store.fleet.presence import Kind
from osteon.clinic.store.incoming import Incoming
from osteon.clinic.store.tables.accounts import Audit
from osteon.clinic.store.tables.studies import State, Study
from osteon.core.errors import OsteonError, StoreError

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def shared(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Settings of processes that share a database and a folder."""
    engine = create_engine(postgres % "postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE several"))
    engine.dispose()
    return {"database": postgres % "several", "store": tmp_path_factory.mktemp("several") / "store", "threads": 1}


@pytest.fixture(scope="module")
def servers(rooms: Any, shared: dict[str, Any]) -> list[Any]:
    """Two that leave reading to workers."""
    return [rooms(jobs=0, **shared), rooms(jobs=0, **shared)]


@pytest.fixture(scope="module")
def worker(servers: list[Any], shared: dict[str, Any], boxes_file: Path) -> Iterator[Parts]:
    """A worker, as ``osteon worker`` opens it."""
    assert servers
    parts = open_parts(Settings.model_validate({**shared, "bundle": str(boxes_file), "jobs": 1}), Kind.WORKER, pool=3)
    parts.worker.start()
    yield parts
    parts.worker.stop()
    parts.close()


def send(room: Any, *pictures: bytes, wait: bool = True) -> Any:
    files = [("files", (f"{number}.png", data)) for number, data in enumerate(pictures)]
    headers = {} if wait else {"Prefer": "respond-async"}
    return room.reader.post("/studies", files=files, data={"together": "true"}, headers=headers)


def test_what_one_took_in_a_worker_reads_and_another_shows(
    servers: list[Any], worker: Parts, picture: Callable[..., bytes]
) -> None:
    first, second = servers
    assert worker.claim.held
    told: list[dict[str, Any]] = []
    listening = threading.Event()

    def listen() -> None:
        with second.viewer.stream("GET", "/events") as answer:
            listening.set()
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    told.append(json.loads(line[5:]))
                    if told[-1].get("state") == State.DONE:
                        return

    page = threading.Thread(target=listen, daemon=True)
    page.start()
    assert listening.wait(10)
    time.sleep(0.2)
    answer = send(first, picture(9001))
    assert answer.status_code == 200, "whoever waits is told when a worker has read it"
    study = answer.json()["studies"][0]["id"]
    page.join(20)
    assert {"kind": "study", "id": study, "state": State.DONE} in told
    assert second.viewer.get(f"/studies/{study}").json()["state"] == State.DONE
    assert [room.context.member.leads() for room in servers] == [True, False]
    figures = second.administrator.get("/metrics").text
    assert 'osteon_processes{kind="server"} 2.0' in figures
    assert 'osteon_jobs{kind="worker"} 1.0' in figures


def test_whoever_is_shut_out_at_one_hears_nothing_at_another(servers: list[Any]) -> None:
    first, second = servers
    made = first.administrator.post("/keys", json={"name": "a screen", "role": "viewer"}).json()
    ended: list[str] = []
    with second.viewer.stream("GET", "/events", headers={"Authorization": f"Bearer {made['key']}"}) as answer:
        assert first.administrator.delete(f"/keys/{made['id']}").status_code == 204
        begun = time.monotonic()
        ended += [line for line in answer.iter_lines() if line.startswith("event:")]
    assert ended == ["event: ended"]
    assert time.monotonic() - begun < 10, "it is told, and need not look by itself"


def test_of_deleting_and_admitting_one_is_first(
    servers: list[Any], worker: Parts, picture: Callable[..., bytes]
) -> None:
    """A server that has decided that nobody needs a file removes it before another one says that a study does."""
    first, second = servers
    shared_picture, more = picture(9101), picture(9102)
    study = send(first, shared_picture).json()["studies"][0]["id"]
    answers: list[Any] = []
    admitting = threading.Thread(target=lambda: answers.append(send(second, shared_picture, more)))
    turn = threading.Lock()

    def look(_connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if sql.startswith("DELETE FROM studies") and turn.acquire(blocking=False):
            admitting.start()
            time.sleep(0.5)

    event.listen(Engine, "before_cursor_execute", look)
    try:
        assert first.administrator.delete(f"/studies/{study}").status_code == 204
    finally:
        event.remove(Engine, "before_cursor_execute", look)
    admitting.join(30)
    assert answers[0].status_code == 200
    for data in (shared_picture, more):
        digest = hashlib.sha256(data).hexdigest()
        assert worker.files.read(digest) == data


def test_a_worker_that_drains_gives_back_what_it_cannot_read_in_time(
    servers: list[Any], worker: Parts, shared: dict[str, Any], boxes_file: Path, picture: Callable[..., bytes]
) -> None:
    worker.worker._stopping = True  # it takes nothing, as if it were busy
    other = open_parts(Settings.model_validate({**shared, "bundle": str(boxes_file), "jobs": 1}), Kind.WORKER, pool=3)
    try:
        other.budget.take(10**12)  # what it decodes has to wait
        other.worker.start()
        study = send(servers[0], picture(9201), wait=False).json()["job"]["studies"][0]
        state(worker, study, State.READING)
        other.worker.stop(0.2)
        state(worker, study, State.QUEUED)
        with worker.database.session() as session:
            assert session.scalar(select(Study.attempts).where(Study.id == study)) == 0, "it did not end over it"
    finally:
        other.budget.give(10**12)
        other.worker.stop()  # once more, now that its thread can end
        other.close()
        worker.worker._stopping = False
        worker.worker.wake()


def state(parts: Parts, study: str, wanted: State) -> None:
    end = time.monotonic() + 20
    while True:
        with parts.database.session() as session:
            found = session.scalar(select(Study.state).where(Study.id == study))
        if found == wanted:
            return
        assert time.monotonic() < end, found
        time.sleep(0.02)


def test_what_an_ended_server_received_and_noted_is_taken_over(servers: list[Any], dicom: Any) -> None:
    import numpy as np

    here = servers[0].context
    assert here.member.leads()
    ended = Incoming(here.settings.store, "ended")
    draft = ended.draft(1 << 20)
    draft.write(dicom(np.full((40, 30), 900, np.uint16), PatientID="9301"))
    entry = ended.keep(draft, "key:modality")
    folder = here.settings.store / "audit" / "ended"
    folder.mkdir(parents=True)
    line = {
        "person": "Ann",
        "role": "reader",
        "action": "of the ended",
        "subject": "s",
        "address": "",
        "result": "done",
    }
    line |= {"detail": "", "time": "2026-01-01T00:00:00+00:00"}
    (folder / "00000000000000000001-00000000.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    lead(here)
    assert not entry.path.exists()
    assert not folder.exists()
    assert here.node.collector.waiting()["key:modality"] == 1
    with here.database.session() as session:
        assert session.scalar(select(Audit.person).where(Audit.action == "of the ended")) == "Ann"


def test_who_has_another_folder_or_another_kind_of_database_is_refused(
    servers: list[Any], shared: dict[str, Any], boxes_file: Path, tmp_path: Path
) -> None:
    assert servers
    bundle = str(boxes_file)
    with pytest.raises(StoreError, match="another folder"):
        open_parts(Settings(bundle=bundle, store=tmp_path / "other", database=shared["database"]), Kind.SERVER)
    with pytest.raises(StoreError, match="another server uses this store"):
        open_parts(Settings(bundle=bundle, store=shared["store"]), Kind.SERVER)
    with pytest.raises(OsteonError, match="a worker needs the PostgreSQL database"):
        WorkerProcess(Settings(bundle=bundle, store=tmp_path / "other"), 1.0, None)
    with pytest.raises(ValueError, match="jobs = 0"):
        Settings(jobs=0)
