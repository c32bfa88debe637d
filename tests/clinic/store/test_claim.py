"""With SQLite one server has a store: a second one is refused with a reason, and one that was killed lets go.

With PostgreSQL several share it: see ``tests.clinic.routes.test_several``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from osteon.clinic.hub import Hub
from osteon.clinic.reading.worker import Worker
from osteon.clinic.server.open import open_context
from osteon.clinic.settings import Settings
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.files import Files
from osteon.clinic.store.upkeep.claim import Claim
from osteon.core.errors import StoreError

SERVER = [sys.executable, "-m", "osteon.cli", "serve", "--port", "0", "--set", "threads=1"]


def command(bundle: Path, store: Path, url: str = "") -> list[str]:
    return [*SERVER, "--bundle", str(bundle), "--store", str(store), *(["--database", url] if url else [])]


@contextmanager
def server(*arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A server that answers; it is killed at the end."""
    process = subprocess.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # pyright: ignore[reportArgumentType]
    assert process.stdout is not None
    try:
        assert "Osteon reads with" in process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait(30)
        process.stdout.close()


def refused(bundle: Path, store: Path, url: str = "") -> str:
    """What is said where a server may not start."""
    with pytest.raises(StoreError) as caught:
        open_context(Settings(bundle=str(bundle), store=store, database=url))
    return str(caught.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_second_server_is_refused(boxes_file: Path, tmp_path: Path, database_url: str) -> None:
    """In the same folder, also by another name of it; and in the same database with another folder."""
    store, other, link = tmp_path / "store", tmp_path / "other", tmp_path / "link"
    with server(boxes_file, store, database_url) as first:
        told = refused(boxes_file, store, database_url)
        assert "another server uses this store" in told
        assert str(first.pid) in told
        link.symlink_to(store)
        for folder, url in ((link, ""), (other, database_url)):
            assert "another server uses this store" in refused(boxes_file, folder, url)
        first.send_signal(signal.SIGKILL)
        first.wait(30)
        # What was killed holds nothing, neither does what was refused.
        for folder in (store, other):
            context = open_context(Settings(bundle=str(boxes_file), store=folder, database=database_url))
            assert context.claim.held
            context.database.close()
            context.claim.release()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_command_says_why_it_does_not_start(boxes_file: Path, tmp_path: Path, database_url: str) -> None:
    del database_url
    holder = Files(tmp_path)
    assert holder.hold()
    done = subprocess.run(command(boxes_file, tmp_path), capture_output=True, text=True, timeout=120, check=False)
    holder.release()
    assert done.returncode == 2
    assert "another server uses this store" in " ".join((done.stdout + done.stderr).split())


def test_worker_does_not_begin_in_a_store_of_another(tmp_path: Path, database: Database, small_reader: object) -> None:
    holder = Files(tmp_path / "store")
    assert holder.hold()
    worker = Worker(database, Files(tmp_path / "store"), small_reader, Hub())  # pyright: ignore[reportArgumentType]
    with pytest.raises(StoreError, match="another server"):
        worker.start()
    holder.release()


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_who_shares_and_who_wants_it_alone(tmp_path: Path, database: Database, database_url: str) -> None:
    """A server of a version that shares nothing, and those that share, keep each other out; the first of these settles."""
    folder = tmp_path / "store"
    alone = open_database(database_url)
    old = Files(folder)
    assert old.hold()
    with pytest.raises(StoreError, match="another server uses this store"):
        Claim(Files(folder), shared=True).take_folder(0.1)
    old.release()
    first, second = Claim(Files(folder), shared=True), Claim(Files(folder), shared=True)
    first.take_folder()
    first.take_database(database)
    assert first.alone
    assert not alone.hold(shared=True), "until it has settled"
    first.settle()
    second.take_folder()
    second.take_database(alone)
    assert not second.alone
    assert not old.hold()
    third = open_database(database_url)
    assert not third.hold()
    first.release()
    second.release()
    assert third.hold()
    for one in (alone, third):
        one.close()


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_claim_of_a_database_that_was_restarted(tmp_path: Path, database: Database, database_url: str) -> None:
    """A broken connection takes the lock along: it is taken again, or the store is no longer this server's."""
    claim = Claim(Files(tmp_path / "one"))
    claim.take_folder()
    claim.take_database(database)
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    other = open_database(database_url)
    with other.session() as session:
        session.execute(cut)
    assert claim.check()
    assert not other.hold(), "it was taken again"
    with other.session() as session:
        session.execute(cut)
    ends = time.monotonic() + 20  # the server gives the lock back once the process that it ended is gone
    while not other.hold():
        assert time.monotonic() < ends
        time.sleep(0.05)
    claim._next = 0.0
    assert not claim.check()
    assert not claim.held
    other.close()
    claim._next = 0.0
    assert claim.check()
    claim.release()
