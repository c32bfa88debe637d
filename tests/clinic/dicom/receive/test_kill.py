"""What was acknowledged is there after kill -9, and a full disk acknowledges nothing."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import generate_uid
from tests.clinic.dicom.conftest import dcmtk, storescu, until

from osteon.clinic.dicom.deliver.sender import Sender
from osteon.clinic.dicom.deliver.wanted import by_destination
from osteon.clinic.dicom.settings import Destination, Dicom
from osteon.clinic.store.database import open_database
from osteon.clinic.store.tables.studies import Fact

pytestmark = [pytest.mark.pacs]

SERVER = """
import sys
from osteon.clinic.server.open import listen, open_context
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings

dicom = {"port": 0, "quiet_seconds": 0.2, "peers": {"SENDER0": {"address": "127.0.0.1"}}}
settings = Settings.model_validate(
    {"port": 0, "store": sys.argv[1], "bundle": sys.argv[2], "rate": 0, "jobs": 1, "threads": 1, "dicom": dicom}
)
taken = listen(settings)
context = open_context(settings)
Server(context, lambda: print(context.node.listener.port, flush=True)).run(sockets=[taken])
"""


def send(port: int, files: dict[str, Path], acknowledged: set[str], chosen: threading.Event) -> None:
    """Send instances, each in an association of its own, and note those that were acknowledged."""
    for instance, file in files.items():
        done = dcmtk("storescu", "-to", 5, "-aet", "SENDER0", "-aec", "OSTEON", "127.0.0.1", port, file, check=False)
        if done.returncode:
            return
        acknowledged.add(instance)
        if len(acknowledged) >= 5:
            chosen.set()


@pytest.mark.long
@pytest.mark.dcmtk
def test_killed_in_the_middle_of_sending(
    boxes_file: Path, tmp_path: Path, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    studies = [generate_uid() for _ in range(4)]
    data = [film(number, rows=600, StudyInstanceUID=studies[number % 4]) for number in range(16)]
    files = {str(dcmread(io.BytesIO(one)).SOPInstanceUID): put(one) for one in data}
    acknowledged: set[str] = set()
    command = [sys.executable, "-c", SERVER, str(tmp_path / "store"), str(boxes_file)]
    for run in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            chosen = threading.Event()
            left = {instance: file for instance, file in files.items() if instance not in acknowledged}
            sender = threading.Thread(target=send, args=(port, left, acknowledged, chosen))
            sender.start()
            if run == 0:
                assert chosen.wait(30)
                process.kill()
                sender.join(30)
                process.wait(30)
                assert len(acknowledged) < len(data)
                continue
            sender.join(60)
            assert len(acknowledged) == len(data)
            until(lambda: not list((tmp_path / "store" / "incoming").glob("*.dcm")), 30)
            process.terminate()
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait(30)
            process.stdout.close()
    database = open_database(f"sqlite:///{tmp_path / 'store' / 'osteon.db'}")
    from sqlalchemy import select

    from osteon.clinic.store.tables.studies import Original, Study

    with database.session() as session:
        newest = select(Original.instance).join(Study, Study.id == Original.study_id).where(Study.newer.is_(None))
        kept = list(session.scalars(newest))
    database.close()
    assert len(kept) == len(set(kept)) == len(data)
    assert set(kept) == acknowledged


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MiB; only the system's administrator can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False, timeout=30).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True, timeout=30)


def fill(ballast: Path) -> None:
    """Leave no room on its disk."""
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    stream.write(os.urandom(size))
            except OSError:
                continue


def test_a_node_starts_on_a_full_disk_and_delivers_once_there_is_room(rooms: Any, disk: Path) -> None:
    store, ballast = disk / "store", disk / "ballast"
    rooms(store=store).stop()
    (store / "reserve").unlink()  # given up before
    database = open_database(f"sqlite:///{store / 'osteon.db'}")
    fill(ballast)
    to = {"aet": "PACS", "host": "127.0.0.1", "port": 1, "outputs": ["sr"], "commitment": False}
    wanted = by_destination("pacs", Destination.model_validate(to), Dicom())
    node = Sender("pacs", wanted, Dicom(), database, None, None, None, print)  # pyright: ignore
    try:
        node.start()
        assert node.alive
        ballast.unlink()
        node.wake()
        until(lambda: known(database))
    finally:
        node.stop()
        database.close()


def known(database: Any) -> bool:
    """Whether a destination was introduced."""
    with database.session() as session:
        fact = session.get(Fact, "destinations")
        return fact is not None and "pacs" in fact.content


@pytest.mark.dcmtk
def test_a_full_disk_acknowledges_nothing_and_recovers(
    rooms: Any, disk: Path, film: Callable[..., bytes], put: Callable[[bytes], Path]
) -> None:
    room = rooms(store=disk / "store")
    uid = generate_uid()
    first, second = put(film(1, StudyInstanceUID=uid)), put(film(2, StudyInstanceUID=uid))
    storescu(room, first)
    room.read(uid)
    ballast = disk / "ballast"
    fill(ballast)
    for _ in range(2):  # the second time the reserve is gone, too
        done = storescu(room, second, check=False, options=["-v"])
        assert "OutOfResources" in done.stderr, done.stderr
        with ballast.open("ab", buffering=0) as stream:
            try:
                while True:
                    stream.write(os.urandom(4096))
            except OSError:
                pass
    metrics = 'event="refused-a700",peer="SENDER0"'
    assert not list((disk / "store" / "incoming").glob("*.dcm"))
    assert not list((disk / "store" / "incoming" / "new").iterdir())
    ballast.unlink()
    until(lambda: room.context.space.check().enough)
    storescu(room, second)
    study = until(lambda: (row := room.studies()[uid]) and row.version == 2 and row)
    assert study.view_count == 2
    assert metrics in room.administrator.get("/api/v1/metrics").text


def test_what_waits_is_found_at_the_next_start(
    rooms: Any, film: Callable[..., bytes], put: Callable[[bytes], Path], tmp_path: Path
) -> None:
    store, uid = tmp_path / "store", generate_uid()
    room = rooms(store=store, quiet_seconds=600)
    storescu(room, put(film(1, StudyInstanceUID=uid)))
    assert room.context.node.collector.waiting() == {"SENDER0": 1}
    room.stop()
    assert len(list((store / "incoming").glob("*.dcm"))) == 1
    again = rooms(store=store)
    assert again.read(uid).view_count == 1
