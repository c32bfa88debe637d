"""Reading rooms with a DICOM node, and senders: pynetdicom as a program of its own kind, and dcmtk's."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest

pytest.importorskip("fastapi")
pytest.importorskip("pynetdicom")

from sqlalchemy import select
from tests.clinic.trust import trust
from tests.dicom_files import write_dicom

from osteon.clinic.role import Role
from osteon.clinic.scope import Scope
from osteon.clinic.server.access.csrf import csrf_token
from osteon.clinic.server.context import Context
from osteon.clinic.server.open import listen, open_context, open_store
from osteon.clinic.server.run import Server
from osteon.clinic.settings import Settings
from osteon.clinic.store.access import accounts, keys, sessions
from osteon.clinic.store.tables.pacs import HeldInstance
from osteon.clinic.store.tables.studies import Original, State, Study
from osteon.core.errors import OsteonError

PEERS = {f"SENDER{number}": {"address": "127.0.0.1"} for number in range(8)}


class Room(SimpleNamespace):
    """A server with a node, and clients of its API.

    Attributes:
        url: of the server.
        context: of the server.
        port: of the DICOM node.
        administrator: a client that may do all.
    """

    url: str
    context: Context
    port: int
    administrator: httpx.Client
    stop: Callable[[], None]

    def client(self, role: Role, *scopes: Scope, name: str = "") -> httpx.Client:
        """A client with an API key."""
        with self.context.database.session() as session:
            _, secret = keys.create(session, name or f"of {role}", role, None, "test", scopes or (Scope.ALL,))
        return httpx.Client(
            base_url=self.url, timeout=30, verify=trust(), headers={"Authorization": f"Bearer {secret}"}
        )

    def person(self, name: str, role: Role = Role.READER) -> httpx.Client:
        """A client that somebody with an account has logged in with."""
        with self.context.database.session() as session:
            if accounts.find(session, name) is None:
                accounts.create(session, name, role, None)
                session.flush()
            user = accounts.find(session, name)
            assert user is not None
            secret = sessions.begin(session, user, 12, "127.0.0.1")
        cookies = {f"osteon-{self.context.room}": secret}
        headers = {"X-CSRF-Token": csrf_token(secret)}
        return httpx.Client(base_url=self.url, timeout=30, verify=trust(), cookies=cookies, headers=headers)

    def studies(self) -> dict[str, Study]:
        """The newest version of each study, by StudyInstanceUID."""
        with self.context.database.session() as session:
            rows = session.scalars(select(Study).where(Study.newer.is_(None))).all()
        return {str(row.uid): row for row in rows}

    def instances(self, study: str) -> set[str]:
        """The SOPInstanceUIDs of a version of a study."""
        with self.context.database.session() as session:
            return {str(uid) for uid in session.scalars(select(Original.instance).where(Original.study_id == study))}

    def held(self) -> list[tuple[str, str]]:
        """Reason and SOPInstanceUID of what is in the quarantine."""
        with self.context.database.session() as session:
            rows = session.scalars(select(HeldInstance).order_by(HeldInstance.id)).all()
        return [(row.reason, row.instance) for row in rows]

    def read(self, uid: str, seconds: float = 20.0) -> Study:
        """A study, once it is read."""
        return until(lambda: (row := self.studies().get(uid)) and row.state == State.DONE and row, seconds)


def until(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """What ``look`` finds, once it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found


Rooms = Callable[..., Room]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with an empty database: migrating one for each test would take most of their time."""
    folder = tmp_path_factory.mktemp("empty")
    open_store(Settings(store=folder)).close()
    return folder


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory, boxes_file: Path, empty_store: Path) -> Iterator[Rooms]:
    """Makes servers with a node; they end with the module, or by ``stop``."""
    with ExitStack() as stack:

        def make(store: Path | None = None, **dicom: Any) -> Room:
            folder = store or tmp_path_factory.mktemp("room") / "store"
            if not folder.exists():
                shutil.copytree(empty_store, folder)
            settings = {"port": 0, "store": folder, "bundle": str(boxes_file), "rate": 0, "jobs": 1, "threads": 1}
            node = {"port": 0, "quiet_seconds": 0.3, "peers": PEERS, "patience": 10.0, **dicom}
            made = Settings.model_validate(settings | {"dicom": node})
            taken = listen(made)
            try:
                context = open_context(made)
            except OsteonError:
                taken.close()
                raise
            server = Server(context)
            thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
            thread.start()

            def end() -> None:
                server.should_exit = True
                thread.join(30)
                taken.close()
                assert not thread.is_alive()

            stack.callback(end)
            while not server.started:
                time.sleep(0.01)
            assert context.node.listener is not None
            url = f"http://127.0.0.1:{taken.getsockname()[1]}"
            room = Room(url=url, context=context, port=context.node.listener.port, stop=end)
            room.administrator = stack.enter_context(room.client(Role.ADMINISTRATOR))
            return room

        yield make


@pytest.fixture(scope="module")
def room(rooms: Rooms) -> Room:
    """A server with a node."""
    return rooms()


@pytest.fixture(scope="session")
def film(blobs: Any) -> Callable[..., bytes]:
    """A simulated radiograph as DICOM; another one for each seed: ``film(seed, StudyInstanceUID=..., ...)``."""

    def make(seed: int = 0, syntax: str = "1.2.840.10008.1.2.1", rows: int = 96, **elements: Any) -> bytes:
        bright = (0.0, 0.75, 0.95)[seed % 3]
        picture = blobs.film(bright, shape=(rows, 80), at=(0.3 + 0.05 * (seed % 8), 0.5))
        grain = np.random.default_rng(seed).normal(0, 0.004, picture.shape)
        words = np.rint(np.clip(picture + grain, 0, 1) * 4095).astype(np.uint16)
        stated = {"PatientID": "P7", "BodyPartExamined": "HAND", "WindowCenter": 2047.5, "WindowWidth": 4096}
        return write_dicom(words, syntax=syntax, **{**stated, **elements})

    return make


def dcmtk_program(name: str) -> str:
    """Where a program of dcmtk is: pynetdicom has some of the same names."""
    found = shutil.which(name, path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if found is None:
        pytest.skip(f"needs Debian's dcmtk: {name} is not there")
    return found


def dcmtk(
    program: str, *arguments: object, check: bool = True, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run one of dcmtk's programs."""
    command = [dcmtk_program(program), *map(str, arguments)]
    return subprocess.run(command, check=check, capture_output=True, text=True, timeout=timeout)


def storescu(room: Room, *files: Path, sender: str = "SENDER0", check: bool = True, options: Any = ()) -> Any:
    """Send files with dcmtk."""
    options = [*options, "-aet", sender, "-aec", "OSTEON", "127.0.0.1", room.port]
    return dcmtk("storescu", *options, *files, check=check)


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file: ``put(data)``."""
    numbers = iter(range(10**6))

    def write(data: bytes) -> Path:
        path = tmp_path / f"{next(numbers)}.dcm"
        path.write_bytes(data)
        return path

    return write
