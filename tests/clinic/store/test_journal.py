"""The journal of the audit log loses nothing and takes nothing twice, whatever happens to the process or the database."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from osteon.clinic.store.audit.audit import Entry
from osteon.clinic.store.audit.journal import Journal
from osteon.clinic.store.database import Database, open_database
from osteon.clinic.store.tables.accounts import Audit, AuditJournal
from osteon.clinic.store.tables.base import now


def entry(subject: str) -> Entry:
    return Entry("Maria", "reader", "see image", subject, "127.0.0.1", detail="a b")


def subjects(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(Audit.subject).order_by(Audit.id)))


def test_entries_come_in_in_order_and_as_they_were(database: Database, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "audit")
    first = entry("s/0")
    journal.add([first])
    journal.add([entry("s/1"), entry("s/2")])
    assert not journal.empty
    assert journal.take(database) == 3
    assert journal.empty
    assert subjects(database) == ["s/0", "s/1", "s/2"]
    assert list((tmp_path / "audit").iterdir()) == []
    with database.session() as session:
        kept = session.scalars(select(Audit).order_by(Audit.id)).first()
        assert kept is not None
        fields = (kept.person, kept.role, kept.action, kept.address, kept.result, kept.detail, kept.time)
        assert fields == ("Maria", "reader", "see image", "127.0.0.1", "done", "a b", first.time)
        assert session.scalars(select(AuditJournal)).all() == []


def test_a_killed_process_loses_nothing(database: Database, tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from osteon.clinic.store.audit.audit import Entry; "
        "from osteon.clinic.store.audit.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1]))\n"
        "for number in range(100000):\n"
        "    journal.add([Entry('M', 'reader', 'see image', str(number), '')]); print(number, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(200)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    written = [int(line) for line in told if line.endswith("\n")]
    Journal(tmp_path).take(database)
    assert [int(one) for one in subjects(database)][: len(written)] == written


def test_a_file_that_was_taken_and_not_removed_is_not_taken_twice(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    Journal(folder).add([entry("once")])
    (file,) = folder.iterdir()
    with database.session() as session:  # as where the process ended after the transaction
        session.add(AuditJournal(name=file.name, taken=now()))
    assert Journal(folder).take(database) == 0
    assert subjects(database) == []
    assert list(folder.iterdir()) == []


def test_half_a_line_costs_that_line_alone(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    Journal(folder).add([entry("a"), entry("b")])
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes() + b'{"person": "Ma\n\xff\xff\n[1]\n')
    Journal(folder).add([entry("c")])
    Journal(folder).take(database)
    assert subjects(database) == ["a", "b", "c"]


def test_entries_wait_while_the_database_is_locked_and_nobody_waits_for_them(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'osteon.db'}")
    with database.session() as session:
        session.execute(select(Audit.id))
    journal = Journal(tmp_path / "audit")
    other = sqlite3.connect(tmp_path / "osteon.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    for number in range(1000):
        journal.add([entry(str(number))])
    assert time.monotonic() - begun < 1.0
    other.execute("ROLLBACK")
    other.close()
    assert journal.take(database) == 1000
    assert len(subjects(database)) == 1000
    database.close()


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files")
def test_a_full_disk_loses_nothing(database: Database, tmp_path: Path, caplog: Any) -> None:
    journal = Journal(tmp_path / "audit")
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
        for number in range(10):
            journal.add([entry(str(number))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert "cannot be written" in caplog.text
    journal.take(database)
    assert subjects(database) == [str(number) for number in range(10)]
    assert list((tmp_path / "audit").iterdir()) == []
